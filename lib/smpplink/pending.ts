import type { Clock } from '../base/clock.ts';
import type { Pdu } from '../smpp/pdu.ts';
import { LinkError } from './link-error.ts';

/**
 * Requests that wait for their responses, told apart by their sequence numbers: no more than `window` at once, the others in
 * the order in which they came. Each is settled once, whatever happens.
 */
export class Pending {
  readonly #settings: { readonly window: number; readonly responseMs: number };
  readonly #clock: Clock;
  readonly #write: (octets: Uint8Array) => void;
  readonly #underWay = new Map<number, Waiting>();
  readonly #queue: { readonly begin: () => void; readonly reject: (error: Error) => void }[] = [];
  /** Of those under way, the ones that count for the window. */
  #counted = 0;
  #sequence = 0;
  #over: string | undefined;
  #idlers: (() => void)[] = [];

  constructor(
    settings: { readonly window: number; readonly responseMs: number },
    clock: Clock,
    write: (octets: Uint8Array) => void,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#write = write;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Sends what `make` makes once the window has room. Rejects with LinkError, and with what `make` throws. */
  request(make: (sequence: number) => Uint8Array): Promise<Pdu> {
    return new Promise<Pdu>((resolve, reject) => {
      if (this.#over !== undefined) {
        reject(new LinkError(this.#over, false));
        return;
      }
      const begin = (): void => this.#begin({ resolve, reject, counts: true }, make);
      if (this.#counted < this.#settings.window) begin();
      else this.#queue.push({ begin, reject });
    });
  }

  /** The same, at once and outside of the window: for what must not wait behind messages. */
  aside(make: (sequence: number) => Uint8Array): Promise<Pdu> {
    return new Promise<Pdu>((resolve, reject) => {
      if (this.#over === undefined) this.#begin({ resolve, reject, counts: false }, make);
      else reject(new LinkError(this.#over, false));
    });
  }

  /** Whether somebody waited for this response. */
  answered(pdu: Pdu): boolean {
    const waiting = this.#forget(pdu.sequence);
    waiting?.resolve(pdu);
    this.#next();
    return waiting !== undefined;
  }

  /** There was a response, but it cannot be read. */
  garbled(sequence: number, reason: string): void {
    this.#forget(sequence)?.reject(new LinkError(`the response cannot be read: ${reason}`, true));
    this.#next();
  }

  /** Resolves when nothing is under way and nothing waits; at once after the end. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idlers.push(resolve));
  }

  /** Settles all: those under way may have been read by the peer, those that wait have not. */
  end(reason: string): void {
    if (this.#over !== undefined) return;
    this.#over = reason;
    for (const sequence of [...this.#underWay.keys()]) {
      this.#forget(sequence)?.reject(new LinkError(reason, true));
    }
    for (const { reject } of this.#queue.splice(0)) reject(new LinkError(reason, false));
    this.#next();
  }

  #begin({ resolve, reject, counts }: Omit<Waiting, 'cancel'>, make: (sequence: number) => Uint8Array): void {
    const sequence = this.#nextSequence();
    let octets: Uint8Array;
    try {
      octets = make(sequence);
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
      this.#next();
      return;
    }
    const cancel = this.#clock.after(this.#settings.responseMs, () => {
      this.#forget(sequence)?.reject(new LinkError('no response came in time', true));
      this.#next();
    });
    if (counts) this.#counted++;
    this.#underWay.set(sequence, { resolve, reject, counts, cancel });
    this.#write(octets);
  }

  #forget(sequence: number): Waiting | undefined {
    const waiting = this.#underWay.get(sequence);
    if (waiting === undefined) return undefined;
    this.#underWay.delete(sequence);
    if (waiting.counts) this.#counted--;
    waiting.cancel();
    return waiting;
  }

  #next(): void {
    while (this.#counted < this.#settings.window) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      next.begin();
    }
    if (this.#isIdle()) for (const resolve of this.#idlers.splice(0)) resolve();
  }

  #isIdle(): boolean {
    return this.#underWay.size === 0 && this.#queue.length === 0;
  }

  /** 1 to 0x7FFFFFFF, and round; never one that is under way. */
  #nextSequence(): number {
    do this.#sequence = (this.#sequence % 0x7fff_ffff) + 1;
    while (this.#underWay.has(this.#sequence));
    return this.#sequence;
  }
}

interface Waiting {
  readonly resolve: (response: Pdu) => void;
  readonly reject: (error: Error) => void;
  readonly counts: boolean;
  readonly cancel: () => void;
}
