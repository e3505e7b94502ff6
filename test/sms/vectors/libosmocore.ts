import { expect } from 'chai';
import { encodeAddress } from '../../../lib/sms/address.ts';
import { DEFAULT_ALPHABET, decodeSeptets, encodeSeptets } from '../../../lib/sms/alphabet.ts';
import { decodeDcs } from '../../../lib/sms/dcs.ts';
import { fromHex, toHex } from '../../../lib/sms/hex.ts';
import { Reader } from '../../../lib/sms/reader.ts';
import { packSeptets, unpackSeptets } from '../../../lib/sms/septets.ts';
import { encodeUserData, readUserData } from '../../../lib/sms/user-data.ts';
import type { Check } from './vector.ts';

export const libosmocore: Check = (vector) => {
  const octets = fromHex(vector.pdu ?? '');
  const { expected } = vector;
  if (vector.direction === 'encode address') {
    const { ton, number } = vector['input'] as { ton: string; number: string };
    const encoded = encodeAddress({ number, ton: Number(/\d/.exec(ton)?.[0]) });
    expect(toHex(encoded)).to.equal(expected['bytes']);
    return undefined;
  }
  const text = expected['text'] as string;
  if (vector.direction === 'pack/unpack GSM7') {
    const count = expected['septets'] as number;
    expect(decodeSeptets(unpackSeptets(octets, 0, count), DEFAULT_ALPHABET)).to.equal(text);
    const septets = encodeSeptets(text);
    if (typeof septets === 'number') throw new Error(`${text[septets]} is not in the alphabet`);
    expect(septets).to.have.length(count);
    expect(toHex(packSeptets(septets))).to.equal(vector.pdu);
    return undefined;
  }
  const length = expected['udl_septets_with_header'] as number;
  const userData = readUserData({}, new Reader(Uint8Array.of(length, ...octets)), decodeDcs(0), true, false);
  expect(userData.text).to.equal(text);
  expect(userData.concat?.ref).to.equal(0x6f);
  const again = encodeUserData({ text, udh: userData.udh }, decodeDcs(0));
  expect(toHex(again.userData)).to.equal(vector.pdu);
  expect(again.userDataLength).to.equal(length);
  return undefined;
};
