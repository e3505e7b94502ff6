import { expect } from 'chai';
import {
  ABSENT,
  DEFAULT_ALPHABET,
  alphabetOf,
  decodeSeptets,
  encodeSeptets,
  encodingOf,
  lookupTable,
} from '../../lib/sms/alphabet.ts';
import { isAlone } from '../../lib/sms/cut.ts';
import { LANGUAGES, LOCKING, NONE, SINGLE, type Language } from '../../lib/sms/national.ts';
import { packSeptets, packUssd, unpackSeptets, unpackUssd } from '../../lib/sms/septets.ts';
import { decodeUcs2, encodeUcs2 } from '../../lib/sms/ucs2.ts';

const languages = Object.keys(LANGUAGES) as Language[];

function septets(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

describe('the 7-bit alphabets', () => {
  it('have 127 characters in the default alphabet, with the escape as the 128th', () => {
    const used = [...DEFAULT_ALPHABET.locking].filter((character) => character !== NONE);
    expect(new Set(used)).to.have.property('size', 127);
    expect(DEFAULT_ALPHABET.locking[0x1b]).to.equal(NONE);
  });

  for (const language of languages) {
    it(`find every ${language} character again that they write`, () => {
      for (const shifts of [
        { single: language },
        { locking: language },
        { locking: language, single: language },
      ]) {
        const alphabet = alphabetOf(shifts);
        expect(alphabet.locking).to.have.length(128);
        expect(alphabet.single).to.have.length(128);
        const lookup = lookupTable(alphabet);
        for (const character of alphabet.locking + alphabet.single) {
          if (character === NONE) continue;
          const encoded = encodeSeptets(character, lookup) as Uint8Array;
          expect(decodeSeptets(encoded, alphabet), `U+${character.charCodeAt(0).toString(16)}`).to.equal(
            character,
          );
        }
      }
    });
  }

  it('keep the escape position of every table free', () => {
    for (const table of [...Object.values(LOCKING), ...Object.values(SINGLE)])
      expect(table[0x1b]).to.equal(NONE);
  });

  it('keep line feed and carriage return in every locking table', () => {
    for (const table of Object.values(LOCKING)) expect(table[0x0a] + (table[0x0d] ?? '')).to.equal('\n\r');
  });

  const shown = [
    ['an escape pair', [0x1b, 0x65], '€'],
    ['a second escape, as a space', [0x1b, 0x1b, 0x41], ' A'],
    ['an escape at the end, as a space', [0x41, 0x1b], 'A '],
    ['an unknown escaped septet by the default table', [0x1b, 0x41], 'A'],
    ['an escaped carriage return', [0x1b, 0x0d], '\r'],
    ['a page break', [0x1b, 0x0a], '\f'],
    ['Greek capitals', [0x10, 0x12, 0x1a], 'ΔΦΞ'],
    ['@ at either end', [0, 0x41, 0], '@A@'],
  ] as const;
  for (const [name, values, text] of shown) {
    it(`show ${name}`, () => {
      expect(decodeSeptets(septets(...values))).to.equal(text);
    });
  }

  it('show an unused septet of a locking table as a space', () => {
    expect(decodeSeptets(septets(0x0e), alphabetOf({ locking: 'bengali' }))).to.equal(' ');
  });

  it('show an escaped septet without a character by the locking table in use', () => {
    expect(decodeSeptets(septets(0x1b, 0x04), alphabetOf({ locking: 'turkish' }))).to.equal('€');
  });

  it('use the default alphabet where the locking table is void (Spanish)', () => {
    expect(alphabetOf({ locking: 'spanish' }).locking).to.equal(DEFAULT_ALPHABET.locking);
  });

  it('say at which character a text leaves the alphabet', () => {
    expect(encodeSeptets('Zkouška')).to.equal(4);
    expect(lookupTable(DEFAULT_ALPHABET)['š'.charCodeAt(0)]).to.equal(ABSENT);
    expect(encodingOf('Zkouška')).to.equal('ucs2');
    expect(encodingOf('ÄÖÜ €[]')).to.equal('gsm7');
  });

  it('write the Portuguese character whose septet is 7f', () => {
    const alphabet = alphabetOf({ single: 'portuguese' });
    expect(encodeSeptets('â', lookupTable(alphabet))).to.deep.equal(septets(0x1b, 0x7f));
  });
});

describe('packing', () => {
  it('tells seven spare bits from an @ by the count only', () => {
    const packed = packSeptets(septets(1, 2, 3, 4, 5, 6, 7));
    expect(packed).to.have.length(7);
    expect([...unpackSeptets(packed)]).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 0]);
    expect([...unpackSeptets(packed, 0, 7)]).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
    expect([...packSeptets(septets(1, 2, 3, 4, 5, 6, 7, 0))]).to.deep.equal([...packed]);
  });

  it('fills seven spare bits with CR for USSD, and doubles a CR on an octet boundary', () => {
    const seven = septets(1, 2, 3, 4, 5, 6, 7);
    expect([...unpackSeptets(packUssd(seven))]).to.deep.equal([...seven, 13]);
    expect([...unpackUssd(packUssd(seven))]).to.deep.equal([...seven]);
    const onBoundary = septets(1, 2, 3, 4, 5, 6, 7, 13);
    expect([...unpackUssd(packUssd(onBoundary))]).to.deep.equal([...onBoundary]);
  });
});

describe('UCS-2', () => {
  it('carries surrogates, and half of one until the other comes', () => {
    const octets = encodeUcs2('a😀');
    expect(decodeUcs2(octets)).to.equal('a😀');
    const halves = decodeUcs2(octets.subarray(0, 4)) + decodeUcs2(octets.subarray(4));
    expect(halves).to.equal('a😀');
  });

  it('drops half a character at the end', () => {
    expect(decodeUcs2(Uint8Array.of(0, 65, 0))).to.equal('A');
  });
});

describe('characters that need no segmenter', () => {
  it('are grapheme clusters of their own beside any other such', () => {
    const alone = Array.from({ length: 0x10000 }, (_, code) => code).filter(isAlone);
    expect(alone.length).to.be.greaterThan(20_000);
    const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
    for (let at = 0; at < alone.length; at += 100) {
      const piece = alone.slice(at, at + 100);
      const text = piece.map((code) => String.fromCharCode(code, code)).join('');
      expect([...graphemes.segment(text)], `from U+${piece[0]?.toString(16)}`).to.have.length(
        2 * piece.length,
      );
    }
  });
});
