import { createHmac } from 'node:crypto';
import type { PasswordBackend } from '../accounts/backend.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Secret } from '../base/secret.ts';

/**
 * A memory in front of a backend, so that a mail program that logs in for each mail does not cost a login elsewhere.
 *
 * It keeps, for a while, that a user and a password matched, and for a moment that they did not; never that the backend was
 * down. It knows a password only as a keyed hash, with a key that is made at start and kept nowhere else. The same
 * check asked twice at once is made once. Successes and refusals have rooms of their own, so that guessing pushes
 * nobody out.
 */
export interface CacheSettings {
  /** How long a success counts, in milliseconds: so long an old password works on. 0: nothing is kept. */
  readonly successMs: number;
  /** The same for a refusal. */
  readonly refusalMs: number;
  /** Entries in each of the two rooms. */
  readonly entries: number;
}

type Verify = (user: string, secret: Secret) => Promise<string | undefined>;

const SALT_OCTETS = 32;

export class CachedBackend implements PasswordBackend {
  readonly name: string;
  readonly verifyToken?: Verify;
  readonly #backend: PasswordBackend;
  readonly #salt: Uint8Array;
  readonly #successes: Room<string>;
  readonly #refusals: Room<true>;
  readonly #running = new Map<string, Promise<string | undefined>>();

  constructor(backend: PasswordBackend, settings: CacheSettings, deps: { clock: Clock; random: Random }) {
    this.name = backend.name;
    this.#backend = backend;
    this.#salt = deps.random.bytes(SALT_OCTETS);
    this.#successes = new Room(settings.successMs, settings.entries, deps.clock);
    this.#refusals = new Room(settings.refusalMs, settings.entries, deps.clock);
    if (backend.verifyToken !== undefined) {
      const verifyToken = backend.verifyToken.bind(backend);
      this.verifyToken = (user, token) => this.#check('token', user, token, verifyToken);
    }
  }

  verify(user: string, password: Secret): Promise<string | undefined> {
    return this.#check('password', user, password, (name, secret) => this.#backend.verify(name, secret));
  }

  close(): Promise<void> {
    this.#successes.clear();
    this.#refusals.clear();
    return this.#backend.close();
  }

  async #check(kind: string, user: string, secret: Secret, verify: Verify): Promise<string | undefined> {
    const key = createHmac('sha256', this.#salt)
      .update(`${kind}\0${user}\0${secret.open()}`)
      .digest('base64');
    const proven = this.#successes.get(key);
    if (proven !== undefined) return proven;
    if (this.#refusals.get(key) === true) return undefined;
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const check = verify(user, secret);
    this.#running.set(key, check);
    try {
      const name = await check;
      if (name === undefined) this.#refusals.set(key, true);
      else this.#successes.set(key, name);
      return name;
    } finally {
      this.#running.delete(key);
    }
  }
}

/** Values that are forgotten after a time, the oldest first where there are too many. */
class Room<T> {
  readonly #keepMs: number;
  readonly #most: number;
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly value: T; readonly until: number }>();

  constructor(keepMs: number, most: number, clock: Clock) {
    this.#keepMs = keepMs;
    this.#most = most;
    this.#clock = clock;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#clock.now() < entry.until) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: T): void {
    if (this.#keepMs <= 0) return;
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.#clock.now() + this.#keepMs });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) break;
      this.#entries.delete(oldest);
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}
