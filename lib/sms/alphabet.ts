/**
 * The 7-bit alphabets of 3GPP TS 23.038: a locking table, looked up by the septet itself, and a single shift
 * table for the septet after an escape. Without national languages these are the default alphabet and its
 * extension table. Nothing here fails: a septet without a character is shown as the standard says.
 */
import { DEFAULT_TABLE, EXTENSION_TABLE, LANGUAGES, LOCKING, SINGLE, type Language } from './national.ts';

export const ESCAPE = 0x1b;

/** In a lookup table: the character is in the single shift table. The low seven bits are its septet. */
export const SHIFTED = 0x80;

/** In a lookup table: the alphabet does not have the character. A shifted escape is never a character. */
export const ABSENT = SHIFTED | ESCAPE;

export interface Alphabet {
  /** 128 characters, indexed by septet; NONE where there is none. */
  readonly locking: string;
  /** 128 characters, indexed by the septet after an escape. */
  readonly single: string;
}

/** The GSM 7 bit default alphabet with its extension table, TS 23.038 6.2.1. */
export const DEFAULT_ALPHABET: Alphabet = { locking: DEFAULT_TABLE, single: EXTENSION_TABLE };

/** Which national tables an alphabet is made of. */
export interface Shifts {
  readonly locking?: Language;
  readonly single?: Language;
}

const BY_IDENTIFIER = new Map<number, Language>(
  Object.entries(LANGUAGES).map(([name, identifier]) => [identifier, name as Language]),
);

/** The language of a national language identifier, or undefined where the standard has none. */
export function languageOf(identifier: number): Language | undefined {
  return BY_IDENTIFIER.get(identifier);
}

/** The alphabet made of these tables; where one is not named (or void: Spanish locking) it is the default's. */
export function alphabetOf(shifts: Shifts): Alphabet {
  return {
    locking: lockingTable(shifts.locking) ?? DEFAULT_TABLE,
    single: shifts.single === undefined ? EXTENSION_TABLE : SINGLE[shifts.single],
  };
}

/** The locking shift table of a language, where it has one. */
export function lockingTable(language: Language | undefined): string | undefined {
  return language === undefined || language === 'spanish' ? undefined : LOCKING[language];
}

/**
 * The table that finds a character's septet: one entry for each UTF-16 code unit, its septet, its septet with
 * SHIFTED, or ABSENT. Characters that stand twice take the lower septet; the locking table goes first.
 */
export function lookupTable(alphabet: Alphabet): Uint8Array {
  const lookup = new Uint8Array(0x10000).fill(ABSENT);
  for (let septet = 127; septet >= 0; septet--) {
    const code = alphabet.single.charCodeAt(septet);
    if (code !== 0) lookup[code] = SHIFTED | septet;
  }
  for (let septet = 127; septet >= 0; septet--) {
    const code = alphabet.locking.charCodeAt(septet);
    if (code !== 0) lookup[code] = septet;
  }
  return lookup;
}

/** The lookup table of the default alphabet. */
export const DEFAULT_LOOKUP: Uint8Array = lookupTable(DEFAULT_ALPHABET);

/**
 * Septets as text. An escaped septet without a character shows as the one of the locking table, a second escape
 * or one at the end as a space (6.2.1.1 notes 1 and 3), and so does a septet the locking table leaves unused.
 */
export function decodeSeptets(septets: Uint8Array, alphabet: Alphabet = DEFAULT_ALPHABET): string {
  return (alphabet === DEFAULT_ALPHABET ? decodeLatin(septets) : undefined) ?? decodeWide(septets, alphabet);
}

/** By septet the character of the default alphabet, where it is in Latin-1; else 0. */
const LATIN: Uint8Array = Uint8Array.from(DEFAULT_TABLE, (character) => {
  const code = character.charCodeAt(0);
  return code > 0xff ? 0 : code;
});

/** The common case on a short way: no escapes, and no Greek capitals, which are the only ones beyond Latin-1. */
function decodeLatin(septets: Uint8Array): string | undefined {
  const { length } = septets;
  const text = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) {
    const code = LATIN[septets[i] as number] as number;
    if (code === 0) return undefined;
    text[i] = code;
  }
  return text.toString('latin1', 0, length);
}

function decodeWide(septets: Uint8Array, alphabet: Alphabet): string {
  const { locking, single } = alphabet;
  const wide = Buffer.allocUnsafe(septets.length * 2);
  let n = 0;
  for (let i = 0; i < septets.length; i++) {
    let septet = septets[i] as number;
    let code = 0;
    if (septet === ESCAPE) {
      i++;
      septet = i < septets.length ? (septets[i] as number) : ESCAPE;
      code = single.charCodeAt(septet);
    }
    if (code === 0) code = locking.charCodeAt(septet) || 0x20;
    wide[n++] = code;
    wide[n++] = code >> 8;
  }
  return wide.toString('utf16le', 0, n);
}

/** Text as septets with escapes, or the index of the first character that the alphabet does not have. */
export function encodeSeptets(text: string, lookup: Uint8Array = DEFAULT_LOOKUP): Uint8Array | number {
  const septets = new Uint8Array(text.length * 2);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const septet = lookup[text.charCodeAt(i)] as number;
    if (septet === ABSENT) return i;
    if (septet >= SHIFTED) septets[n++] = ESCAPE;
    septets[n++] = septet & 0x7f;
  }
  return septets.subarray(0, n);
}

/** The cheaper encoding that has every character of a text, national tables aside. */
export function encodingOf(text: string): 'gsm7' | 'ucs2' {
  for (let i = 0; i < text.length; i++) {
    if (DEFAULT_LOOKUP[text.charCodeAt(i)] === ABSENT) return 'ucs2';
  }
  return 'gsm7';
}
