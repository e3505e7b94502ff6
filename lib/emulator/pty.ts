import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '../base/clock.ts';
import { Link } from './link.ts';
import { EmulatedModem, type SentSms } from './modem.ts';
import type { Script } from './script.ts';

/**
 * Pseudo-terminals, whose other end is a program's serial line. Node.js has none of its own, so that a program
 * that is there anyway makes one: python3, or script (util-linux). What the line's user writes comes out of its standard
 * output; what is put into its standard input goes to the line's user. When it ends the line hangs up.
 */
export interface Pty {
  /** `/dev/pts/7`. */
  readonly device: string;
  write(octets: string): void;
  /** Hangs up: the program at the other end sees its line go away. */
  close(): Promise<void>;
}

/** An emulated modem behind a pseudo-terminal. */
export interface PtyModem {
  /** What a gateway is given as its device. */
  readonly device: string;
  readonly modem: EmulatedModem;
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

/** A program that makes a pseudo-terminal and prints its name on the first line. */
export interface PtyMaker {
  readonly program: string;
  readonly args: readonly string[];
  /** Whether it ends with its standard input, all of that passed on. */
  readonly endsWithInput: boolean;
}

/** Keeps the terminal open at this end, so that a program may close and open it; ends with its standard input. */
const PYTHON = `
import os, select, tty
master, slave = os.openpty()
tty.setraw(slave)
def write(fd, data):
    while data:
        data = data[os.write(fd, data):]
write(1, (os.ttyname(slave) + "\\n").encode())
try:
    while True:
        ready, _, _ = select.select([0, master], [], [])
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                break
            write(master, data)
        if master in ready:
            write(1, os.read(master, 65536))
except (OSError, KeyboardInterrupt):
    pass
`;

/** What holds the terminal open behind script; it ends when this process has. */
const HOLD = `stty raw -echo; tty; while kill -0 ${process.pid} 2>/dev/null; do sleep 1; done`;

/** In the order in which they are tried. The system's own python3 starts faster than one that a version manager puts in front. */
export const PTY_MAKERS: readonly PtyMaker[] = [
  { program: '/usr/bin/python3', args: ['-I', '-c', PYTHON], endsWithInput: true },
  { program: 'python3', args: ['-I', '-c', PYTHON], endsWithInput: true },
  { program: 'script', args: ['-q', '-c', HOLD, '/dev/null'], endsWithInput: false },
];

/** Why there are no pseudo-terminals where there are none. */
export const NO_PTY = 'a pseudo-terminal takes python3, or script of util-linux, and neither works here';

/** The maker that worked. */
let proven: PtyMaker | undefined;

/** Whether there are pseudo-terminals here. */
export async function hasPty(): Promise<boolean> {
  if (proven !== undefined) return true;
  try {
    await (await openPty(() => undefined)).close();
    return true;
  } catch {
    return false;
  }
}

/** Opens a pseudo-terminal; `read` gets what its user writes. Rejects with NO_PTY where nothing can make one. */
export async function openPty(read: (octets: Buffer) => void): Promise<Pty> {
  for (const maker of proven === undefined ? PTY_MAKERS : [proven]) {
    const pty = await makePty(maker, read);
    if (pty !== undefined) proven = maker;
    if (pty !== undefined) return pty;
  }
  throw new Error(NO_PTY);
}

/** A pseudo-terminal that this program made; undefined where it is not there, or ended at once. */
export async function makePty(maker: PtyMaker, read: (octets: Buffer) => void): Promise<Pty | undefined> {
  const child = spawn(maker.program, [...maker.args], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => undefined);
  const device = await firstLine(child, read);
  if (device === undefined) return undefined;
  return {
    device,
    write: (octets) => {
      if (child.stdin.writable) child.stdin.write(Buffer.from(octets, 'latin1'));
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.stdin.end(() => maker.endsWithInput || child.kill('SIGKILL'));
      await gone;
    },
  };
}

/** The line that names the terminal, what follows it given to `read`; undefined where the program ends without one. */
function firstLine(child: ChildProcess, read: (octets: Buffer) => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    let head = Buffer.alloc(0);
    let named = false;
    child.once('error', () => resolve(undefined));
    child.once('exit', () => resolve(undefined));
    child.stdout?.on('data', (octets: Buffer) => {
      if (named) return read(octets);
      head = Buffer.concat([head, octets]);
      const end = head.indexOf(10);
      if (end < 0) return;
      named = true;
      const name = head.subarray(0, end).toString().trim();
      // Where something else was said first there is no terminal.
      resolve(name.startsWith('/') ? name : undefined);
      if (end + 1 < head.length) read(head.subarray(end + 1));
    });
  });
}

/**
 * Puts an emulated modem behind a pseudo-terminal. `script` is the text of a script (script.ts); `link` a path for a
 * symbolic link to the terminal that stays the same when the modem is unplugged and plugged in again.
 */
export async function startPtyModem(
  script: string | Script = '',
  options: { readonly link?: string; readonly clock?: Clock } = {},
): Promise<PtyModem> {
  const modem = new EmulatedModem(script, options.clock);
  const link = options.link === undefined ? undefined : new Link(options.link);
  let pty: Pty | undefined;
  const unplug = async (): Promise<void> => {
    const old = pty;
    pty = undefined;
    modem.detach();
    if (old !== undefined) link?.remove(old.device);
    await old?.close();
  };
  const replug = async (): Promise<void> => {
    if (pty !== undefined) return;
    pty = await openPty((octets) => modem.feed(octets));
    link?.point(pty.device);
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
