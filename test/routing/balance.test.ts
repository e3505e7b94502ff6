import { expect } from 'chai';
import { Balance } from '../../lib/routing/balance.ts';
import { ManualClock } from '../support/clock.ts';

describe('balance', () => {
  let clock: ManualClock;
  let balance: Balance;

  beforeEach(() => {
    clock = new ManualClock();
    balance = new Balance(clock);
  });

  const first = (): string | undefined => balance.free()[0]?.id;
  const send = (failed = false): string => {
    const id = first() ?? '';
    balance.began(id, 1);
    balance.ended(id, { parts: 1, sent: failed ? 0 : 1, failed });
    return id;
  };
  const withTwo = (weightA = 1, weightB = 1): void => {
    balance.add('a', weightA, 1);
    balance.add('b', weightB, 1);
    balance.health('a', true);
    balance.health('b', true);
  };

  it('offers nothing before a transport says that it is up', () => {
    balance.add('a', 1, 1);
    expect(balance.free()).to.deep.equal([]);
    balance.health('a', true);
    expect(balance.free()).to.deep.equal([{ id: 'a', places: 1 }]);
  });

  it('takes turns', () => {
    withTwo();
    expect([send(), send(), send(), send()].sort().join('')).to.equal('aabb');
  });

  it('goes by weight', () => {
    withTwo(3, 1);
    const counts = { a: 0, b: 0 };
    for (let i = 0; i < 40; i++) counts[send() as 'a' | 'b']++;
    expect(counts).to.deep.equal({ a: 30, b: 10 });
  });

  it('does not make a gateway that comes back do what it missed', () => {
    withTwo();
    balance.health('b', false);
    for (let i = 0; i < 100; i++) send();
    balance.health('b', true);
    expect([send(), send(), send(), send()].sort().join('')).to.equal('aabb');
  });

  it('does not offer a gateway that is full', () => {
    withTwo();
    balance.began('a', 1);
    expect(balance.free()).to.deep.equal([{ id: 'b', places: 1 }]);
    balance.began('b', 1);
    expect(balance.free()).to.deep.equal([]);
    balance.ended('a', { parts: 1, sent: 1, failed: false });
    expect(first()).to.equal('a');
  });

  it('gives a gateway that failed one message to see, and counts what failed together once', async () => {
    balance.add('a', 1, 3);
    balance.health('a', true);
    for (let i = 0; i < 3; i++) balance.began('a', 1);
    for (let i = 0; i < 3; i++) balance.ended('a', { parts: 1, sent: 0, failed: true });
    await clock.advance(1000);
    expect(balance.free()).to.deep.equal([{ id: 'a', places: 1 }]);
    send();
    expect(balance.free()).to.deep.equal([{ id: 'a', places: 3 }]);
  });

  it('leaves a gateway out after a failure, longer each time, a minute at the most', async () => {
    balance.add('a', 1, 1);
    balance.health('a', true);
    const rests: number[] = [];
    for (let i = 0; i < 8; i++) {
      balance.began('a', 1);
      balance.ended('a', { parts: 1, sent: 0, failed: true });
      const end = balance.restEnds() ?? 0;
      rests.push(end - clock.now());
      expect(balance.free()).to.deep.equal([]);
      await clock.advance(end - clock.now());
      expect(first()).to.equal('a');
    }
    expect(rests).to.deep.equal([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('forgets failures with the first success, and when the transport comes back', () => {
    withTwo();
    balance.began('a', 1);
    balance.ended('a', { parts: 1, sent: 0, failed: true });
    expect(first()).to.equal('b');
    balance.health('a', false);
    balance.health('a', true);
    expect(balance.free().map(({ id }) => id)).to.have.members(['a', 'b']);
  });
});
