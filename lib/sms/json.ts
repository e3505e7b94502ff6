/** A decoded PDU as one flat object for scripts: octets in hexadecimal, what is absent left out. */
import type { Address } from './address.ts';
import { toHex } from './hex.ts';
import type { Timestamp } from './timestamp.ts';
import type { Tpdu } from './tpdu.ts';
import type { InformationElement } from './udh.ts';

/** What `tpduJson` gives. `class` is the message class; in a status report, the class of the status. */
export type TpduJson = Readonly<Record<string, unknown>> & { readonly type: Tpdu['type'] };

/** The flat form of a TPDU. Its members stay; others may be added. */
export function tpduJson(tpdu: Tpdu): TpduJson {
  const { elements } = tpdu;
  return present({
    type: tpdu.type,
    smsc: tpdu.smsc?.number,
    number: addressOfTpdu(tpdu)?.number,
    text: 'text' in tpdu ? tpdu.text : undefined,
    encoding: 'encoding' in tpdu ? tpdu.encoding : undefined,
    dcs: 'dcs' in tpdu ? tpdu.dcs?.raw : undefined,
    pid: tpdu.pid,
    udh: tpdu.udh && toHex(tpdu.udh),
    data: tpdu.data && toHex(tpdu.data),
    concat: 'concat' in tpdu && tpdu.concat ? only(tpdu.concat, ['ref', 'total', 'seq', 'bits']) : undefined,
    timestamp: 'timestamp' in tpdu ? timeOf(tpdu.timestamp) : undefined,
    ...specifics(tpdu),
    ports: 'ports' in tpdu ? tpdu.ports : undefined,
    elements: elements?.map(elementJson),
    truncated: 'truncated' in tpdu ? tpdu.truncated : undefined,
  });
}

/** The other party's address. */
export function addressOfTpdu(tpdu: Tpdu): Address | undefined {
  switch (tpdu.type) {
    case 'deliver':
      return tpdu.originator;
    case 'submit':
    case 'command':
      return tpdu.destination;
    case 'status-report':
      return tpdu.recipient;
    case 'deliver-report':
    case 'submit-report':
      return undefined;
  }
}

function specifics(tpdu: Tpdu): Record<string, unknown> {
  switch (tpdu.type) {
    case 'deliver':
      return {
        class: tpdu.dcs.class,
        waiting: tpdu.dcs.waiting,
        timestampRaw: tpdu.timestamp.valid ? undefined : tpdu.timestamp.raw,
        moreMessages: tpdu.moreMessages || undefined,
        loopPrevention: tpdu.loopPrevention || undefined,
        statusReport: tpdu.statusReport || undefined,
        replyPath: tpdu.replyPath || undefined,
      };
    case 'submit':
      return {
        reference: tpdu.reference,
        class: tpdu.dcs.class,
        waiting: tpdu.dcs.waiting,
        validity: validityOf(tpdu),
        rejectDuplicates: tpdu.rejectDuplicates || undefined,
        statusReport: tpdu.statusReport || undefined,
        replyPath: tpdu.replyPath || undefined,
      };
    case 'status-report':
      return {
        reference: tpdu.reference,
        status: tpdu.status,
        class: tpdu.statusClass,
        statusName: tpdu.statusName,
        final: tpdu.final,
        discharge: timeOf(tpdu.discharge),
        timestampRaw: tpdu.timestamp.valid ? undefined : tpdu.timestamp.raw,
        moreMessages: tpdu.moreMessages || undefined,
        forCommand: tpdu.forCommand || undefined,
      };
    case 'command':
      return {
        reference: tpdu.reference,
        command: tpdu.command,
        commandName: tpdu.commandName,
        messageNumber: tpdu.messageNumber,
        statusReport: tpdu.statusReport || undefined,
      };
    case 'deliver-report':
    case 'submit-report':
      return { failureCause: tpdu.failureCause, failureName: tpdu.failureName };
  }
}

function validityOf({ validity }: Extract<Tpdu, { type: 'submit' }>): unknown {
  switch (validity?.format) {
    case undefined:
      return undefined;
    case 'relative':
      return { minutes: validity.minutes };
    case 'absolute':
      return { until: timeOf(validity.until) ?? validity.until.raw };
    case 'enhanced':
      return present({ seconds: validity.seconds, singleShot: validity.singleShot || undefined });
  }
}

/** RFC 3339, where the octets are a time. */
function timeOf(timestamp: Timestamp): string | undefined {
  return timestamp.epochMs === undefined ? undefined : timestamp.iso;
}

function elementJson({ id, name, data }: InformationElement): Record<string, unknown> {
  return { id, name, data: toHex(data) };
}

function only<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, value[key]])) as Pick<T, K>;
}

function present<T extends Record<string, unknown>>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
