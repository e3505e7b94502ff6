import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Secret } from '../../../base/secret.ts';

/**
 * Which PINs a SIM has refused. Three wrong ones block it, so a refused PIN is never tried again, and one
 * whose answer never came (the modem was pulled out at that moment) only once more.
 */
export interface PinMemory {
  /** Whether this PIN may be given to the SIM. */
  mayTry(key: string): boolean;
  /** Before the PIN is written. */
  trying(key: string): void;
  refused(key: string): void;
  accepted(key: string): void;
}

/** What a PIN is remembered by: it cannot be read back, and a new PIN in the configuration is a new key. */
export function pinKey(gateway: string, pin: Secret): string {
  return createHash('sha256').update(`mailsms PIN\0${gateway}\0${pin.open()}`).digest('hex').slice(0, 32);
}

interface Tries {
  readonly refused: boolean;
  readonly unanswered: number;
}

const MOST_UNANSWERED = 2;

/** Remembers for as long as the process lives. */
export class ProcessPinMemory implements PinMemory {
  protected readonly tries = new Map<string, Tries>();

  mayTry(key: string): boolean {
    const { refused, unanswered } = this.#of(key);
    return !refused && unanswered < MOST_UNANSWERED;
  }

  trying(key: string): void {
    this.#put(key, { refused: false, unanswered: this.#of(key).unanswered + 1 });
  }

  refused(key: string): void {
    this.#put(key, { refused: true, unanswered: 0 });
  }

  accepted(key: string): void {
    if (this.tries.delete(key)) this.changed();
  }

  protected changed(): void {
    // Nothing to write.
  }

  #of(key: string): Tries {
    return this.tries.get(key) ?? { refused: false, unanswered: 0 };
  }

  #put(key: string, tries: Tries): void {
    this.tries.set(key, tries);
    this.changed();
  }
}

/**
 * Remembers in a small JSON file, one for each gateway, so that restarting the service three times does not block a SIM. A file that
 * cannot be read counts as empty; one that cannot be written throws before the PIN is used.
 */
export class FilePinMemory extends ProcessPinMemory {
  readonly #path: string;

  constructor(path: string) {
    super();
    this.#path = path;
    for (const [key, tries] of Object.entries(readTries(path))) this.tries.set(key, tries);
  }

  protected override changed(): void {
    const next = `${this.#path}.new`;
    writeFileSync(next, JSON.stringify(Object.fromEntries(this.tries)), { mode: 0o600 });
    renameSync(next, this.#path);
  }
}

function readTries(path: string): Record<string, Tries> {
  try {
    const found = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Partial<Tries>>;
    return Object.fromEntries(
      Object.entries(found).map(([key, tries]) => [
        key,
        { refused: tries.refused === true, unanswered: Number(tries.unanswered) || 0 },
      ]),
    );
  } catch {
    return {};
  }
}
