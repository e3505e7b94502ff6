import { expect } from 'chai';
import fc from 'fast-check';
import { endOf, instant, type Key, keyEncoder } from '../../lib/store/lmdb/disk/key.ts';
import { isSameNumber, numberTail } from '../../lib/store/lmdb/outgoing/number.ts';
import { decodeRecord, encodeRecord } from '../../lib/store/lmdb/disk/record.ts';

describe('records as octets', () => {
  const plain = fc.letrec<{ value: unknown; record: Record<string, unknown> }>((tie) => ({
    record: fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { noNullPrototype: true }),
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
      fc.array(tie('value')),
      tie('record'),
    ),
  }));

  it('come back as they were, octet strings wherever they stood', () => {
    fc.assert(
      fc.property(plain.record, (record) => {
        expect(decodeRecord(Buffer.from(encodeRecord(record, true)))).to.deep.equal(record);
      }),
    );
  });

  it('come back where they are larger than the usual', () => {
    const record = { text: '\u20ac'.repeat(50_000), data: new Uint8Array(200_000).fill(7) };
    expect(decodeRecord(Buffer.from(encodeRecord(record, true)))).to.deep.equal(record);
  });

  it('are octet strings of their own: nothing that is done to the source later shows', () => {
    const octets = Buffer.from(encodeRecord({ data: Uint8Array.of(1, 2) }, true));
    const { data } = decodeRecord<{ data: Uint8Array }>(octets);
    octets.fill(0);
    expect(data).to.deep.equal(Uint8Array.of(1, 2));
  });

  it('are refused where any octet was changed, or any number of them is missing', () => {
    const source = Buffer.from(
      encodeRecord({ text: 'The kettle', data: Uint8Array.of(1, 2, 3), n: [1, { x: null }] }, true),
    );
    for (let at = 0; at < source.length; at++) {
      const changed = Buffer.from(source);
      changed.writeUInt8(changed.readUInt8(at) ^ 0x20, at);
      expect(() => decodeRecord(changed), `octet ${at}`).to.throw();
      expect(() => decodeRecord(source.subarray(0, at)), `length ${at}`).to.throw();
    }
  });
});

describe('keys as octets', () => {
  const part = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom('', '\0', 'a\0', '\0\u00ff', '\u{10ffff}'),
    fc.maxSafeNat(),
  );
  const key = fc.array(part, { minLength: 1, maxLength: 6 });
  const octetsOf = (of: Parameters<typeof keyEncoder.writeKey>[0]): Buffer => {
    const target = Buffer.alloc(4096);
    return target.subarray(0, keyEncoder.writeKey(of, target, 0));
  };

  it('come back as they were, from wherever they lie', () => {
    fc.assert(
      fc.property(key, fc.nat(9), (given, start) => {
        const target = Buffer.alloc(4096, 0xee);
        const end = keyEncoder.writeKey(given, target, start);
        expect(keyEncoder.readKey(target, start, end)).to.deep.equal(given);
      }),
    );
  });

  it('sort as what they stand for: numbers by size, strings by their UTF-8, the shorter sequence first', () => {
    const compare = (a: Key, b: Key): number => {
      for (let i = 0; i < Math.min(a.length, b.length); i++) {
        const [x = '', y = ''] = [a[i], b[i]];
        if (typeof x !== typeof y) return typeof x === 'number' ? -1 : 1;
        const order =
          typeof x === 'number' ? x - Number(y) : Buffer.compare(Buffer.from(x), Buffer.from(String(y)));
        if (order !== 0) return Math.sign(order);
      }
      return Math.sign(a.length - b.length);
    };
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Buffer.compare(octetsOf(a), octetsOf(b))).to.equal(compare(a, b));
      }),
    );
  });

  it('that begin with a key lie between it and its end, and no others', () => {
    fc.assert(
      fc.property(key, fc.array(part, { maxLength: 2 }), key, (prefix, more, other) => {
        const [start, end] = [octetsOf(prefix), octetsOf(endOf(prefix))];
        const within = (octets: Buffer): boolean =>
          Buffer.compare(start, octets) <= 0 && Buffer.compare(octets, end) < 0;
        expect(within(octetsOf([...prefix, ...more]))).to.equal(true);
        const begins = prefix.every((each, index) => other[index] === each);
        expect(within(octetsOf(other))).to.equal(begins);
      }),
    );
  });

  it('fit into LMDB however long their strings are, and differ where those differ', () => {
    const long = [1, 2, 3].map((last) =>
      octetsOf(['x'.repeat(5000) + last, 'y'.repeat(5000), '\u20ac'.repeat(200)]),
    );
    expect(new Set(long.map((octets) => octets.toString('hex'))).size).to.equal(3);
    for (const octets of long) expect(octets.length).to.be.lessThan(1978);
  });

  it('hold times as whole numbers from 0 on', () => {
    expect([-1, 1.9, Infinity, 2 ** 60].map(instant)).to.deep.equal([0, 1, 2 ** 53 - 1, 2 ** 53 - 1]);
  });
});

describe('numbers in status reports', () => {
  const same: readonly [string, string, boolean][] = [
    ['+15551234567', '+15551234567', true],
    ['+15551234567', '15551234567', true],
    ['+15551234567', '0015551234567', true],
    ['+15551234567', '5551234567', true],
    ['+4366412345678', '066412345678', true],
    ['+15551234567', '1234567', true],
    ['+15551234567', '234567', true],
    ['+15551234567', '34567', false],
    ['+15551234567', '+5551234567', false],
    ['+15551234567', '+445551234567', false],
    ['12345', '12345', true],
    ['12345', '612345', false],
    ['+155 (512) 345-67', '+15551234567', true],
    ['INFO', 'INFO', true],
    ['INFO', 'OTHER', false],
  ];
  for (const [a, b, expected] of same) {
    it(`${a} and ${b} are ${expected ? 'one phone' : 'two'}`, () => {
      expect([isSameNumber(a, b), isSameNumber(b, a)]).to.deep.equal([expected, expected]);
      if (expected) expect(numberTail(a)).to.equal(numberTail(b));
    });
  }
});
