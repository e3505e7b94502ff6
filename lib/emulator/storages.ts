/** One message in a storage, as AT+CMGL lists it. */
export interface Stored {
  /** 0 received unread, 1 received read, 2 stored unsent, 3 stored sent (TS 27.005 3.1). */
  stat: number;
  hex: string;
}

/** The storages for messages of a modem and its SIM: places with numbers from 1 on, as many as there is room for. */
export class Storages extends Map<string, Map<number, Stored>> {
  readonly #sizes = new Map<string, number>();

  /** `sizes` is written `SM:20,ME:50,SR:10`. */
  constructor(sizes: string) {
    super();
    for (const part of sizes.split(',')) {
      const [name = 'SM', size = '20'] = part.split(':');
      this.set(name, new Map());
      this.#sizes.set(name, Number(size));
    }
  }

  /** How many messages there are in all of them. */
  get stored(): number {
    return [...this.values()].reduce((sum, storage) => sum + storage.size, 0);
  }

  /** `used,total` of one. */
  fill(name: string): string {
    return `${this.get(name)?.size ?? 0},${this.#sizes.get(name) ?? 0}`;
  }

  /** Puts a received message into the first place that is free and returns its number; undefined where none is. */
  put(name: string, hex: string): number | undefined {
    const storage = this.get(name);
    if (storage === undefined || storage.size >= (this.#sizes.get(name) ?? 0)) return undefined;
    let index = 1;
    while (storage.has(index)) index++;
    storage.set(index, { stat: 0, hex });
    return index;
  }
}
