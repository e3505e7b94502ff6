import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Service } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';

/** PEM. */
export interface CertificatePair {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** Absolute paths. */
export interface CertificateFiles {
  readonly key: string;
  readonly cert: string;
}

/** How often the files are looked at. Programs that renew certificates do so weeks ahead. */
const LOOK_MS = 60_000;

export async function readCertificate({ key, cert }: CertificateFiles): Promise<CertificatePair> {
  return { key: await readFile(key), cert: await readFile(cert) };
}

/**
 * Certificates follow their files: what changes on the disk serves new connections within a minute, without a restart.
 * Where the new files cannot be read, or do not fit each other (one of them is still being written), the old ones stay
 * and the log says so, once for each state of the files.
 */
export class Certificates implements Service {
  readonly name = 'certificates';
  readonly #files: CertificateFiles;
  readonly #renew: readonly ((pair: CertificatePair) => void)[];
  readonly #clock: Clock;
  readonly #log: Log;
  #seen = '';
  #cancel: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    files: CertificateFiles,
    renew: readonly ((pair: CertificatePair) => void)[],
    deps: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#files = files;
    this.#renew = renew;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  async start(): Promise<void> {
    this.#seen = await this.#state();
    this.#wait();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#looking;
  }

  /** Looks at the files now. */
  reload(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  #wait(): void {
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(LOOK_MS, () => {
      void this.reload().then(() => this.#wait());
    });
  }

  async #look(): Promise<void> {
    const { cert } = this.#files;
    const state = await this.#state();
    if (state === this.#seen) return;
    this.#seen = state;
    try {
      const pair = await readCertificate(this.#files);
      for (const renew of this.#renew) renew(pair);
      this.#log.info({ cert }, 'the certificate has changed and is used for new connections');
    } catch (error) {
      this.#log.warn(
        { cert, error: messageOf(error) },
        'the new certificate cannot be used; the old one stays',
      );
    }
  }

  /** Another one when a file has changed, was replaced, or went away. */
  async #state(): Promise<string> {
    const states = [this.#files.key, this.#files.cert].map(async (file) => {
      try {
        const { ino, size, mtimeMs } = await stat(file);
        return `${ino} ${size} ${mtimeMs}`;
      } catch (error) {
        return messageOf(error);
      }
    });
    return (await Promise.all(states)).join('\n');
  }
}
