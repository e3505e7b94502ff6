/** Lets so many pieces of work be done at once; the others wait for their turn, first come, first served. */
export class Gate {
  readonly #places: number;
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  /** @param most how many may wait */
  constructor(places: number, most: number) {
    this.#places = places;
    this.#most = most;
  }

  /** Rejects with `full()` where too many wait already. */
  async run<T>(work: () => Promise<T>, full: () => Error): Promise<T> {
    if (this.#busy >= this.#places) {
      if (this.#waiting.length >= this.#most) throw full();
      await new Promise<void>((turn) => this.#waiting.push(turn));
    } else this.#busy++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place goes to the next one without becoming free in between.
      if (next === undefined) this.#busy--;
      else next();
    }
  }
}
