import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../lib/base/clock.ts';
import { ScriptedModem, type SentSms } from './modem.ts';
import type { Script } from './modem-script.ts';

const BRIDGE = fileURLToPath(new URL('pty.py', import.meta.url));

let python: boolean | undefined;

/** Whether there are pseudo-terminals here: they take python3. */
export function hasPty(): boolean {
  python ??=
    process.platform !== 'win32' &&
    spawnSync('python3', ['-c', 'import os, tty'], { stdio: 'ignore' }).status === 0;
  return python;
}

/** For `before`: skips the tests, saying why, where there is no pseudo-terminal. */
export function needsPty(this: Mocha.Context): void {
  if (hasPty()) return;
  process.stderr.write('    skipped: pseudo-terminals need python3\n');
  this.skip();
}

/** A pseudo-terminal whose other end is a program's serial line. */
export interface Pty {
  /** `/dev/pts/7`. */
  readonly device: string;
  write(octets: string): void;
  /** Hangs up: the program sees its line go away. */
  close(): Promise<void>;
}

export async function openPty(read: (octets: Buffer) => void, link?: string): Promise<Pty> {
  const child = spawn('python3', ['-I', BRIDGE, ...(link === undefined ? [] : [link])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => undefined);
  const device = await firstLine(child, read);
  return {
    device,
    write: (octets) => {
      if (child.stdin.writable) child.stdin.write(Buffer.from(octets, 'latin1'));
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      // Its end of input, so that what was written before is still passed on.
      child.stdin.end();
      await gone;
    },
  };
}

function firstLine(child: ChildProcess, read: (octets: Buffer) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    let named = false;
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the pseudo-terminal ended before it began')));
    child.stdout?.on('data', (octets: Buffer) => {
      if (named) return read(octets);
      head = Buffer.concat([head, octets]);
      const end = head.indexOf(10);
      if (end < 0) return;
      named = true;
      resolve(head.subarray(0, end).toString());
      if (end + 1 < head.length) read(head.subarray(end + 1));
    });
  });
}

export interface PtyModem {
  /** What a gateway is given as its device. */
  readonly device: string;
  readonly modem: ScriptedModem;
  /** Everything that was sent, oldest first. */
  readonly sent: readonly SentSms[];
  waitForSent(count: number, ms?: number): Promise<readonly SentSms[]>;
  /** An SMS or report comes from the network: hex, service centre in front. */
  inject(hex: string): void;
  injectText(from: string, text: string, options?: { reference?: number; timestamp?: string }): string[];
  injectReport(sms: { readonly reference: number; readonly number: string }, status?: number): string;
  /** Says something unasked. */
  say(line: string): void;
  unplug(): Promise<void>;
  /** Back again; under the same name where `link` was given, else under a new one. */
  replug(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A modem behind a real pseudo-terminal. `script` is the text of a script (see modem-script.ts); `link` a path for
 * a symbolic link to the terminal that stays the same when the modem is unplugged and plugged in again.
 */
export async function startPtyModem(
  script: string | Script = '',
  options: { readonly link?: string; readonly clock?: Clock } = {},
): Promise<PtyModem> {
  const modem = new ScriptedModem(script, options.clock);
  let pty: Pty | undefined;
  const unplug = async (): Promise<void> => {
    const old = pty;
    pty = undefined;
    modem.detach();
    await old?.close();
  };
  const replug = async (): Promise<void> => {
    if (pty !== undefined) return;
    pty = await openPty((octets) => modem.feed(octets), options.link);
    modem.attach({ write: (octets) => pty?.write(octets), unplug: () => void unplug() });
  };
  await replug();
  return {
    get device() {
      return options.link ?? pty?.device ?? 'unplugged';
    },
    modem,
    sent: modem.sent,
    waitForSent: (count, ms) => modem.waitForSent(count, ms),
    inject: (hex) => modem.inject(hex),
    injectText: (from, text, more) => modem.injectText(from, text, more),
    injectReport: (sms, status) => modem.injectReport(sms, status),
    say: (line) => modem.say(line),
    unplug,
    replug,
    close: unplug,
  };
}
