import { Fault } from '../../base/errors.ts';

/** Bounds the memory that all mails together take while they are received and stored. */
export class Intake {
  readonly #limit: number;
  #held = 0;

  /** @param limit octets */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A mail of at most `limit` octets. */
  open(limit: number): IncomingMail {
    return new IncomingMail(this, limit);
  }

  /** Takes `octets` into account; false where they do not fit. */
  take(octets: number): boolean {
    if (this.#held + octets > this.#limit) return false;
    this.#held += octets;
    return true;
  }

  give(octets: number): void {
    this.#held -= octets;
  }
}

/** One mail as it comes in. What does not fit is dropped at once and the mail refused when it ends. */
export class IncomingMail {
  readonly #intake: Intake;
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #octets = 0;
  #held = 0;
  #refused: Fault | undefined;

  constructor(intake: Intake, limit: number) {
    this.#intake = intake;
    this.#limit = limit;
  }

  /** Octets that came, kept or not. */
  get octets(): number {
    return this.#octets;
  }

  add(chunk: Buffer): void {
    this.#octets += chunk.length;
    if (this.#refused !== undefined) return;
    if (this.#octets > this.#limit) {
      this.#refuse(new Fault('mail.size', { told: tooLarge(this.#limit) }));
    } else if (!this.#intake.take(chunk.length)) {
      this.#refuse(new Fault('store.full', { told: 'too much mail is coming in at once, try again later' }));
    } else {
      this.#held += chunk.length;
      this.#chunks.push(chunk);
    }
  }

  /** The whole mail. Throws `mail.size` or `store.full`. */
  raw(): Buffer {
    if (this.#refused !== undefined) throw this.#refused;
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
  }

  /** Gives the memory back. */
  close(): void {
    this.#chunks = [];
    this.#intake.give(this.#held);
    this.#held = 0;
  }

  #refuse(fault: Fault): void {
    this.#refused = fault;
    this.close();
  }
}

export function tooLarge(limit: number): string {
  return `the mail is larger than the ${limit} octets allowed here`;
}
