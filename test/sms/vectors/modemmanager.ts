import { expect } from 'chai';
import { encodeAddress, encodeSmsc } from '../../../lib/sms/address.ts';
import type { MessageClass } from '../../../lib/sms/dcs.ts';
import { DecodeError } from '../../../lib/sms/errors.ts';
import { toHex } from '../../../lib/sms/hex.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { encodeSubmit } from '../../../lib/sms/submit.ts';
import { decoded, firstPart, instant, numberOf, pduOf, type Check } from './vector.ts';

interface Input {
  readonly address: string;
  readonly is_smsc: boolean;
  readonly smsc: string | null;
  readonly number: string;
  readonly text: string;
  readonly validity_minutes: number;
  readonly class: number;
}

export const modemmanager: Check = (vector) => {
  const { expected } = vector;
  const input = vector['input'] as Input;
  if (vector.direction === 'encode-address') {
    const octets = input.is_smsc ? encodeSmsc(input.address) : encodeAddress(input.address);
    expect(toHex(octets)).to.equal(expected['bytes']);
    return undefined;
  }
  if (vector.direction === 'encode') {
    const tpdu = encodeSubmit({
      destination: input.number,
      segment: firstPart(segment(input.text).parts),
      validity: input.validity_minutes > 0 ? input.validity_minutes : undefined,
      class: input.class >= 0 ? (input.class as MessageClass) : undefined,
    });
    expect(pduOf(input.smsc ?? undefined, tpdu)).to.equal(expected['pdu']);
    return undefined;
  }
  if (expected['error'] === true) {
    expect(() => decoded(vector, { direction: 'from-mobile' })).to.throw(DecodeError);
    return undefined;
  }
  const tpdu = decoded(vector);
  if (tpdu.type === 'command') throw new Error('decoded as a command');
  expect(tpdu.smsc?.number ?? null).to.equal(expected['smsc']);
  expect(numberOf(tpdu)).to.equal(expected['number']);
  expect(tpdu.text ?? null).to.equal(expected['text']);
  expect(tpdu.data === undefined ? null : toHex(tpdu.data)).to.equal(expected['data_hex']);
  expect(tpdu.concat !== undefined).to.equal(expected['multipart']);
  if (tpdu.type === 'deliver') {
    expect(tpdu.timestamp.epochMs).to.equal(instant(expected['timestamp'] as string));
  }
  return undefined;
};
