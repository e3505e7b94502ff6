import { expect } from 'chai';
import { alphabetOf, decodeSeptets } from '../../../lib/sms/alphabet.ts';
import type { Language } from '../../../lib/sms/national.ts';
import { fromHex } from '../../../lib/sms/hex.ts';
import type { Span } from '../../../lib/sms/reader.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { unpackSeptets } from '../../../lib/sms/septets.ts';
import { encodeSubmit } from '../../../lib/sms/submit.ts';
import { decoded, firstPart, numberOf, pduOf, textOf, type Check, type Vector } from './vector.ts';

export const ofono: Check = (vector) => {
  const { expected } = vector;
  const input = vector['input'] as { smsc: string; number: string; text: string };
  if (vector.direction === 'encode-split') {
    expect(segment(input.text).parts).to.have.length(expected['segments'] as number);
    return undefined;
  }
  if (vector.direction === 'encode') {
    const part = firstPart(segment(input.text).parts);
    const tpdu = encodeSubmit({ destination: input.number, segment: part, validity: 24 * 60 });
    expect(pduOf(input.smsc, tpdu)).to.equal(expected['pdu']);
    return undefined;
  }
  if (vector.direction !== 'decode') return 'no check';
  if (expected['locking'] !== undefined) return charset(vector);
  const tpdu = decoded(vector);
  if (tpdu.type === 'status-report') {
    expect(tpdu.reference).to.equal(expected['mr']);
    expect(tpdu.recipient.number).to.equal(expected['number']);
    expect(tpdu.status).to.equal(expected['status']);
    return undefined;
  }
  if (tpdu.type !== 'deliver') throw new Error(`decoded as ${tpdu.type}`);
  if (expected['text'] === undefined) return undefined;
  const scts = expected['scts'] as Record<
    'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'tz_quarters',
    number
  >;
  expect(tpdu.smsc?.number).to.equal(expected['smsc']);
  expect(numberOf(tpdu)).to.equal(expected['number']);
  expect(tpdu.originator.type).to.equal(expected['number_type']);
  expect(tpdu.pid).to.equal(expected['pid']);
  expect(tpdu.dcs.raw).to.equal(expected['dcs']);
  expect(tpdu.userDataLength).to.equal(expected['udl']);
  expect(textOf(tpdu)).to.equal(expected['text']);
  const { year, month, day, hour, minute, second, tz_quarters } = scts;
  const utc = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  expect(tpdu.timestamp.epochMs).to.equal(utc - tz_quarters * 15 * 60_000);
  return undefined;
};

/** All septets of an alphabet in one message; the tables are given from outside, not in a header. */
function charset(vector: Vector): undefined {
  const { expected } = vector;
  const spans: Span[] = [];
  decoded(vector, { direction: 'from-mobile', spans });
  const octets = fromHex(vector.pdu ?? '');
  const ud = spans.find((span) => span.field === 'ud');
  const udl = octets[spans.find((span) => span.field === 'udl')?.offset ?? -1];
  if (ud === undefined || udl === undefined) throw new Error('no user data');
  expect(ud.length).to.equal(expected['ud_octets']);
  const septets = unpackSeptets(octets.subarray(ud.offset, ud.offset + ud.length), 0, udl);
  const locking = language(expected['locking']);
  const single = language(expected['single']);
  const alphabet = alphabetOf({ ...(locking && { locking }), ...(single && { single }) });
  expect(decodeSeptets(septets, alphabet)).to.equal(expected['text']);
}

function language(name: unknown): Language | undefined {
  return name === 'DEFAULT' ? undefined : ((name as string).toLowerCase() as Language);
}
