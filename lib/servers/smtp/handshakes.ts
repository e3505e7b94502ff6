import type { Clock } from '../../base/clock.ts';

/**
 * TLS handshakes that come before the session, on a port with TLS from the first octet. Nothing is known of the client yet
 * but its address: so many from one address, and each has to end in its own time, whatever trickles in.
 */
export class Handshakes {
  readonly #most: number;
  readonly #ms: number;
  readonly #clock: Clock;
  readonly #perAddress = new Map<string, number>();

  constructor(limits: { readonly most: number; readonly ms: number }, clock: Clock) {
    this.#most = limits.most;
    this.#ms = limits.ms;
    this.#clock = clock;
  }

  /**
   * Counts one in; undefined where there are too many. What is returned is called when it is over, however it ended, once or
   * more often; `late` is called where that has not come about in time.
   *
   * @param address absent: not counted
   */
  begin(address: string | undefined, late: () => void): (() => void) | undefined {
    const count = address === undefined ? 0 : (this.#perAddress.get(address) ?? 0);
    if (count >= this.#most) return undefined;
    if (address !== undefined) this.#perAddress.set(address, count + 1);
    const cancel = this.#clock.after(this.#ms, late);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      cancel();
      if (address !== undefined) this.#leave(address);
    };
  }

  #leave(address: string): void {
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }
}
