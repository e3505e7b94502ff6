import { close, closeSync, constants, fstatSync, open, openSync, write } from 'node:fs';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';

/** Where the octets of the log go. */
export interface LogOutput {
  /**
   * Resolves with how many octets were written, from the first one on; rejects with the system's error, whose code is EAGAIN
   * where it takes none now. Asked once at a time.
   */
  write(octets: Buffer): Promise<number>;
  /** Whether the process can end while a write is under way. */
  readonly letsGo: boolean;
}

const STDOUT = 1;

const openFile = promisify(open);
const closeFile = promisify(close);

/**
 * Standard output, so that neither a full disk nor a reader that has stopped reading holds the process up. Node's own stream
 * waits for terminals and files, and is used where it does not wait: for pipes and sockets.
 */
export function standardOutput(): LogOutput {
  const status = fstatSync(STDOUT);
  if (status.isFIFO() || status.isSocket()) return new StreamOutput(process.stdout);
  if (!isatty(STDOUT)) return new DescriptorOutput(STDOUT, false);
  // A terminal that was stopped by Ctrl+S, or whose line has died, takes nothing for as long as it likes.
  const own = openedAnew();
  return own === undefined ? new DescriptorOutput(STDOUT, false) : new DescriptorOutput(own, true);
}

/** The terminal once more, in a way that it never makes a write wait; undefined where this user may not open it. */
function openedAnew(): number | undefined {
  let opened: number | undefined;
  try {
    opened = openSync(
      `/proc/self/fd/${STDOUT}`,
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
    if (isatty(opened)) return opened;
  } catch {
    return undefined;
  }
  closeSync(opened);
  return undefined;
}

class DescriptorOutput implements LogOutput {
  readonly letsGo: boolean;
  readonly #descriptor: number;

  constructor(descriptor: number, letsGo: boolean) {
    this.#descriptor = descriptor;
    this.letsGo = letsGo;
  }

  write(octets: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.#descriptor, octets, (error, written) =>
        error === null ? resolve(written) : reject(error),
      );
    });
  }

  close(): Promise<void> {
    return closeFile(this.#descriptor);
  }
}

class StreamOutput implements LogOutput {
  readonly letsGo = true;
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    // What went wrong is told to whoever wrote; unheard, this event would end the process.
    stream.on('error', () => undefined);
  }

  write(octets: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#stream.write(octets, (error) => {
        if (error === undefined || error === null) resolve(octets.length);
        else reject(error);
      });
    });
  }
}

/** A file that lines are appended to. To be opened by `reopen` first. */
export class FileOutput implements LogOutput {
  readonly letsGo = false;
  readonly #path: string;
  #output: DescriptorOutput | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  write(octets: Buffer): Promise<number> {
    if (this.#output === undefined) return Promise.reject(new Error('the log file is not open'));
    const writing = this.#output.write(octets);
    this.#writing = writing.catch(() => undefined);
    return writing;
  }

  /** Opens the file of that name as it is now, and lets go of the one that was open. Rejects with the system's error. */
  async reopen(): Promise<void> {
    const former = this.#output;
    this.#output = new DescriptorOutput(await openFile(this.#path, 'a', 0o640), false);
    await this.#writing;
    await former?.close();
  }

  async close(): Promise<void> {
    const former = this.#output;
    this.#output = undefined;
    await this.#writing;
    await former?.close();
  }
}
