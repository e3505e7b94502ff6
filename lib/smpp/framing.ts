import { DecodeError } from '../sms/errors.ts';
import { HEADER } from './pdu.ts';

/**
 * PDUs out of a stream of octets, however it is cut into pieces.
 *
 * It holds no more than one PDU and what came with it. A length below 16 or above the bound cannot be recovered from, since
 * nobody knows where the next PDU begins: `push` throws, and the connection is to be ended.
 */
export class Framing {
  readonly #longest: number;
  #held: Uint8Array[] = [];
  #size = 0;
  /** Octets of the PDU that is coming in; 0 until its length is known. */
  #wanted = 0;

  /** @param longest the most octets of a PDU */
  constructor(longest = 65_536) {
    this.#longest = longest;
  }

  /** Octets that wait for the rest of their PDU. */
  get pending(): number {
    return this.#size;
  }

  /**
   * Takes the next octets and calls `take` with each PDU that they complete, header and all.
   *
   * Throws DecodeError (`command_length`) for a length that no PDU has, once those before it have been given out.
   */
  push(octets: Uint8Array, take: (pdu: Uint8Array) => void): void {
    this.#add(octets);
    while (this.#ready()) take(this.#take(this.#wanted));
  }

  #ready(): boolean {
    if (this.#wanted === 0) {
      if (this.#size < 4) return false;
      this.#wanted = this.#length();
    }
    return this.#size >= this.#wanted;
  }

  #length(): number {
    const whole = this.#joined();
    const length = new DataView(whole.buffer, whole.byteOffset, 4).getUint32(0);
    if (length < HEADER || length > this.#longest) {
      throw new DecodeError('command_length', 0, `${length} is not from ${HEADER} to ${this.#longest}`);
    }
    return length;
  }

  #add(octets: Uint8Array): void {
    if (octets.length === 0) return;
    this.#held.push(octets);
    this.#size += octets.length;
  }

  #take(length: number): Uint8Array {
    const whole = this.#joined();
    const pdu = whole.slice(0, length);
    this.#held = whole.length === length ? [] : [whole.subarray(length)];
    this.#size = whole.length - length;
    this.#wanted = 0;
    return pdu;
  }

  /** What is held, as one piece: joined once a PDU, not once an octet. */
  #joined(): Uint8Array {
    const [first, ...others] = this.#held;
    if (first !== undefined && others.length === 0) return first;
    const whole = Buffer.concat(this.#held);
    this.#held = [whole];
    return whole;
  }
}
