import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { systemClock } from '../../lib/base/clock.ts';
import { openLmdbStore } from '../../lib/store/lmdb.ts';
import { countingRandom, DAY, item, leaseOf, take } from '../support/store-records.ts';

const CHILD = join(import.meta.dirname, 'children', 'accept.ts');
const ALL = 1_000_000;

describe('a process that is killed while it accepts messages', function () {
  this.timeout(120_000);
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'mailsms-crash-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  /** Lets a process accept until it has said `count` ids, and kills it in the middle of what it does then. */
  async function killAfter(count: number, prefix: string): Promise<string[]> {
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, join(path, 'store'), prefix], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said: string[] = [];
    const lines = createInterface(child.stdout);
    lines.on('line', (id) => {
      said.push(id);
      if (said.length === count) child.kill('SIGKILL');
    });
    await Promise.all([once(child, 'exit'), once(lines, 'close')]);
    return said;
  }

  it('has every message that it had accepted, and of no message a half', async () => {
    const accepted: string[] = [];
    for (const [round, count] of [1, 40, 7, 300, 111].entries()) {
      accepted.push(...(await killAfter(count, `r${round}`)));
      const store = await openLmdbStore({
        path: join(path, 'store'),
        clock: systemClock,
        random: countingRandom(round + 1),
        owner: 'looker',
      });
      const now = systemClock.now();
      const { messages, next } = await store.list({ limit: ALL });
      expect(next).to.equal(undefined);
      const ids = new Set(messages.map(({ id }) => id));
      expect(accepted.filter((id) => !ids.has(id))).to.deep.equal([]);
      const stats = await store.stats();
      expect(stats.messages.queued).to.equal(ids.size);
      expect(stats.effects).to.equal(ids.size);
      expect((await store.usage('john', '2026-11')).sent).to.equal(ids.size);
      for (const id of ids) expect(await store.links(`+1555${id}`, now), id).to.have.length(1);
      const again = [...ids].map((id) =>
        item(now, { id: `again ${id}` }, { dedupe: { key: id, until: now + DAY } }),
      );
      const outcomes = await store.accept(again);
      expect(outcomes.filter(({ outcome }) => outcome !== 'duplicate')).to.deep.equal([]);
      // Nothing is done that the next round would miss: these leases end at once.
      const ready = await store.lease({ ...leaseOf(now, ALL), until: now });
      expect(new Set(ready.map(({ message }) => message.id))).to.deep.equal(ids);
      for (const { lease } of ready) {
        await store.defer(lease, { until: now, fault: { code: 'x', enhanced: '4.0.0', told: '' } });
      }
      const effects = await store.takeEffects({ ...take(now, ALL), until: now });
      expect(effects).to.have.length(ids.size);
      await store.close();
    }
  });
});
