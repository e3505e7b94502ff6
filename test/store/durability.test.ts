import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';

const CHILD = join(import.meta.dirname, 'children', 'steps.ts');
const STEPS = [
  ...['accept', 'lease', 'progress', 'settle', 'defer', 'report'],
  ...['receive', 'finish', 'effectDone', 'charge'],
];

/** A system call on the database's file, or a line that the process said. Numbers are lines of the trace. */
interface Event {
  readonly kind: 'write' | 'synced write' | 'sync' | 'said';
  readonly line: string;
  readonly begun: number;
  readonly done: number;
}

/** Whether processes may be traced here: strace may be missing, and containers may forbid it. */
function mayTrace(): boolean {
  return spawnSync('strace', ['-f', '-e', 'trace=fdatasync', 'true']).status === 0;
}

describe('durability of the LMDB store, by its system calls', function () {
  this.timeout(120_000);
  let path: string;

  before(function () {
    if (mayTrace()) return;
    process.stderr.write('      strace is not installed or not permitted: durability is not shown here\n');
    this.skip();
  });
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'mailsms-strace-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  /** Runs the steps under strace; what they said, and what the kernel was asked. */
  async function trace(...options: string[]): Promise<{ said: string[]; events: Event[] }> {
    const log = join(path, 'trace');
    const calls = 'trace=openat,fdatasync,fsync,msync,pwrite64,pwritev,write,writev,sync_file_range';
    const run = spawnSync(
      'strace',
      [
        // One thread that syncs: strace counts by thread which call it is to spoil.
        ...['-f', '-E', 'UV_THREADPOOL_SIZE=1', '-y', '-s', '64', '-o', log, '-e', calls, ...options],
        ...[process.execPath, '--import', 'tsx', CHILD, join(path, 'store')],
      ],
      { encoding: 'utf8' },
    );
    const events = parse(await readFile(log, 'utf8'));
    return { said: run.stdout.trim().split('\n'), events };
  }

  it('every call that changes something resolves after its pages, and then its root, are synced', async () => {
    const { said, events } = await trace();
    expect(said).to.deep.equal(['open', ...STEPS, 'first sent']);
    for (const [index, step] of STEPS.entries()) {
      const before = events.findIndex((event) => event.kind === 'said' && event.line === (said[index] ?? ''));
      const after = events.findIndex((event) => event.kind === 'said' && event.line === step);
      const between = events.slice(before + 1, after);
      const resolved = events[after]?.begun ?? 0;
      const pages = between.findLast(({ kind }) => kind === 'write');
      const sync = between.find(({ kind, begun }) => kind === 'sync' && begun > (pages?.done ?? Infinity));
      const root = between.find(
        ({ kind, begun }) => kind === 'synced write' && begun > (sync?.done ?? Infinity),
      );
      expect(pages, `${step} writes pages`).to.not.equal(undefined);
      expect(sync?.done, `${step} syncs them`).to.be.lessThan(resolved);
      expect(root?.done, `${step} writes its root through a synced descriptor`).to.be.lessThan(resolved);
    }
  });

  it('a call whose sync fails is refused, and nothing of it is kept', async () => {
    // Opening a store that is there needs no sync, so that the first one is that of `accept`.
    spawnSync(process.execPath, ['--import', 'tsx', CHILD, join(path, 'store'), 'no steps']);
    const { said } = await trace('-e', 'inject=fdatasync:error=EIO:when=1');
    expect(said.slice(0, 2)).to.deep.equal(['open', 'accept store.down']);
    expect(said.at(-1)).to.equal('first absent');
    // The disk has come back: what follows is kept.
    expect(said).to.include('receive').and.to.include('charge');
  });
});

/** Reads strace's lines; calls that another thread interrupted stand in two of them. */
function parse(text: string): Event[] {
  const events: Event[] = [];
  const synced = new Set<string>();
  const pending = new Map<string, { call: string; begun: number }>();
  for (const [number, line] of text.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (rest.endsWith('<unfinished ...>')) {
      pending.set(thread, { call: rest.replace(' <unfinished ...>', ''), begun: number });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const begun = resumed === null ? undefined : pending.get(thread);
    const call = begun === undefined ? rest : begun.call + (resumed?.[1] ?? '');
    const opened = /^openat\(.*data\.mdb", ([A-Z_|]+).*= (\d+)</.exec(call);
    if (opened?.[1]?.includes('O_DSYNC') === true) synced.add(opened[2] ?? '');
    const kind = kindOf(call, synced);
    if (kind === undefined) continue;
    const words = /^write\(1<[^>]*>, "(.*)\\n"/.exec(call)?.[1] ?? '';
    events.push({ kind, line: words, begun: begun?.begun ?? number, done: number });
  }
  return events;
}

function kindOf(call: string, synced: ReadonlySet<string>): Event['kind'] | undefined {
  const [, name = '', descriptor = '', file = ''] = /^(\w+)\((\d+)<([^>]*)>/.exec(call) ?? [];
  if (name === 'write' && descriptor === '1') return 'said';
  if (!file.endsWith('data.mdb')) return undefined;
  if (name.startsWith('pwrite') || name.startsWith('write'))
    return synced.has(descriptor) ? 'synced write' : 'write';
  return (name === 'fdatasync' || name === 'fsync') && call.endsWith('= 0') ? 'sync' : undefined;
}
