import { writeSync } from 'node:fs';
import { systemClock } from '../../../lib/base/clock.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { openLmdbStore } from '../../../lib/store/lmdb.ts';

/** What the processes have in common that tests of the store start: the store of the directory given, and a voice. */
export const now = systemClock.now();

export const store = await openLmdbStore({
  path: process.argv[2] ?? '',
  clock: systemClock,
  random: systemRandom,
  owner: 'node1',
  minFree: 0,
});

/** Says a line at once: it is out when this returns. */
export function say(line: string): void {
  writeSync(1, `${line}\n`);
}
