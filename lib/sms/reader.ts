import { DecodeError } from './errors.ts';

/** Where a field lies in the octets that were decoded. */
export interface Span {
  readonly field: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * Octets read from the front, each read under the name of its field so that an underflow names it. Where `spans`
 * is given, every field read is noted there.
 */
export class Reader {
  readonly octets: Uint8Array;
  offset = 0;
  readonly #spans: Span[] | undefined;

  constructor(octets: Uint8Array, spans?: Span[]) {
    this.octets = octets;
    this.#spans = spans;
  }

  get left(): number {
    return this.octets.length - this.offset;
  }

  octet(field: string): number {
    const value = this.octets[this.offset];
    if (value === undefined) throw new DecodeError(field, this.offset, 'the octets end here');
    this.#note(field, 1);
    this.offset++;
    return value;
  }

  /** The next `length` octets, as a view of what is read. */
  take(field: string, length: number): Uint8Array {
    const start = this.pass(field, length);
    return this.octets.subarray(start, start + length);
  }

  /** Goes past the next `length` octets; the offset where they begin. */
  pass(field: string, length: number): number {
    if (this.left < length) {
      throw new DecodeError(field, this.offset, `needs ${length} octets, ${this.left} are left`);
    }
    this.#note(field, length);
    const start = this.offset;
    this.offset += length;
    return start;
  }

  #note(field: string, length: number): void {
    this.#spans?.push({ field, offset: this.offset, length });
  }
}
