import { expect } from 'chai';
import { encodeAddress, readAddress } from '../../../lib/sms/address.ts';
import { decodeSeptets, encodeSeptets } from '../../../lib/sms/alphabet.ts';
import { fromHex, toHex } from '../../../lib/sms/hex.ts';
import { Reader } from '../../../lib/sms/reader.ts';
import { packSeptets, unpackSeptets } from '../../../lib/sms/septets.ts';
import { decodeUcs2 } from '../../../lib/sms/ucs2.ts';
import type { Check } from './vector.ts';

/** Addresses and user data by themselves; user data has its length in front. */
export const deviceGsm: Check = (vector) => {
  const input = vector['input'] as string;
  const result = vector.expected['result'];
  switch (vector.direction ?? '') {
    case 'encode_address':
      expect(toHex(encodeAddress(input))).to.equal(result);
      return undefined;
    case 'decode_address':
      expect(readAddress(new Reader(fromHex(input)), 'address').number).to.equal(result);
      return undefined;
    case 'encode_text7': {
      const septets = encodeSeptets(input);
      if (typeof septets === 'number') throw new Error(`${input[septets]} is not in the alphabet`);
      expect(toHex(Uint8Array.of(septets.length, ...packSeptets(septets)))).to.equal(result);
      return undefined;
    }
    case 'decode_text7': {
      const octets = fromHex(input);
      expect(decodeSeptets(unpackSeptets(octets.subarray(1), 0, octets[0]))).to.equal(result);
      return undefined;
    }
    case 'decode_text_UCS2': {
      // The expected text is written as escaped UTF-8 octets.
      const utf8 = (result as string).replace(/\\x(..)/g, (_, hex: string) =>
        String.fromCharCode(parseInt(hex, 16)),
      );
      expect(decodeUcs2(fromHex(input).subarray(1))).to.equal(Buffer.from(utf8, 'latin1').toString());
      return undefined;
    }
    default: {
      const octets = fromHex(vector.pdu ?? '');
      expect(decodeSeptets(unpackSeptets(octets))).to.equal(vector.expected['text']);
      return undefined;
    }
  }
};
