import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemClock } from '../../lib/base/clock.ts';
import { openLmdbStore } from '../../lib/store/lmdb.ts';
import { countingRandom, item } from '../support/store-records.ts';

const CHILD = join(import.meta.dirname, 'children', 'look.ts');
const MIB = 1024 ** 2;

describe('an LMDB store with a long queue', function () {
  this.timeout(180_000);

  it('is opened and worked on without being read: memory does not grow with the queue', async () => {
    const path = await mkdtemp(join(tmpdir(), 'mailsms-scale-'));
    try {
      const store = await openLmdbStore({
        path,
        clock: systemClock,
        random: countingRandom(),
        owner: 'filler',
      });
      const now = systemClock.now();
      // A page each: a scan would map all of them.
      const content = { kind: 'text', text: 'x'.repeat(2500) } as const;
      const lanes = ['*', '=modem1', 'modem1,modem2'];
      for (let call = 0; call < 60; call++) {
        await store.accept(
          Array.from({ length: 1000 }, (_, index) => item(now, { content, lane: lanes[index % 3] ?? '*' })),
        );
      }
      await store.close();
      const run = spawnSync(process.execPath, ['--import', 'tsx', CHILD, path], { encoding: 'utf8' });
      expect(run.stderr).to.equal('');
      const saw = JSON.parse(run.stdout) as Record<'queued' | 'leased' | 'listed' | 'grown' | 'file', number>;
      expect(saw).to.deep.include({ queued: 60_000, leased: 10, listed: 10 });
      expect(saw.file).to.be.greaterThan(200 * MIB);
      expect(saw.grown).to.be.lessThan(60 * MIB);
    } finally {
      await rm(path, { recursive: true });
    }
  });
});
