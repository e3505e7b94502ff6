import type { Clock } from './clock.ts';
import type { LogOutput } from './log-output.ts';

/**
 * Lines on their way to an output, written behind the back of whoever adds them.
 *
 * Promises: `add` neither waits nor throws, and what is held is bounded. Lines come out in their order, each of them whole
 * or not at all. What did not fit is counted; once all that was held is written, `told` hears of it, and of a failure even
 * where nothing was lost.
 */
export class LogLines {
  readonly #output: LogOutput;
  readonly #deps: LogLinesDeps;
  readonly #lines: string[] = [];
  /** Octets of the lines, those that are being written aside. */
  #held = 0;
  /** What is being written, without what is written of it already. */
  #writing: Buffer | undefined;
  /** The output has been asked and has not answered. */
  #asked = false;
  #lost = 0;
  /** Why the last try failed. */
  #error: string | undefined;
  #cancelRetry: (() => void) | undefined;
  /** Who waits for all to be written, or for a failure. */
  readonly #waiting = new Set<() => void>();

  constructor(output: LogOutput, deps: LogLinesDeps) {
    this.#output = output;
    this.#deps = deps;
  }

  /** @param line with its line end */
  add(line: string): void {
    const octets = Buffer.byteLength(line);
    if (this.#held + octets > MOST_OCTETS) {
      this.#lost++;
      return;
    }
    this.#held += octets;
    this.#lines.push(line);
    if (this.#writing === undefined) this.#next();
  }

  /**
   * Resolves when all is written, when a try has failed, or after `ms` milliseconds: with false where the system still holds a
   * write back, so that the process cannot end.
   */
  async flush(ms: number): Promise<boolean> {
    if (this.#cancelRetry !== undefined) this.#retry();
    if (this.#writing === undefined) return true;
    await new Promise<void>((done) => {
      const cancel = this.#deps.clock.after(ms, done);
      this.#waiting.add(() => {
        cancel();
        done();
      });
    });
    return !this.#asked || this.#output.letsGo;
  }

  /** Begins with the next lines, where there are any. */
  #next(): void {
    if (this.#lines.length === 0) {
      this.#tell();
      return;
    }
    let octets = 0;
    let count = 0;
    while (count < this.#lines.length && octets < CHUNK_OCTETS) {
      octets += Buffer.byteLength(this.#lines[count++] ?? '');
    }
    this.#writing = Buffer.from(this.#lines.splice(0, count).join(''));
    this.#held -= this.#writing.length;
    this.#ask(this.#writing);
  }

  #ask(octets: Buffer): void {
    this.#asked = true;
    this.#output.write(octets).then(
      (written) => (written === 0 ? this.#failed(NONE_TAKEN) : this.#written(octets.subarray(written))),
      (error: unknown) => this.#failed(error),
    );
  }

  #written(rest: Buffer): void {
    this.#asked = false;
    if (rest.length > 0) {
      this.#writing = rest;
      this.#ask(rest);
      return;
    }
    this.#writing = undefined;
    this.#next();
  }

  #failed(error: unknown): void {
    this.#asked = false;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const isFull = code === 'EAGAIN';
    if (!isFull) this.#error = code;
    this.#cancelRetry = this.#deps.clock.after(isFull ? FULL_MS : RETRY_MS, () => this.#retry());
    this.#wake();
  }

  #retry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (this.#writing !== undefined) this.#ask(this.#writing);
  }

  /** All that was held is written. */
  #tell(): void {
    const [lost, error] = [this.#lost, this.#error];
    this.#lost = 0;
    this.#error = undefined;
    if (lost > 0 || error !== undefined) this.#deps.told(lost, error);
    else this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) {
      this.#waiting.delete(wake);
      wake();
    }
  }
}

export interface LogLinesDeps {
  readonly clock: Clock;
  /** Writing works again. `lost`: how many lines were dropped; `error`: the system's word for why, where it had one. */
  readonly told: (lost: number, error: string | undefined) => void;
}

const NONE_TAKEN = Object.assign(new Error('nothing was written'), { code: 'EAGAIN' });

/** What is held of lines that cannot be written yet. */
const MOST_OCTETS = 1024 ** 2;
/** What is written in one go. */
const CHUNK_OCTETS = 65_536;
/** Pause after a failure: a full disk, a reader that has ended. */
const RETRY_MS = 1000;
/** Pause where the reader has to catch up first. */
const FULL_MS = 50;
