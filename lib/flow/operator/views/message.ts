import { z } from 'zod';
import { given } from '../../../base/given.ts';
import {
  MESSAGE_STATES,
  type Origin,
  type OutgoingMessage,
  type Part,
  type SendOptions,
} from '../../../store/records.ts';
import {
  count,
  faultView,
  hex,
  next,
  octets,
  rulesView,
  stationView,
  time,
  viewFault,
  viewRules,
  viewStation,
} from './fields.ts';

const content = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string() }).readonly(),
  z.strictObject({ kind: z.literal('binary'), data: octets, udh: octets.exactOptional() }).readonly(),
]);

/** 3GPP TS 23.040 9.2.2.2: what the sender may choose of an SMS-SUBMIT. */
const options = z
  .strictObject({
    class: z.literal([0, 1, 2, 3]).exactOptional(),
    pid: count.exactOptional(),
    dcs: count.exactOptional(),
    sender: z.string().exactOptional(),
    validityMinutes: z.number().exactOptional(),
    referenceBits: z.literal([8, 16]).exactOptional(),
    statusReport: z.boolean().exactOptional(),
    smart: z.boolean().exactOptional(),
    values: z.array(z.string()).readonly().exactOptional(),
    msgid: z.string().exactOptional(),
  })
  .readonly();

const part = z
  .strictObject({
    sequence: count,
    state: z.enum(['waiting', 'handing', 'sent', 'delivered', 'undelivered']),
    reference: z.string().exactOptional().meta({ description: "TP-MR, or a provider's message id." }),
    gateway: z.string().exactOptional(),
    at: time.exactOptional(),
    status: count.exactOptional().meta({ description: 'TP-ST of the last status report.' }),
  })
  .readonly();

const origin = z
  .strictObject({
    via: z.string().meta({ description: '`smtp`, `lmtp`, `http`, `cli`, `rule`, ...' }),
    sender: z.string().exactOptional(),
    recipient: z.string().exactOptional().meta({ description: 'As it was addressed, without its password.' }),
    remote: z.string().exactOptional(),
    mailMessageId: z.string().exactOptional(),
    references: z.array(z.string()).readonly().exactOptional(),
    subject: z.string().exactOptional(),
    hops: count.exactOptional(),
    ruleHops: count.exactOptional(),
    rules: rulesView.exactOptional(),
  })
  .readonly();

/** Why a message has not been sent yet. */
export const waitsView = z
  .strictObject({
    cause: z
      .enum(['stopped', 'sending', 'decision', 'gateway', 'rate', 'time', 'turn'])
      .meta({ description: 'What it waits for.' }),
    told: z.string(),
    until: time.exactOptional(),
  })
  .readonly();

/** A message to a phone, as everybody but the store sees it. */
export const messageView = z
  .strictObject({
    id: z.string(),
    number: z.string(),
    text: z.string().exactOptional().meta({ description: 'Absent where it is octets.' }),
    content,
    options,
    parts: z.array(part).readonly(),
    account: z.string().exactOptional(),
    charged: count.meta({ description: 'Parts charged to the account and not given back.' }),
    chargedPeriod: z.string().exactOptional(),
    gateway: z.string().exactOptional().meta({ description: 'The one that it is pinned to.' }),
    priority: z.int(),
    state: z.enum(MESSAGE_STATES),
    attempts: count,
    created: time,
    notBefore: time,
    expires: time,
    settledAt: time.exactOptional(),
    origin,
    fault: faultView.exactOptional(),
    repeats: count.exactOptional(),
    trace: z.array(stationView).readonly(),
    waits: waitsView.exactOptional(),
  })
  .readonly();

export type MessageView = z.output<typeof messageView>;
export type WaitsView = z.output<typeof waitsView>;

/** Messages, state by state in the order asked for, newest first in each. */
export const messagePage = z.strictObject({ messages: z.array(messageView).readonly(), next }).readonly();

export type MessagePage = z.output<typeof messagePage>;

/** What became of a page of messages that something was done to. */
export const amendedView = z
  .strictObject({
    done: count,
    busy: count.meta({ description: 'Being sent right now: left as they are.' }),
    refused: count.meta({ description: 'In a state that does not allow it: left as they are.' }),
    next,
  })
  .readonly();

export type AmendedView = z.output<typeof amendedView>;

/** What stays behind: the lane, the reference that ties parts together, the header block kept for reports. */
export function viewMessage(message: OutgoingMessage, waits?: WaitsView): MessageView {
  const { content } = message;
  return given({
    id: message.id,
    number: message.number,
    text: content.kind === 'text' ? content.text : undefined,
    content:
      content.kind === 'text'
        ? { kind: content.kind, text: content.text }
        : given({
            kind: content.kind,
            data: hex(content.data),
            udh: content.udh === undefined ? undefined : hex(content.udh),
          }),
    options: viewOptions(message.options),
    parts: message.parts.map(viewPart),
    account: message.account,
    charged: message.charged,
    chargedPeriod: message.chargedPeriod,
    gateway: message.gateway,
    priority: message.priority,
    state: message.state,
    attempts: message.attempts,
    created: message.created,
    notBefore: message.notBefore,
    expires: message.expires,
    settledAt: message.settledAt,
    origin: viewOrigin(message.origin),
    fault: message.fault === undefined ? undefined : viewFault(message.fault),
    repeats: message.repeats,
    trace: message.trace.map(viewStation),
    waits,
  });
}

function viewOptions(kept: SendOptions): z.output<typeof options> {
  return given({
    class: kept.class,
    pid: kept.pid,
    dcs: kept.dcs,
    sender: kept.sender,
    validityMinutes: kept.validityMinutes,
    referenceBits: kept.referenceBits,
    statusReport: kept.statusReport,
    smart: kept.smart,
    values: kept.values,
    msgid: kept.msgid,
  });
}

function viewPart({ sequence, state, reference, gateway, at, status }: Part): z.output<typeof part> {
  return given({ sequence, state, reference, gateway, at, status });
}

function viewOrigin(kept: Origin): z.output<typeof origin> {
  return given({
    via: kept.via,
    sender: kept.sender,
    recipient: kept.recipient,
    remote: kept.remote,
    mailMessageId: kept.mailMessageId,
    references: kept.references,
    subject: kept.subject,
    hops: kept.hops,
    ruleHops: kept.ruleHops,
    rules: kept.rules === undefined ? undefined : viewRules(kept.rules),
  });
}
