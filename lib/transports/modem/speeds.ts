import type { ModemSettings } from './settings.ts';

/**
 * The speed at which a serial line is opened next. A modem that has lost its settings may be at the speed that it has by
 * itself: where nobody answers at the speed of the settings, every other attempt tries another. The one that worked stays.
 */
export class Speeds {
  readonly #set: number;
  readonly #hasSpeed: boolean;
  /** The one that worked last. */
  #proven: number;
  /** How many attempts in a row nobody answered. */
  #mute = 0;

  constructor({ device, baudRate = USUAL }: ModemSettings) {
    this.#set = baudRate;
    this.#proven = baudRate;
    this.#hasSpeed = !/^tcp:/i.test(device);
  }

  get next(): number {
    if (!this.#hasSpeed || this.#mute % 2 === 0) return this.#proven;
    const others = COMMON.filter((speed) => speed !== this.#proven);
    return others[((this.#mute - 1) / 2) % others.length] ?? this.#proven;
  }

  /** Somebody answered. True where that is news, and not the speed of the settings. */
  works(): boolean {
    const { next } = this;
    const news = next !== this.#proven;
    this.#proven = next;
    this.#mute = 0;
    return news && next !== this.#set;
  }

  /** The attempt failed; `silent`: because nobody answered. A line that cannot be opened at one speed is tried at others. */
  fails(silent: boolean): void {
    if (silent || this.#mute % 2 === 1) this.#mute++;
  }
}

const USUAL = 115_200;
/** Those that modems have by themselves, the likeliest first. */
const COMMON = [115_200, 9600, 19_200, 38_400, 57_600, 460_800, 921_600, 230_400];
