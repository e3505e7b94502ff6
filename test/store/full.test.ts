import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Fault } from '../../lib/base/errors.ts';
import { storeFault } from '../../lib/store/lmdb/disk/commit.ts';
import { openLmdbStore } from '../../lib/store/lmdb.ts';
import { ManualClock } from '../support/clock.ts';
import { countingRandom, incomingPart, item, leaseOf } from '../support/store-records.ts';

const CHILD = join(import.meta.dirname, 'children', 'full.ts');

/** Runs a shell line in namespaces of its own, where anybody may mount. */
function mounted(line: string, ...args: string[]) {
  return spawnSync('unshare', ['-rm', 'sh', '-c', line, ...args], { encoding: 'utf8' });
}

const MOUNT = 'mount -t tmpfs -o size=12m tmpfs "$0"';

describe('the LMDB store on a full disk', function () {
  this.timeout(120_000);
  let path: string;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'mailsms-full-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  it('refuses with store.full, keeps nothing of what it refused, and goes on when there is room', function () {
    if (mounted(MOUNT, path).status !== 0) {
      process.stderr.write('      a file system cannot be mounted here: the full disk is not shown\n');
      this.skip();
    }
    const run = mounted(
      `${MOUNT} && exec "$@"`,
      path,
      ...[process.execPath, '--import', 'tsx', CHILD, join(path, 'store')],
    );
    expect(run.stdout, run.stderr).to.match(/^\{/);
    const saw = JSON.parse(run.stdout) as {
      refused: string[];
      whileFull: { kept: number; queued: number };
      afterwards: unknown;
      missing: number;
      held: number;
    };
    expect(saw.refused).to.deep.equal(['store.full']);
    expect(saw.whileFull.kept).to.be.greaterThan(100);
    expect(saw.whileFull.queued).to.equal(saw.whileFull.kept);
    expect(saw.afterwards).to.deep.equal([{ outcome: 'accepted', id: 'afterwards' }]);
    expect(saw.missing).to.equal(0);
    expect(saw.held).to.equal(saw.whileFull.kept + 1);
  });

  it('takes no more messages while it can still work on those it has', async () => {
    const clock = new ManualClock();
    const store = await openLmdbStore({ path, clock, random: countingRandom(), owner: 'node1', minFree: 0 });
    await store.accept([item(clock.now())]);
    await store.close();
    // No disk has so much room.
    const minFree = Number.MAX_SAFE_INTEGER;
    const again = await openLmdbStore({ path, clock, random: countingRandom(2), owner: 'node1', minFree });
    const refusal = await again.accept([item(clock.now())]).catch((error: unknown) => error);
    expect(refusal).to.have.property('code', 'store.full');
    const [leased] = await again.lease(leaseOf(clock.now()));
    expect(await again.settle(leased?.lease ?? { id: '', token: '' }, [])).to.equal(true);
    expect(await again.receive(incomingPart(clock.now()), clock.now())).to.equal('stored');
    await again.close();
  });

  const failures: readonly [Error, string][] = [
    [lmdbError(28, 'No space left on device'), 'store.full'],
    [lmdbError(122, 'Disk quota exceeded'), 'store.full'],
    [lmdbError(27, 'File too large'), 'store.full'],
    [lmdbError(-30792, 'MDB_MAP_FULL: Environment mapsize limit reached'), 'store.full'],
    [lmdbError(5, 'Input/output error'), 'store.down'],
    [new Error('The database has been closed'), 'store.down'],
    [new TypeError('x is not a function'), 'internal'],
    [new Fault('limit.month'), 'limit.month'],
  ];
  for (const [error, code] of failures) {
    it(`calls "${error.message}" ${code}`, () => {
      expect(storeFault(error, path).code).to.equal(code);
    });
  }
});

function lmdbError(code: number, text: string): Error {
  return Object.assign(new Error(text), { code });
}
