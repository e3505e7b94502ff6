import { expect } from 'chai';
import { newId, systemRandom } from '../../lib/base/random.ts';
import { ManualClock } from '../support/clock.ts';

describe('randomness', () => {
  it('gives as many octets as asked for, and none of them twice', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 2000; i++) seen.add(Buffer.from(systemRandom.bytes(16)).toString('hex'));
    expect(seen.size).to.equal(2000);
    expect(systemRandom.bytes(0)).to.have.length(0);
    expect(systemRandom.bytes(10_000)).to.have.length(10_000);
  });

  it('what was given does not change when more is taken', () => {
    const first = systemRandom.bytes(8);
    const copy = [...first];
    for (let i = 0; i < 2000; i++) systemRandom.bytes(8).fill(0);
    expect([...first]).to.deep.equal(copy);
  });
});

describe('identifiers', () => {
  it('sort by the time of their making and differ', async () => {
    const clock = new ManualClock();
    const ids: string[] = [];
    for (let i = 0; i < 50; i++) {
      ids.push(newId(clock, systemRandom));
      await clock.advance(1);
    }
    expect([...ids].sort()).to.deep.equal(ids);
    expect(new Set(ids).size).to.equal(50);
    for (const id of ids) expect(id).to.match(/^[0-9a-hjkmnp-tv-z]{20}$/);
  });
});
