/**
 * Mails a second that are accepted durably (answered 250 when they are synced to disk): the built product beside
 * Postfix, which puts what it accepts on hold. Both run on this machine, in turn, each driven by Postfix's
 * smtp-source with mails of 1 KiB; the figures are medians, and the ratios are what to compare.
 *
 *     npm run build && npx tsx bench/accept.ts [--runs 3] [--count 3000] [--sessions 1,10,50] [--dir DIR] [--json]
 *
 * `--phone` measures the whole way to a simulated phone too; `--no-postfix` leaves Postfix out; `--prof DIR` writes a
 * processor profile of the product. Needs root and Debian's postfix package; without them only the product is measured.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { startMailsms } from './accept/mailsms.ts';
import { type Peer, processorSeconds } from './accept/peer.ts';
import { postfixVersion } from '../test/support/postfix.ts';
import { startPostfix } from './accept/postfix.ts';

const run = promisify(execFile);

const MAIL_OCTETS = 1024;
const DRIVER_MS = 120_000;

interface Scenario {
  readonly name: string;
  readonly sessions: number;
  readonly kept: boolean;
}

/** Medians of the runs of one peer in one scenario. */
interface Figure {
  readonly scenario: string;
  readonly peer: string;
  /** Mails a second. */
  readonly rate: number;
  readonly lowest: number;
  readonly highest: number;
  /** Seconds of processor time of the server for 1000 mails. */
  readonly processor: number;
}

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    count: { type: 'string', default: '3000' },
    sessions: { type: 'string', default: '1,10,50' },
    dir: { type: 'string', default: tmpdir() },
    prof: { type: 'string' },
    phone: { type: 'boolean', default: false },
    'no-postfix': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** One run of the driver, in mails a second and processor seconds of the server. */
async function drive(
  peer: Peer,
  scenario: Scenario,
  count: number,
): Promise<{ rate: number; processor: number }> {
  const flags = scenario.kept ? ['-d'] : [];
  const before = processorSeconds(peer.pid);
  const start = performance.now();
  await run(
    'smtp-source',
    [
      ...flags,
      ...['-s', String(scenario.sessions), '-m', String(count), '-l', String(MAIL_OCTETS)],
      ...['-f', 'sender@sms.test', '-t', peer.recipient, `127.0.0.1:${peer.port}`],
    ],
    { timeout: DRIVER_MS },
  );
  const seconds = (performance.now() - start) / 1000;
  return { rate: count / seconds, processor: ((processorSeconds(peer.pid) - before) * 1000) / count };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

async function measure(peers: readonly Peer[], scenario: Scenario, runs: number): Promise<Figure[]> {
  // One session alone waits for each sync: a third of the mails takes as long.
  const count = Math.ceil(Number(options.count) / (scenario.sessions === 1 ? 3 : 1));
  const results = new Map<Peer, { rate: number; processor: number }[]>(peers.map((peer) => [peer, []]));
  for (let i = 0; i < runs; i++) {
    for (const peer of peers) results.get(peer)?.push(await drive(peer, scenario, count));
  }
  return peers.map((peer) => {
    const rates = results.get(peer)?.map((result) => result.rate) ?? [];
    return {
      scenario: scenario.name,
      peer: peer.name,
      rate: median(rates),
      lowest: Math.min(...rates),
      highest: Math.max(...rates),
      processor: median(results.get(peer)?.map((result) => result.processor) ?? []),
    };
  });
}

function table(figures: readonly Figure[], peers: readonly Peer[]): string {
  const rows = [['', ...peers.map((peer) => peer.name)]];
  for (const scenario of new Set(figures.map((figure) => figure.scenario))) {
    const row = figures.filter((figure) => figure.scenario === scenario);
    const base = row.find((figure) => figure.peer.startsWith('Postfix'));
    rows.push([
      scenario,
      ...row.map((figure) => {
        const ratio =
          base === undefined || base === figure ? '' : ` = ${(figure.rate / base.rate).toFixed(2)}x`;
        const spread = `${figure.lowest.toFixed(0)}-${figure.highest.toFixed(0)}`;
        return `${figure.rate.toFixed(0)}/s${ratio} (${spread}; ${figure.processor.toFixed(2)} s CPU/1000)`;
      }),
    ]);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')).join('\n');
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(resolve(options.dir), 'mailsms-bench-'));
  await chmod(folder, 0o755);
  const peers: Peer[] = [];
  const interrupted = new Promise<never>((_resolve, reject) => {
    process.once('SIGINT', () => reject(new Error('interrupted')));
  });
  try {
    await Promise.race([interrupted, bench(folder, peers)]);
  } finally {
    for (const peer of peers) await peer.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function bench(folder: string, peers: Peer[]): Promise<void> {
  const postfix = options['no-postfix'] ? { missing: 'Postfix is left out' } : await postfixVersion();
  if ('version' in postfix) peers.push(await startPostfix(folder));
  else console.error(`${postfix.missing}: the product is measured alone`);
  for (const hold of options.phone ? [true, false] : [true]) {
    const place = join(folder, hold ? 'hold' : 'phone');
    await mkdir(place);
    const nodeOptions = options.prof === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.prof}`];
    peers.push(await startMailsms(place, { hold, nodeOptions }));
  }
  const scenarios = [true, false].flatMap((kept) =>
    options.sessions.split(',').map((sessions) => ({
      name: `${sessions} session${sessions === '1' ? '' : 's'}, ${kept ? 'kept open' : 'one mail each'}`,
      sessions: Number(sessions),
      kept,
    })),
  );
  for (const peer of peers) await drive(peer, { name: 'warm-up', sessions: 10, kept: true }, 1000);
  const figures: Figure[] = [];
  for (const scenario of scenarios) {
    figures.push(...(await measure(peers, scenario, Number(options.runs))));
  }
  const { stdout: filesystem } = await run('stat', ['-f', '-c', '%T', folder]);
  const machine = {
    processors: `${cpus().length} x ${cpus()[0]?.model.trim() ?? '?'}`,
    filesystem: filesystem.trim(),
    node: process.version,
    postfix: 'version' in postfix ? postfix.version : null,
    runs: Number(options.runs),
    mails: Number(options.count),
    mailOctets: MAIL_OCTETS,
  };
  if (options.json) console.log(JSON.stringify({ machine, figures }, null, 2));
  else {
    console.log(`Durably accepted mails of ${MAIL_OCTETS} octets a second; ${JSON.stringify(machine)}\n`);
    console.log(table(figures, peers));
  }
}

await main();
