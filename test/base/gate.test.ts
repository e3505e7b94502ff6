import { expect } from 'chai';
import { Gate } from '../../lib/base/gate.ts';

describe('a gate', () => {
  const full = (): Error => new Error('full');

  it('lets so many through at once, the others in the order in which they came', async () => {
    const gate = new Gate(2, 10);
    const ends: (() => void)[] = [];
    const begun: number[] = [];
    const works = [0, 1, 2, 3].map((name) =>
      gate.run(async () => {
        begun.push(name);
        await new Promise<void>((end) => ends.push(end));
        return name;
      }, full),
    );
    expect(begun).to.deep.equal([0, 1]);
    for (let n = 0; n < 4; n++) {
      ends[n]?.();
      await works[n];
      await new Promise((turn) => setImmediate(turn));
      expect(begun).to.deep.equal([0, 1, 2, 3].slice(0, Math.min(n + 3, 4)));
    }
    expect(await Promise.all(works)).to.deep.equal([0, 1, 2, 3]);
  });

  it('turns away who would wait too long, and goes on after a failure', async () => {
    const gate = new Gate(1, 1);
    let end = (): void => {};
    const first = gate.run(
      () => new Promise<void>((_, reject) => (end = () => reject(new Error('lost')))),
      full,
    );
    const second = gate.run(async () => 'second', full);
    const third = await gate.run(async () => 'third', full).catch((error: Error) => error.message);
    expect(third).to.equal('full');
    end();
    expect(await first.catch((error: Error) => error.message)).to.equal('lost');
    expect(await second).to.equal('second');
    expect(await gate.run(async () => 'fourth', full)).to.equal('fourth');
  });
});
