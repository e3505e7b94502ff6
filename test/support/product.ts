import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';

/** The built command line, as a user runs it. */
const MAILSMS = resolve(import.meta.dirname, '../../dist/bin/mailsms.js');

/** How long anything here may take before a test fails: far above what it takes. */
const PATIENCE_MS = 50_000;

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Does not throw for exit codes. */
export function run(program: string, args: readonly string[], input = '', cwd?: string): Promise<Finished> {
  return new Promise((done) => {
    const child = execFile(program, [...args], { cwd, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      done({ code, stdout, stderr });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Resolves when `check` holds; fails, naming `what`, when it does not in time. */
export async function until<T>(
  what: string,
  check: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`timed out waiting for ${what}`);
    await new Promise((tick) => setTimeout(tick, 20));
  }
}

/** A gateway of its own for a test: the built product in a temporary directory. */
export class Product {
  readonly dir: string;
  #child: ChildProcess | undefined;
  #output = '';

  /** Settings as they stand in mailsms.yaml, over what every test needs. */
  constructor(settings: Record<string, unknown> = {}) {
    this.dir = mkdtempSync(join(tmpdir(), 'mailsms-'));
    this.configure(settings);
  }

  configure(settings: Record<string, unknown>): void {
    const config = {
      dataDir: './data',
      domains: [{ name: 'sms.example.com', country: 'US' }],
      smtp: { listen: '127.0.0.1:0', hostname: 'sms.example.com', trusted: ['127.0.0.1/32'] },
      http: { listen: '127.0.0.1:0' },
      gateways: [{ id: 'phone', type: 'virtual', from: 'sms:%s@sms.example.com' }],
      log: { format: 'json' },
      ...settings,
    };
    writeFileSync(join(this.dir, 'mailsms.yaml'), stringify(config), { mode: 0o600 });
  }

  /**
   * Starts it with this as its standard output, and waits for nothing. A pipe is not read until somebody does.
   *
   * @param env over that of this process
   */
  launch(stdout: number | 'pipe', env: Readonly<Record<string, string>> = {}): ChildProcess {
    return this.#spawn(stdout, [], env);
  }

  /** Starts it, with options of `mailsms start`, and waits for the line that says "ready". */
  async start(...options: readonly string[]): Promise<this> {
    const child = this.#spawn('pipe', options, {});
    child.stdout?.on('data', (chunk: Buffer) => void (this.#output += chunk.toString('utf8')));
    await until('the gateway to be ready', () => {
      if (child.exitCode !== null)
        throw new Error(`the gateway ended with ${child.exitCode}:\n${this.#output}`);
      return /ready/.test(this.#output) || undefined;
    });
    return this;
  }

  #spawn(
    stdout: number | 'pipe',
    options: readonly string[],
    env: Readonly<Record<string, string>>,
  ): ChildProcess {
    const child = spawn(process.execPath, [MAILSMS, 'start', ...options], {
      cwd: this.dir,
      stdio: ['ignore', stdout, 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#child = child;
    this.#output = '';
    child.stderr?.on('data', (chunk: Buffer) => void (this.#output += chunk.toString('utf8')));
    return child;
  }

  /** All that it printed since its start. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** The port of a listener, as the ready line names it. */
  port(name: 'SMTP' | 'SMTPS' | 'LMTP' | 'HTTP' = 'SMTP'): number {
    const match = new RegExp(`\\b${name} 127\\.0\\.0\\.1:(\\d+)`).exec(this.#output);
    if (match === null) throw new Error(`no ${name} listener in:\n${this.#output}`);
    return Number(match[1]);
  }

  /** `mailsms ...` beside it. */
  cli(...args: string[]): Promise<Finished> {
    return run(process.execPath, [MAILSMS, ...args], '', this.dir);
  }

  /** The same, with something on its standard input. */
  cliWith(input: string, ...args: string[]): Promise<Finished> {
    return run(process.execPath, [MAILSMS, ...args], input, this.dir);
  }

  /** Resolves when a log line matches. */
  logged(pattern: RegExp): Promise<string> {
    return until(`a log line like ${pattern.source}`, () =>
      this.#output.split('\n').find((line) => pattern.test(line)),
    );
  }

  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it and resolves with its exit code, or the signal that ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    const child = this.#child;
    if (child === undefined) return 0;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
    this.#child = undefined;
    return child.exitCode ?? child.signalCode ?? 0;
  }

  /** Ends it where it still runs, and removes its directory. */
  async dispose(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }
}
