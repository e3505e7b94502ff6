import { expect } from 'chai';
import { GroupCommit } from '../../lib/store/lmdb/disk/commit.ts';
import type { Work } from '../../lib/store/lmdb/disk/work.ts';
import { ManualClock, settle } from '../support/clock.ts';

/** A database whose transactions end when the test says so. */
class Scripted {
  readonly ends: ((error?: Error) => void)[] = [];

  childTransaction<T>(run: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let result: T;
      try {
        result = run();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      this.ends.push((error) => (error === undefined ? resolve(result) : reject(error)));
    });
  }
}

describe('group commit', () => {
  const clock = new ManualClock();
  let root: Scripted;
  let commit: GroupCommit;
  let told: number;

  beforeEach(() => {
    root = new Scripted();
    told = 0;
    // Work without tables: these calls touch none.
    const begin = () => ({ finish: () => {} }) as Work;
    commit = new GroupCommit({ root, path: '/', clock, begin, committed: () => told++ });
  });

  /** Calls that are made now, and what has become of them so far. */
  function call(...names: string[]): string[] {
    const outcomes: string[] = [];
    for (const name of names) {
      const run = (): string => {
        if (name.startsWith('bad')) throw new Error(name);
        return name;
      };
      commit.run(run).then(
        (result) => outcomes.push(result),
        (error: Error) => outcomes.push(`${name}: ${error.message}`),
      );
    }
    return outcomes;
  }

  it('puts calls of one turn into one transaction, and those that come meanwhile into the next', async () => {
    const first = call('a', 'b', 'c');
    await settle();
    const second = call('d', 'e');
    await settle();
    expect([root.ends.length, first, second]).to.deep.equal([1, [], []]);
    root.ends[0]?.();
    await settle();
    expect([root.ends.length, first, second, told]).to.deep.equal([2, ['a', 'b', 'c'], [], 1]);
    root.ends[1]?.();
    await settle();
    expect([second, told]).to.deep.equal([['d', 'e'], 2]);
  });

  it('tries each by itself where one of them throws', async () => {
    const outcomes = call('a', 'bad', 'b');
    await settle();
    root.ends.shift()?.();
    await settle();
    root.ends.shift()?.();
    await settle();
    expect(outcomes).to.deep.equal(['a', 'bad: internal error, try again later (bad)', 'b']);
    expect(told).to.equal(2);
  });

  it('tries each by itself where the transaction was not kept', async () => {
    const outcomes = call('a', 'b');
    await settle();
    root.ends.shift()?.(Object.assign(new Error('MDB_TXN_FULL: too much'), { code: -30788 }));
    await settle();
    root.ends.shift()?.(Object.assign(new Error('No space left on device'), { code: 28 }));
    await settle();
    root.ends.shift()?.();
    await settle();
    expect(outcomes).to.deep.equal([
      'a: insufficient storage, try again later (No space left on device)',
      'b',
    ]);
  });

  it('says why, where lmdb keeps that in a promise', async () => {
    const outcomes = call('a');
    await settle();
    const commitError = Promise.reject(Object.assign(new Error('Input/output error'), { code: 5 }));
    root.ends[0]?.(Object.assign(new Error('Commit failed (see commitError for details)'), { commitError }));
    await settle();
    expect(outcomes[0]).to.include('Input/output error');
  });

  it('does not wait for ever: a disk that hangs is down, until it has come back', async () => {
    const hanging = call('a');
    await settle();
    await clock.advance(29_999);
    expect(hanging).to.deep.equal([]);
    await clock.advance(1);
    expect(hanging[0]).to.include('did not end within 30 s');
    const refused = call('b');
    await settle();
    expect(refused[0]).to.include('has not come back');
    expect([root.ends.length, commit.stalled]).to.deep.equal([1, true]);
    root.ends[0]?.();
    await settle();
    const accepted = call('c');
    await settle();
    root.ends[1]?.();
    await settle();
    expect([accepted, commit.stalled]).to.deep.equal([['c'], false]);
  });

  it('is closed when the calls under way are done', async () => {
    const last = call('a');
    let closed = false;
    void commit.close().then(() => (closed = true));
    const refused = call('b');
    await settle();
    expect([refused[0], closed]).to.deep.equal([
      'b: the message store is not available, try again later (the store is closed)',
      false,
    ]);
    root.ends[0]?.();
    await settle();
    expect([last, closed]).to.deep.equal([['a'], true]);
  });
});
