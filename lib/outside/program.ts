import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { Fault, messageOf } from '../base/errors.ts';
import type { ProgramCall } from '../rules/verdict.ts';
import { admitted } from './admitted.ts';
import type { ProgramSettings } from './settings.ts';

/**
 * Runs a program to its end.
 *
 * Promises: no shell; an environment of ours alone; what it writes beyond LONGEST_OUTPUT is read and dropped, so that it never
 * waits for us; when the signal is aborted its whole process group gets SIGTERM, and SIGKILL after KILL_AFTER_MS; what it left
 * behind in its group is killed when it ends. What leaves the group by itself (setsid) is out of reach.
 */
export interface ProgramEnd {
  /** The exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Octets, of each of its two outputs. */
const LONGEST_OUTPUT = 65_536;
const KILL_AFTER_MS = 2_000;

/** The machine has too little of something now. */
const SHORT_OF = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ETXTBSY']);

/**
 * Throws the signal's reason, or `effect.failed` where it may not or cannot be run, or `effect.down` where the machine lacks the
 * means now.
 *
 * @param env beside what the call has
 */
export async function runProgram(
  call: ProgramCall,
  env: Readonly<Record<string, string>>,
  settings: ProgramSettings,
  deps: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<ProgramEnd> {
  const [program, ...args] = call.program;
  const file = await admitted(program, settings.programs);
  deps.signal.throwIfAborted();
  const child = start(file, program, args, settings.directory, {
    PATH: settings.path,
    LANG: 'C.UTF-8',
    ...onlyOurs(call.env),
    ...env,
  });
  // A program that does not read its input is none the worse for it (EPIPE).
  child.stdin.on('error', () => undefined);
  child.stdin.end(call.input ?? '');
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const { code, signal } = await ended(child, program, deps);
  return { code, signal, stdout: stdout(), stderr: stderr() };
}

function start(
  file: string,
  argv0: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): ChildProcessWithoutNullStreams {
  let child: ChildProcess;
  try {
    // In a process group of its own, so that its children can be ended with it.
    child = spawn(file, args, { argv0, cwd, env, detached: true, shell: false, windowsHide: true });
  } catch (error) {
    throw notStarted(argv0, error);
  }
  if (hasPipes(child)) return child;
  // Without free descriptors there are no pipes; the error event that follows says no more than this.
  child.on('error', () => undefined);
  throw new Fault('effect.down', { detail: `"${argv0}" was not started: no more files can be opened` });
}

function hasPipes(child: ChildProcess): child is ChildProcessWithoutNullStreams {
  return Boolean(child.stdin && child.stdout && child.stderr);
}

function ended(
  child: ChildProcess,
  program: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Pick<ProgramEnd, 'code' | 'signal'>> {
  return new Promise((resolve, reject) => {
    let cut = false;
    let cancel = (): void => undefined;
    const abort = (): void => {
      cut = true;
      killGroup(child, 'SIGTERM');
      cancel = clock.after(KILL_AFTER_MS, () => killGroup(child, 'SIGKILL'));
    };
    signal.addEventListener('abort', abort, { once: true });
    child.once('error', (error) => {
      signal.removeEventListener('abort', abort);
      reject(notStarted(program, error));
    });
    child.once('exit', () => {
      cancel();
      signal.removeEventListener('abort', abort);
      killGroup(child, 'SIGKILL');
      // Whoever left the group may hold the other end for ever.
      cancel = clock.after(KILL_AFTER_MS, () => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      });
    });
    child.once('close', (code, by) => {
      cancel();
      if (cut) reject(signal.reason as Fault);
      else resolve({ code, signal: by });
    });
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}

/** What the stream gave, as text. */
function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    const kept = chunk.subarray(0, LONGEST_OUTPUT - size);
    if (kept.length > 0) chunks.push(kept);
    size += kept.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** The rest could change what the program is: LD_PRELOAD, NODE_OPTIONS, IFS. */
function onlyOurs(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => /^MAILSMS_[A-Z0-9_]+$/.test(name)));
}

function notStarted(program: string, error: unknown): Fault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const detail = `"${program}" was not started: ${messageOf(error)}`;
  return new Fault(SHORT_OF.has(code) ? 'effect.down' : 'effect.failed', { detail, cause: error });
}
