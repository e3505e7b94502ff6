/**
 * The charset of octets that are no UTF-8 and bear no label, or a Western one that cannot be: devices and programs of China,
 * Taiwan, Japan, Korea and Russia that write as they always have.
 *
 * Western text has an octet above 0x7F here and there among ASCII letters; what is looked for here is made of little else.
 * In a multi-octet charset every such octet has to be part of a character, most characters have to be of those in
 * daily use, which have a region of their own in each table, and they stand next to each other. Cyrillic is known by its ten most frequent letters.
 * Where nothing fits, nothing is said. A pure function; time is linear to the sample.
 */

const SAMPLE_OCTETS = 4096;
/** Fewer characters say nothing. */
const MIN_CHARACTERS = 5;
const MIN_LETTERS = 12;
const MIN_DISTINCT = 6;

interface MultiOctet {
  readonly charset: string;
  readonly isLead: (octet: number) => boolean;
  readonly isTrail: (octet: number) => boolean;
  /** Is this a character of daily use? Punctuation and digits of full width count as well. */
  readonly isCommon: (lead: number, trail: number) => boolean;
  /** Characters that only this language has so many of, and their least share. */
  readonly typical?: { readonly is: (lead: number, trail: number) => boolean; readonly share: number };
}

const within =
  (low: number, high: number) =>
  (octet: number): boolean =>
    octet >= low && octet <= high;
const isEuc = within(0xa1, 0xfe);

/**
 * In the order in which they are tried: each is told from those after it. EUC-JP and Shift_JIS by their kana; KS X 1001 has its
 * syllables in the rows B0 to C8, and GB 2312 its daily characters in B0 to D7, of which Chinese text uses all.
 */
const TABLES: readonly MultiOctet[] = [
  {
    charset: 'euc-jp',
    isLead: isEuc,
    isTrail: isEuc,
    isCommon: (lead) => lead <= 0xcf,
    typical: { is: (lead) => lead === 0xa4 || lead === 0xa5, share: 0.2 },
  },
  {
    charset: 'cp949',
    isLead: isEuc,
    isTrail: isEuc,
    isCommon: (lead) => lead <= 0xa3 || (lead >= 0xb0 && lead <= 0xc8),
    typical: { is: (lead) => lead >= 0xb0 && lead <= 0xc8, share: 0.7 },
  },
  {
    charset: 'gb18030',
    isLead: within(0xa1, 0xf7),
    isTrail: isEuc,
    isCommon: (lead) => lead <= 0xa3 || (lead >= 0xb0 && lead <= 0xd7),
  },
  {
    charset: 'big5',
    isLead: within(0xa1, 0xf9),
    isTrail: (octet) => within(0x40, 0x7e)(octet) || isEuc(octet),
    isCommon: (lead) => lead <= 0xc6,
  },
  {
    charset: 'cp932',
    isLead: (octet) => within(0x81, 0x9f)(octet) || within(0xe0, 0xfc)(octet),
    isTrail: (octet) => within(0x40, 0x7e)(octet) || within(0x80, 0xfc)(octet),
    isCommon: (lead) => lead <= 0x98,
    typical: {
      is: (lead, trail) =>
        (lead === 0x82 && within(0x9f, 0xf1)(trail)) || (lead === 0x83 && within(0x40, 0x96)(trail)),
      share: 0.15,
    },
  },
];

/** Least share of characters of daily use. */
const COMMON = 0.9;
/** Least share of characters that stand right behind another. */
const ADJACENT = 0.5;

/** о е а и н т с р в л in small and capital letters: two thirds of all letters in Russian, and nearly as many in its kin. */
const CYRILLIC: readonly (readonly [charset: string, letters: ReadonlySet<number>])[] = [
  [
    'windows-1251',
    new Set([
      0xee, 0xe5, 0xe0, 0xe8, 0xed, 0xf2, 0xf1, 0xf0, 0xe2, 0xeb, 0xce, 0xc5, 0xc0, 0xc8, 0xcd, 0xd2, 0xd1,
      0xd0, 0xc2, 0xcb,
    ]),
  ],
  [
    'koi8-r',
    new Set([
      0xcf, 0xc5, 0xc1, 0xc9, 0xce, 0xd4, 0xd3, 0xd2, 0xd7, 0xcc, 0xef, 0xe5, 0xe1, 0xe9, 0xee, 0xf4, 0xf3,
      0xf2, 0xf7, 0xec,
    ]),
  ],
];
const FREQUENT = 0.5;

/** A charset by the name iconv-lite has for it; undefined where the octets may as well be Western. */
export function guessCharset(octets: Buffer): string | undefined {
  const sample = octets.subarray(0, SAMPLE_OCTETS);
  return TABLES.find((table) => fits(sample, table))?.charset ?? cyrillic(sample);
}

function fits(sample: Buffer, { isLead, isTrail, isCommon, typical }: MultiOctet): boolean {
  let characters = 0;
  let common = 0;
  let typicals = 0;
  let adjacent = 0;
  let previousEnd = -1;
  for (let at = 0; at < sample.length; at++) {
    const lead = sample[at] ?? 0;
    if (lead < 0x80) continue;
    const trail = sample[at + 1];
    // The sample may end within a character.
    if (trail === undefined && characters > 0) break;
    if (trail === undefined || !isLead(lead) || !isTrail(trail)) return false;
    characters++;
    if (isCommon(lead, trail)) common++;
    if (typical?.is(lead, trail) === true) typicals++;
    if (previousEnd === at) adjacent++;
    previousEnd = at + 2;
    at++;
  }
  return (
    characters >= MIN_CHARACTERS &&
    common >= characters * COMMON &&
    adjacent >= characters * ADJACENT &&
    (typical === undefined || typicals >= characters * typical.share)
  );
}

function cyrillic(sample: Buffer): string | undefined {
  const letters = sample.filter((octet) => octet >= 0xc0);
  const latin = sample.filter((octet) => /[A-Za-z]/.test(String.fromCharCode(octet)));
  if (letters.length < MIN_LETTERS || letters.length < latin.length) return undefined;
  if (new Set(letters).size < MIN_DISTINCT) return undefined;
  const shares = CYRILLIC.map(([charset, frequent]) => ({
    charset,
    share: letters.filter((octet) => frequent.has(octet)).length / letters.length,
  }));
  const [best] = shares.sort((one, other) => other.share - one.share);
  return best !== undefined && best.share >= FREQUENT ? best.charset : undefined;
}
