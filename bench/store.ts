import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { systemClock } from '../lib/base/clock.ts';
import { newId, systemRandom } from '../lib/base/random.ts';
import type { AcceptItem } from '../lib/store/outgoing.ts';
import type { Store } from '../lib/store/store.ts';
import { openLmdbStore } from '../lib/store/lmdb.ts';

/**
 * The store on its own, beside a loop of plain lmdb puts of the same octets on the same disk in the same run: what its
 * indexes and its transactions cost. Each accept writes a message of 1 KiB, its place in the queue, a charge, a reply
 * link and a dedupe key; each is synced to disk when it counts.
 *
 *     node --import tsx bench/store.ts [--queue 200000] [--dir /var/tmp]
 */
const queueLength = Number(option('--queue') ?? 200_000);
const dir = option('--dir') ?? tmpdir();
const now = systemClock.now();
const TEXT = 'x'.repeat(1024);
const ROUNDS = 3;

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}

function message(): AcceptItem {
  const id = newId(systemClock, systemRandom);
  const number = `+1555${id.slice(-3)}`;
  const day = 86_400_000;
  return {
    message: {
      ...{ id, number, content: { kind: 'text', text: TEXT }, options: {}, lane: '*', priority: 0 },
      ...{ parts: [{ sequence: 1, state: 'waiting' }], concatReference: 1, charged: 0, state: 'queued' },
      ...{ attempts: 0, created: now, notBefore: now, expires: now + 5 * day, warnAt: now + day },
      origin: { via: 'smtp', sender: 'john@example.com', remote: '127.0.0.1', subject: 'Kettle' },
      trace: [{ at: now, event: 'accepted' }],
    },
    charge: { account: 'john', parts: 1, limit: 0, period: '2026-11', at: now },
    link: { number, sender: 'john@example.com', expires: now + day, at: now, messageId: id, gateways: [] },
    dedupe: { key: `<${id}@example.com> ${number}`, until: now + day },
  };
}

/** Calls a second: `callers` at once, `count` in all. */
async function rate(callers: number, count: number, call: () => Promise<unknown>): Promise<number> {
  let left = count;
  const begun = performance.now();
  const caller = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return count / ((performance.now() - begun) / 1000);
}

async function inDirectory<T>(run: (path: string) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(dir, 'mailsms-bench-'));
  try {
    return await run(path);
  } finally {
    rmSync(path, { recursive: true });
  }
}

function openStore(path: string): Promise<Store> {
  return openLmdbStore({ path, clock: systemClock, random: systemRandom, owner: 'bench' });
}

const putRate = (callers: number, count: number): Promise<number> =>
  inDirectory(async (path) => {
    const db = open({ path, noSubdir: false, encoding: 'binary' });
    const octets = Buffer.from(JSON.stringify(message().message));
    const result = await rate(callers, count, () => db.put(newId(systemClock, systemRandom), octets));
    await db.close();
    return result;
  });

const acceptRate = (callers: number, count: number): Promise<number> =>
  inDirectory(async (path) => {
    const store = await openStore(path);
    const result = await rate(callers, count, () => store.accept([message()]));
    await store.close();
    return result;
  });

const drainRate = (batch: number, count: number): Promise<number> =>
  inDirectory(async (path) => {
    const store = await openStore(path);
    for (let queued = 0; queued < count; queued += 1000) {
      await store.accept(Array.from({ length: 1000 }, message));
    }
    const begun = performance.now();
    let drained = 0;
    while (drained < count) {
      const request = { now, until: now + 600_000, limit: batch, gateway: 'modem1', lanes: ['*'] };
      const leased = await store.lease(request);
      await Promise.all(
        leased.map(({ lease }) => store.settle(lease, [{ sequence: 1, reference: '1', at: now }])),
      );
      drained += leased.length;
    }
    const result = drained / ((performance.now() - begun) / 1000);
    await store.close();
    return result;
  });

async function best(run: () => Promise<number>): Promise<number> {
  let found = 0;
  for (let round = 0; round < ROUNDS; round++) found = Math.max(found, await run());
  return found;
}

function row(what: string, figure: number, against?: number): void {
  const ratio = against === undefined ? '' : `${(figure / against).toFixed(2)} x`;
  console.log(
    `${what.padEnd(46)}${Math.round(figure).toLocaleString('en').padStart(10)}/s${ratio.padStart(12)}`,
  );
}

console.log(`best of ${ROUNDS}; in ${dir}\n`);
for (const [callers, count] of [
  [1, 2000],
  [10, 10_000],
  [50, 30_000],
] as const) {
  const put = await best(() => putRate(callers, count));
  row(`plain lmdb put, ${callers} at once`, put);
  row(`accept, ${callers} at once`, await best(() => acceptRate(callers, count)), put);
}
row('lease and settle, 100 at a time', await best(() => drainRate(100, 20_000)));
row('lease and settle, 1 at a time', await best(() => drainRate(1, 1000)));

await inDirectory(async (path) => {
  const store = await openStore(path);
  const begun = performance.now();
  for (let queued = 0; queued < queueLength; queued += 1000) {
    await store.accept(Array.from({ length: 1000 }, message));
  }
  row(
    `accept, 1000 a call, to ${queueLength.toLocaleString('en')}`,
    queueLength / ((performance.now() - begun) / 1000),
  );
  await store.close();
  const before = process.memoryUsage().rss;
  const opening = performance.now();
  const again = await openStore(path);
  const opened = performance.now() - opening;
  const leasing = performance.now();
  await again.lease({ now, until: now + 600_000, limit: 1, gateway: 'modem1', lanes: ['*'] });
  const leased = performance.now() - leasing;
  const grown = (process.memoryUsage().rss - before) / 1024 ** 2;
  const size = statSync(join(path, 'data.mdb')).size / 1024 ** 2;
  console.log(
    `then: file ${size.toFixed(0)} MiB, open ${opened.toFixed(1)} ms, first lease ${leased.toFixed(1)} ms, ` +
      `memory grown by ${grown.toFixed(0)} MiB`,
  );
  await again.close();
});
