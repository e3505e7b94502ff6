import { expect } from 'chai';
import { encodeDcs } from '../../../lib/sms/dcs.ts';
import { encodeDeliver } from '../../../lib/sms/deliver.ts';
import { DecodeError } from '../../../lib/sms/errors.ts';
import { fromHex, toHex } from '../../../lib/sms/hex.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { encodeSubmit } from '../../../lib/sms/submit.ts';
import { decodeTpdu } from '../../../lib/sms/tpdu.ts';
import { decoded, firstPart, instant, numberOf, pduOf, textOf, type Check, type Vector } from './vector.ts';

/** Modem dialogues, and what gammu made of them. */
export const gammuDecode: Check = (vector) => {
  const { expected } = vector;
  const hex = vector.pdu ?? pduLine(vector);
  if (expected['gammu_must_fail'] === true) {
    expect(() => decodeTpdu(fromHex(hex))).to.throw(DecodeError);
    return undefined;
  }
  if (vector.mode !== 'PDU') return 'no check';
  const detail = expected['detail'] as string;
  const submit = detail.includes('pdu=3');
  const tpdu = decodeTpdu(fromHex(hex), { direction: submit ? 'from-mobile' : 'to-mobile' });
  expect(numberOf(tpdu)).to.equal(expected['sms_1_number']);
  expect(tpdu.smsc?.number).to.equal(/smsc=(\S+)/.exec(detail)?.[1]);
  const text = (expected['decoded_1_text'] as string | undefined) || (expected['sms_1_text'] as string);
  if (tpdu.type === 'status-report') {
    expect(tpdu.reference).to.equal(Number(expected['sms_1_reference']));
    expect(tpdu.statusClass).to.equal('delivered');
    expect(tpdu.discharge.epochMs).to.equal(instant(expected['sms_1_smsc_datetime'] as string));
  } else if (text !== '') {
    expect(textOf(tpdu)).to.equal(text);
  }
  if (tpdu.type === 'deliver' || tpdu.type === 'status-report') {
    expect(tpdu.timestamp.epochMs).to.equal(instant(expected['sms_1_datetime'] as string));
  }
  return undefined;
};

/** The line after `+CMGR:`, with the stray quotation mark one phone puts behind it taken off. */
function pduLine(vector: Vector): string {
  const lines = vector['dialogue'] as string[];
  return (lines[2] ?? '').replace(/"$/, '');
}

interface Backup {
  readonly smsc: string;
  readonly number: string;
  readonly coding: string;
  readonly state: string;
  readonly sent: string | null;
  readonly text: string;
}

/** Messages of a backup as gammu would write them to a phone. */
export const gammuEncode: Check = (vector) => {
  const input = vector['input'] as Backup;
  const encoding = input.coding === 'Unicode' ? 'ucs2' : 'gsm7';
  const { parts } = segment(input.text, { encoding, maxParts: 1 });
  const part = firstPart(parts);
  const dcs = encodeDcs({ alphabet: encoding });
  const tpdu =
    vector.type === 'DELIVER'
      ? encodeDeliver({
          originator: input.number,
          timestamp: sentTime(vector, input),
          segment: part,
          dcs,
          moreMessages: true,
        })
      : encodeSubmit({ destination: input.number, segment: part, dcs, validity: 63 * 7 * 24 * 60 });
  expect(pduOf(input.smsc, tpdu)).to.equal(vector.expected['pdu']);
  return undefined;
};

/** gammu puts its own zone behind the local time; it is taken from the octets. */
function sentTime(vector: Vector, input: Backup): string {
  const tpdu = decoded(vector, { direction: 'to-mobile' });
  if (tpdu.type !== 'deliver') throw new Error(`decoded as ${tpdu.type}`);
  const digits = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(input.sent ?? '');
  if (digits === null) return tpdu.timestamp.iso;
  const [, year, month, day, hour, minute, second] = digits;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${tpdu.timestamp.iso.slice(19)}`;
}

/** What `gammu displaysms` made for its dummy phone: decoded, and encoded again to the same octets. */
export const gammuDisplay: Check = (vector) => {
  const parts = vector['parts'] as { udh: string | null; ud: string; pdu_whole: string }[];
  for (const part of parts) {
    const tpdu = decodeTpdu(fromHex(part.pdu_whole), { direction: 'from-mobile' });
    if (tpdu.type !== 'submit') throw new Error(`decoded as ${tpdu.type}`);
    expect(tpdu.udh && toHex(tpdu.udh)).to.equal(part.udh?.slice(2));
    const args = (vector['input'] as { args: string[] }).args;
    expect(tpdu.destination.number).to.equal(args[1]);
    const at = args.indexOf('-textutf8');
    if (at >= 0 && tpdu.text !== undefined && parts.length === 1) expect(tpdu.text).to.equal(args[at + 1]);
    expect(tpdu.statusReport).to.equal(args.includes('-report'));
    expect(tpdu.replyPath).to.equal(args.includes('-reply'));
    expect(tpdu.dcs.class === 0).to.equal(args.includes('-flash'));
    expect(tpdu.validity).to.deep.include({ format: 'relative', raw: 255 });
    if (part.udh === null) {
      const again = encodeSubmit({
        destination: tpdu.destination,
        segment: firstPart(segment(tpdu.text ?? '').parts),
        validity: tpdu.validity,
        dcs: tpdu.dcs.raw,
        statusReport: tpdu.statusReport,
        replyPath: tpdu.replyPath,
      });
      expect(pduOf(tpdu.smsc, again).slice(4)).to.equal(part.pdu_whole.slice(4));
    }
  }
  const at = vector.test === 'TEXT long' || vector.test === 'TEXT long 16bit ref' ? 'long' : undefined;
  if (at === 'long') {
    const { args } = vector['input'] as { args: string[] };
    const bits = args.includes('-16bit') ? 16 : 8;
    const [first] = parts;
    const reference = parseInt(first?.udh?.slice(6, bits === 16 ? 10 : 8) ?? '', 16);
    const result = segment(args[args.indexOf('-textutf8') + 1] ?? '', { reference, referenceBits: bits });
    expect(result.parts.map((part) => toHex(part.userData))).to.deep.equal(
      parts.map((part) => part.pdu_whole.slice(-((part.udh?.length ?? 0) + part.ud.length))),
    );
  }
  return undefined;
};
