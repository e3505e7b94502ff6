/** Signals that a running gateway heeds. */
export type HeededSignal = 'SIGINT' | 'SIGTERM' | 'SIGQUIT' | 'SIGHUP';

const HEEDED: readonly HeededSignal[] = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'];

/** At the first Node would open a debugger's port, at the second it would end. */
const UNHEEDED = ['SIGUSR1', 'SIGUSR2'] as const;

/**
 * The signals of the process, from the first moment on. Until somebody listens those that came are kept, but a signal to stop ends
 * the process: there is nothing yet that could be lost.
 */
export class Signals {
  #heed: (signal: HeededSignal) => void = (signal) => {
    if (signal === 'SIGHUP') this.#early = true;
    else process.exit(1);
  };
  #early = false;

  constructor() {
    for (const signal of UNHEEDED) process.on(signal, () => undefined);
    for (const signal of HEEDED) process.on(signal, () => this.#heed(signal));
  }

  /** From now on `heed` hears of each signal, and of a SIGHUP that came before. */
  listen(heed: (signal: HeededSignal) => void): void {
    this.#heed = heed;
    if (this.#early) heed('SIGHUP');
    this.#early = false;
  }
}
