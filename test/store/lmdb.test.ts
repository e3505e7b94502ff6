import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '../../lib/store/lmdb.ts';
import { describeStore } from '../contract/store.ts';
import { countingRandom } from '../support/store-records.ts';

let opened = 0;

describeStore('LMDB', async () => {
  const path = await mkdtemp(join(tmpdir(), 'mailsms-store-'));
  return {
    open: ({ clock, owner }) => openLmdbStore({ path, clock, owner, random: countingRandom(++opened) }),
    destroy: () => rm(path, { recursive: true }),
  };
});
