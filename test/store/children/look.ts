import { statSync } from 'node:fs';
import { join } from 'node:path';
import { leaseOf, take } from '../../support/store-records.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { openLmdbStore } from '../../../lib/store/lmdb.ts';

// Opens a store, does with it what a server does that starts, and says as JSON what that took of the memory.
const path = process.argv[2] ?? '';
const before = process.memoryUsage().rss;
const store = await openLmdbStore({ path, clock: systemClock, random: systemRandom, owner: 'node1' });
const now = systemClock.now();
const { messages } = await store.stats();
const lanes = await store.lanes();
await store.recover(take(now));
await store.overdue(take(now));
const leased = await store.lease(leaseOf(now, 10, lanes));
const page = await store.list({ limit: 10 });
const due = await store.nextDue();
const after = process.memoryUsage().rss;
await store.close();
process.stdout.write(
  JSON.stringify({
    queued: messages.queued,
    leased: leased.length,
    listed: page.messages.length,
    due,
    grown: after - before,
    file: statSync(join(path, 'data.mdb')).size,
  }),
);
