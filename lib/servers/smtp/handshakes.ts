import type { Clock } from '../../base/clock.ts';
import { KeyCount } from '../../base/key-count.ts';

/**
 * TLS handshakes that come before the session, on a port with TLS from the first octet. Nothing is known of the client yet
 * but its address: so many from one address, and each has to end in its own time, whatever trickles in.
 */
export class Handshakes {
  readonly #most: number;
  readonly #ms: number;
  readonly #clock: Clock;
  readonly #perAddress = new KeyCount();

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
    if (this.#perAddress.of(address) >= this.#most) return undefined;
    this.#perAddress.enter(address);
    const cancel = this.#clock.after(this.#ms, late);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      cancel();
      this.#perAddress.leave(address);
    };
  }
}
