import { expect } from 'chai';
import {
  GAP,
  assemble,
  concatKey,
  createReassembly,
  expire,
  reassemble,
  type DeliverPart,
} from '../../lib/sms/reassembly.ts';
import { decodeTpdu } from '../../lib/sms/tpdu.ts';

const MINUTE = 60_000;

function part(
  text: string,
  seq: number,
  total: number,
  more: Partial<DeliverPart> & { ref?: number } = {},
): DeliverPart {
  const { ref = 1, ...rest } = more;
  return {
    originator: { number: '+1555', ton: 1 },
    encoding: 'gsm7',
    text,
    concat: { ref, total, seq, bits: 8 },
    ...rest,
  };
}

/** An SMS-DELIVER of three parts that carries these septets, as a sender that cuts anywhere makes it. */
function concatenated(seq: number, septets: readonly number[]): Uint8Array {
  const header = [5, 0, 3, 9, 3, seq];
  const bits = [...septets].map((septet) => septet.toString(2).padStart(7, '0')).reverse();
  // Six octets of header are 48 bits: one bit fills them up to seven septets.
  const packed = BigInt(`0b${bits.join('')}`) << 1n;
  const octets = Math.ceil((septets.length * 7 + 1) / 8);
  const text = Array.from({ length: octets }, (_, at) => Number((packed >> BigInt(8 * at)) & 0xffn));
  const head = [0x44, 4, 0x91, 0x21, 0x43, 0, 0, 0x62, 0x11, 0x32, 0x01, 0, 0, 0];
  return Uint8Array.from([...head, 7 + septets.length, ...header, ...text]);
}

function textsOf(done: readonly { parts: readonly DeliverPart[] }[]): (string | undefined)[] {
  return done.map(({ parts }) => assemble(parts).text);
}

describe('reassembly', () => {
  it('puts parts together in any order', () => {
    const state = createReassembly({ timeoutMs: MINUTE });
    expect(reassemble(state, part('c', 3, 3), 0).done).to.deep.equal([]);
    expect(reassemble(state, part('a', 1, 3), 1).done).to.deep.equal([]);
    const { done } = reassemble(state, part('b', 2, 3), 2);
    expect(textsOf(done)).to.deep.equal(['abc']);
    expect(done[0]).to.have.property('complete', true);
    expect(state.held).to.equal(0);
  });

  it('hands a message of one part out at once', () => {
    const state = createReassembly({ timeoutMs: MINUTE });
    const alone = { originator: { number: '1', ton: 0 }, encoding: 'gsm7', text: 'hi' } as const;
    expect(textsOf(reassemble(state, alone, 0).done)).to.deep.equal(['hi']);
    expect(textsOf(reassemble(state, part('one of one', 1, 1), 0).done)).to.deep.equal(['one of one']);
  });

  it('drops a part that comes twice', () => {
    const state = createReassembly({ timeoutMs: MINUTE });
    reassemble(state, part('a', 1, 2), 0);
    expect(reassemble(state, part('a', 1, 2), 1)).to.deep.equal({ done: [], duplicate: true });
    expect(textsOf(reassemble(state, part('b', 2, 2), 2).done)).to.deep.equal(['ab']);
  });

  it('keeps two messages with the same reference from one number apart', () => {
    const state = createReassembly({ timeoutMs: MINUTE });
    const at = (epochMs: number) => ({ timestamp: { epochMs } });
    reassemble(state, part('A1', 1, 2, at(0)), 0);
    reassemble(state, part('B1', 1, 2, at(50_000)), 1);
    expect(textsOf(reassemble(state, part('B2', 2, 2, at(51_000)), 2).done)).to.deep.equal(['B1B2']);
    expect(textsOf(reassemble(state, part('A2', 2, 2, at(1000)), 3).done)).to.deep.equal(['A1A2']);
  });

  const apart: readonly [string, Partial<DeliverPart> & { ref?: number }][] = [
    ['references', { ref: 2 }],
    ['senders', { originator: { number: '+1556', ton: 1 } }],
    ['widths of reference', { concat: { ref: 1, total: 2, seq: 2, bits: 16 } }],
    ['totals', { concat: { ref: 1, total: 3, seq: 2, bits: 8 } }],
  ];
  for (const [what, more] of apart) {
    it(`keeps different ${what} apart`, () => {
      const state = createReassembly({ timeoutMs: MINUTE });
      reassemble(state, part('a', 1, 2), 0);
      expect(reassemble(state, part('b', 2, 2, more), 1).done).to.deep.equal([]);
      expect(state.held).to.equal(2);
    });
  }

  it('hands out what came when the time is over, marked', () => {
    const state = createReassembly({ timeoutMs: MINUTE });
    reassemble(state, part('a', 1, 4), 0);
    reassemble(state, part('d', 4, 4), 30_000);
    expect(expire(state, 89_999)).to.deep.equal([]);
    const [message, ...others] = expire(state, 90_000);
    expect(others).to.deep.equal([]);
    expect(message?.complete).to.equal(false);
    expect(assemble(message?.parts ?? [])).to.deep.equal({
      encoding: 'gsm7',
      text: `a${GAP}d`,
      missing: [2, 3],
    });
    expect(state).to.include({ held: 0 });
    expect(state.byKey.size).to.equal(0);
  });

  it('hands out what timed out along with the next part', () => {
    const state = createReassembly({ timeoutMs: MINUTE });
    reassemble(state, part('old', 1, 2, { ref: 9 }), 0);
    expect(textsOf(reassemble(state, part('new', 1, 2), MINUTE).done)).to.deep.equal([`old${GAP}`]);
  });

  it('holds no more parts than it may: the oldest message goes first', () => {
    const state = createReassembly({ timeoutMs: MINUTE, maxParts: 3 });
    for (let ref = 0; ref < 3; ref++) reassemble(state, part(`m${ref}`, 1, 2, { ref }), ref);
    const { done } = reassemble(state, part('m3', 1, 2, { ref: 3 }), 3);
    expect(textsOf(done)).to.deep.equal([`m0${GAP}`]);
    expect(state.held).to.equal(3);
  });

  it('stays within its bound under a flood', () => {
    const state = createReassembly({ timeoutMs: MINUTE, maxParts: 100 });
    let handedOut = 0;
    for (let i = 0; i < 20_000; i++) {
      const ref = (i * 7919) & 0xff;
      const { done } = reassemble(state, part(`t${i}`, 1 + (i % 5), 5, { ref }), i);
      handedOut += done.reduce((sum, { parts }) => sum + parts.length, 0);
      expect(state.held).to.be.at.most(100);
    }
    expect(handedOut + state.held).to.equal(20_000);
  });
});

describe('assemble', () => {
  it('fuses a surrogate pair that was cut between parts', () => {
    const parts = [part('a\ud83d', 1, 2, { encoding: 'ucs2' }), part('\ude00b', 2, 2, { encoding: 'ucs2' })];
    expect(assemble(parts)).to.deep.equal({ encoding: 'ucs2', text: 'a😀b', missing: [] });
  });

  it('marks a gap at either end once', () => {
    expect(assemble([part('c', 3, 5)]).text).to.equal(`${GAP}c${GAP}`);
    expect(assemble([part('c', 3, 5)], { gap: '?' })).to.deep.include({ text: '?c?', missing: [1, 2, 4, 5] });
  });

  it('joins octets', () => {
    const octets = (seq: number, ...data: number[]): DeliverPart => ({
      ...part('', seq, 2),
      encoding: '8bit',
      data: Uint8Array.from(data),
    });
    const { text: _, ...first } = octets(1, 1, 2);
    const { text: __, ...second } = octets(2, 3);
    const { data, encoding } = assemble([second, first]);
    expect([...(data ?? [])]).to.deep.equal([1, 2, 3]);
    expect(encoding).to.equal('8bit');
  });

  it('fuses a character whose escape ends one part and whose septet begins the next', () => {
    const deliver = (seq: number, septets: readonly number[]): DeliverPart => {
      const tpdu = decodeTpdu(concatenated(seq, septets), { smsc: false, direction: 'to-mobile' });
      if (tpdu.type !== 'deliver') throw new Error(`a ${tpdu.type}`);
      return tpdu;
    };
    const parts = [deliver(1, [0x61, 0x1b]), deliver(2, [0x65, 0x62, 0x1b]), deliver(3, [0x3c])];
    expect(assemble(parts).text).to.equal('a€b[');
    expect(assemble(parts.slice(0, 1)).text, 'without the rest').to.equal(`a ${GAP}`);
  });

  it('has no key for a message of one part', () => {
    expect(concatKey({ originator: { number: '+1', ton: 1 } })).to.equal(undefined);
    expect(concatKey(part('a', 1, 2))).to.be.a('string');
  });
});
