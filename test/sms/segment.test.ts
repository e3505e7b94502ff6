import { expect } from 'chai';
import { segmentBinary } from '../../lib/sms/binary.ts';
import { EncodeError } from '../../lib/sms/errors.ts';
import { fromHex, toHex } from '../../lib/sms/hex.ts';
import { assemble } from '../../lib/sms/reassembly.ts';
import { segment, type SegmentOptions, type Segmentation } from '../../lib/sms/segment.ts';
import { encodeSubmit } from '../../lib/sms/submit.ts';
import { decodeTpdu, type Tpdu } from '../../lib/sms/tpdu.ts';

const FAMILY = '👨‍👩‍👧‍👦';
const FLAG = '🇩🇪';

function received({ parts }: Pick<Segmentation, 'parts'>): Extract<Tpdu, { type: 'submit' }>[] {
  return parts.map((part) => {
    const pdu = encodeSubmit({ destination: '+15551234567', segment: part });
    const tpdu = decodeTpdu(pdu, { smsc: false, direction: 'from-mobile' });
    if (tpdu.type !== 'submit') throw new Error(`decoded as ${tpdu.type}`);
    return tpdu;
  });
}

function texts(result: Segmentation): (string | undefined)[] {
  return received(result).map((tpdu) => tpdu.text);
}

describe('segmentation of texts', () => {
  const cases: readonly [string, string, SegmentOptions, Partial<Segmentation> & { count: number }][] = [
    ['an empty text', '', {}, { encoding: 'gsm7', count: 1, unitsUsed: 0, unitsLeft: 160 }],
    [
      '160 characters of GSM 7-bit',
      'a'.repeat(160),
      {},
      { encoding: 'gsm7', count: 1, unitsUsed: 160, unitsLeft: 0 },
    ],
    ['161 of them', 'a'.repeat(161), {}, { count: 2, unitsUsed: 161, unitsLeft: 145, unitsPerPart: 153 }],
    [
      '161 with a 16-bit reference',
      'a'.repeat(161),
      { referenceBits: 16 },
      { count: 2, unitsPerPart: 152, unitsLeft: 143 },
    ],
    ['80 that need an escape', '€'.repeat(80), {}, { encoding: 'gsm7', count: 1, unitsUsed: 160 }],
    ['81 that need an escape', '€'.repeat(81), {}, { count: 2, unitsUsed: 162 }],
    [
      '70 beyond GSM 7-bit',
      'я'.repeat(70),
      {},
      { encoding: 'ucs2', count: 1, unitsUsed: 70, unitsLeft: 0, unitsPerPart: 70 },
    ],
    [
      '71 beyond GSM 7-bit',
      'я'.repeat(71),
      {},
      { encoding: 'ucs2', count: 2, unitsUsed: 71, unitsLeft: 63, unitsPerPart: 67 },
    ],
    ['71 with a 16-bit reference', 'я'.repeat(71), { referenceBits: 16 }, { count: 2, unitsPerPart: 66 }],
    ['35 emoji', '😀'.repeat(35), {}, { encoding: 'ucs2', count: 1, unitsUsed: 70 }],
    [
      'GSM 7-bit sent as UCS-2',
      'abc',
      { encoding: 'ucs2' },
      { encoding: 'ucs2', count: 1, forcedUnicode: [] },
    ],
    [
      'a text as long as 255 parts',
      'a'.repeat(255 * 153),
      {},
      { count: 255, truncated: false, unitsLeft: 0 },
    ],
    ['one longer than that', 'a'.repeat(255 * 153 + 1), {}, { count: 255, truncated: true }],
    [
      'a limit of one part',
      'a'.repeat(161),
      { maxParts: 1 },
      { count: 1, truncated: true, unitsUsed: 160, unitsPerPart: 160 },
    ],
    [
      'a limit of three parts',
      'a'.repeat(1000),
      { maxParts: 3 },
      { count: 3, truncated: true, unitsUsed: 459 },
    ],
    ['a limit that is not reached', 'a'.repeat(161), { maxParts: 3 }, { count: 2, truncated: false }],
  ];
  for (const [name, text, options, { count, ...wanted }] of cases) {
    it(`divides ${name}`, () => {
      const result = segment(text, options);
      expect(result.parts).to.have.length(count);
      for (const [key, value] of Object.entries(wanted))
        expect(result, key).to.have.deep.property(key, value);
      expect(texts(result).join('')).to.equal(result.text);
      if (!result.truncated) expect(result.text).to.equal(text);
      result.parts.forEach((part, i) => expect(part).to.include({ sequence: i + 1, total: count }));
    });
  }

  it('does not cut an escape pair', () => {
    const [first, second] = texts(segment(`${'a'.repeat(152)}€${'b'.repeat(20)}`));
    expect(first).to.equal('a'.repeat(152));
    expect(second).to.equal(`€${'b'.repeat(20)}`);
  });

  const clusters = [
    ['a surrogate pair', '😀'],
    ['a family', FAMILY],
    ['a flag', FLAG],
    ['a letter with its marks', 'ä́'],
    ['a skin tone', '👍🏽'],
    ['a Devanagari syllable', 'क्षि'],
    ['CR LF', '\r\n'],
  ] as const;
  for (const [name, cluster] of clusters) {
    it(`does not cut ${name}`, () => {
      for (let before = 55; before < 70; before++) {
        const text = `${'я'.repeat(before)}${cluster}${'я'.repeat(40)}`;
        const parts = texts(segment(text));
        expect(parts.join('')).to.equal(text);
        expect(
          parts.some((part) => part?.includes(cluster)),
          `${before} before`,
        ).to.equal(true);
      }
    });
  }

  it('does not cut CR LF in GSM 7-bit', () => {
    const [first, second] = texts(segment(`${'a'.repeat(152)}\r\n${'b'.repeat(20)}`));
    expect(first).to.equal('a'.repeat(152));
    expect(second?.startsWith('\r\n')).to.equal(true);
  });

  it('cuts a cluster that is longer than a part, but no surrogate pair in it', () => {
    const zalgo = `a${'\u0301'.repeat(100)}`;
    expect(texts(segment(zalgo)).join('')).to.equal(zalgo);
    const chain = Array.from({ length: 40 }, () => '👩').join('\u200d');
    for (const text of texts(segment(`x${chain}`))) {
      expect(text).to.not.match(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
    }
  });

  it('says which characters forced Unicode, as a user sees them', () => {
    expect(segment(`Zkouška sirén ${FAMILY} š 😀`).forcedUnicode).to.deep.equal(['š', FAMILY, '😀']);
    expect(segment('plain').forcedUnicode).to.deep.equal([]);
    expect(JSON.parse(JSON.stringify(segment('я')))).to.deep.include({
      forcedUnicode: ['я'],
      encoding: 'ucs2',
    });
    expect(segment('я', { encoding: 'ucs2' }).forcedUnicode).to.deep.equal([]);
  });

  it('stays in GSM 7-bit where what forces Unicode lies behind the limit', () => {
    const result = segment(`${'a'.repeat(200)}😀`, { maxParts: 1 });
    expect(result).to.include({ encoding: 'gsm7', truncated: true, unitsUsed: 160 });
  });

  it('cuts at a limit without splitting', () => {
    expect(segment(`${'я'.repeat(69)}😀`, { maxParts: 1 }).text).to.equal('я'.repeat(69));
    expect(segment(`${'a'.repeat(159)}€`, { maxParts: 1 }).text).to.equal('a'.repeat(159));
  });

  it('gives every part the same reference, of as many bits as asked for', () => {
    const narrow = received(segment('a'.repeat(400), { reference: 0x1ab }));
    expect(narrow.map((tpdu) => tpdu.concat)).to.deep.equal(
      [1, 2, 3].map((seq) => ({ ref: 0xab, total: 3, seq, bits: 8 })),
    );
    const wide = received(segment('a'.repeat(400), { reference: 0x1ab, referenceBits: 16 }));
    expect(wide[2]?.concat).to.deep.equal({ ref: 0x1ab, total: 3, seq: 3, bits: 16 });
  });

  it('puts a header of the caller into every part', () => {
    const udh = fromHex('05040B8423F0');
    const result = segment('a'.repeat(300), { udh });
    expect(result.unitsPerPart).to.equal(160 - Math.ceil((12 * 8) / 7));
    for (const tpdu of received(result)) {
      expect(tpdu.ports).to.deep.equal({ destination: 2948, source: 9200, bits: 16 });
      expect(tpdu.concat?.total).to.equal(3);
    }
    expect(received(segment('short', { udh }))[0]).to.deep.include({ udh, text: 'short' });
  });

  const refused = [
    ['7-bit text with other characters', () => segment('Zkouška', { encoding: 'gsm7' }), '"š"'],
    [
      'a header that leaves no room',
      () => segment('abc', { udh: fromHex(`C0${'8A'}${'00'.repeat(138)}`) }),
      'room',
    ],
    ['a header that is none', () => segment('abc', { udh: fromHex('0003') }), 'runs over'],
    ['no parts', () => segment('abc'.repeat(100), { maxParts: 0 }), 'maxParts'],
    ['more parts than can be numbered', () => segment('я', { maxParts: 256 }), 'maxParts'],
    ['an unknown language', () => segment('я', { nationalShifts: ['klingon'] }), 'klingon'],
  ] as const;
  for (const [name, run, reason] of refused) {
    it(`refuses ${name}`, () => {
      expect(run).to.throw(EncodeError, reason);
    });
  }

  it('takes no longer for a text of a megabyte', () => {
    for (const unit of ['я', '😀', 'a', FAMILY, 'ä́', '€']) {
      const result = segment(unit.repeat(1e6 / unit.length), { smart: true, nationalShifts: true });
      expect(result).to.include({ truncated: true });
      expect(result.forcedUnicode.length).to.be.at.most(2);
    }
  });
});

describe('national shift tables', () => {
  it('are used where they save a part', () => {
    const text =
      'Şişli ve Beşiktaş arasında yağmur yağıyor, ağaçlar ıslanıyor. Güneş doğduğunda herkes mutlu olacak.';
    expect(segment(text)).to.have.property('encoding', 'ucs2');
    const result = segment(text, { nationalShifts: true });
    expect(result).to.deep.include({ encoding: 'gsm7', forcedUnicode: [] });
    expect(result.shifts?.locking ?? result.shifts?.single).to.equal('turkish');
    expect(result.parts).to.have.length(1);
    expect(texts(result)).to.deep.equal([text]);
  });

  it('are not used where UCS-2 needs no more parts', () => {
    expect(segment('hello ت', { nationalShifts: true })).to.have.property('encoding', 'ucs2');
    expect(segment('hello', { nationalShifts: true }).shifts).to.equal(undefined);
  });

  it('are those that are permitted', () => {
    const text = 'ğ'.repeat(75);
    expect(segment(text, { nationalShifts: { single: ['turkish'] } }).shifts).to.deep.equal({
      single: 'turkish',
    });
    expect(segment(text, { nationalShifts: ['turkish'] }).shifts).to.deep.equal({ locking: 'turkish' });
    expect(segment(text, { nationalShifts: ['hindi'] }).encoding).to.equal('ucs2');
  });

  it('go together, one of each kind, in every part', () => {
    const hindi = 'नमस्ते दुनिया, आज का दिन बहुत अच्छा है। ';
    const text = `${hindi.repeat(6)}१२३`;
    const result = segment(text, { nationalShifts: true });
    expect(result.shifts).to.deep.equal({ locking: 'hindi', single: 'hindi' });
    expect(result.parts.length).to.be.below(segment(text).parts.length);
    expect(texts(result).join('')).to.equal(text);
    for (const part of result.parts) expect(toHex(part.udh ?? new Uint8Array(0))).to.match(/240106250106$/);
  });

  for (const [language, text] of [
    ['portuguese', 'Êxtase, coração, ilusão: não há razão, só emoção. '.repeat(3)],
    ['tamil', 'தமிழ் மொழி மிகவும் பழமையானது '.repeat(4)],
    ['urdu', 'آج موسم بہت اچھا ہے '.repeat(6)],
  ] as const) {
    it(`carry ${language}`, () => {
      const result = segment(text, { nationalShifts: [language] });
      expect(result).to.have.property('encoding', 'gsm7');
      expect(texts(result).join('')).to.equal(text);
    });
  }
});

describe('smart encoding', () => {
  const long = `“It’s 5 o’clock — time to go…” ${'x'.repeat(60)}`;

  it('replaces typographic characters where that saves parts, and says which', () => {
    expect(segment(long)).to.include({ encoding: 'ucs2' });
    const result = segment(long, { smart: true });
    expect(result).to.include({
      encoding: 'gsm7',
      text: `"It's 5 o'clock - time to go..." ${'x'.repeat(60)}`,
    });
    expect(result.replaced).to.deep.equal([
      { from: '“', to: '"' },
      { from: '’', to: "'" },
      { from: '—', to: '-' },
      { from: '…', to: '...' },
      { from: '”', to: '"' },
    ]);
  });

  it('leaves them where it saves nothing', () => {
    expect(segment('“short”', { smart: true })).to.deep.include({ text: '“short”', replaced: [] });
    const mixed = `${long} я`;
    expect(segment(mixed, { smart: true })).to.deep.include({ text: mixed, replaced: [], encoding: 'ucs2' });
  });

  it('makes 7-bit possible where it is asked for', () => {
    expect(segment('a\u00a0b', { smart: true, encoding: 'gsm7' }).text).to.equal('a b');
  });
});

describe('segmentation of octets', () => {
  const data = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);

  it('keeps 140 octets in one part', () => {
    const { parts, unitsLeft } = segmentBinary(data.slice(0, 140));
    expect(parts).to.have.length(1);
    expect(parts[0]).to.deep.include({ userDataLength: 140, encoding: '8bit' });
    expect(unitsLeft).to.equal(0);
  });

  it('divides more, with ports and a header of the caller in every part', () => {
    const udh = fromHex('8001FF');
    const result = segmentBinary(data, { ports: { destination: 2948, source: 9200 }, udh, reference: 7 });
    const tpdus = received(result);
    expect(tpdus).to.have.length(3);
    for (const tpdu of tpdus) {
      expect(tpdu.ports).to.include({ destination: 2948, source: 9200 });
      expect(tpdu.concat).to.include({ ref: 7, total: 3 });
      expect(tpdu.elements?.[0]).to.include({ id: 0x80, name: 'SME to SME specific' });
    }
    const together = assemble(tpdus.map((tpdu) => ({ ...tpdu, originator: tpdu.destination })));
    expect(together).to.have.property('encoding', '8bit');
    expect(Buffer.compare(together.data ?? Buffer.alloc(0), data)).to.equal(0);
  });

  it('never cuts data: too much for the limit is refused', () => {
    expect(() => segmentBinary(data, { maxParts: 2 })).to.throw(EncodeError, 'need 3 parts');
    expect(() => segmentBinary(data, { ports: { destination: 70_000, source: 0 } })).to.throw(
      EncodeError,
      'ports',
    );
  });
});
