/**
 * Octets that cannot be read as what they claim to be. No function of this folder throws anything else for its
 * input octets: `field` names the field of 3GPP TS 23.040 (or 'hex'), `offset` the octet, counted from 0 at the
 * start of what was given to the decoder, where that field begins or goes wrong.
 */
export class DecodeError extends Error {
  override readonly name: string = 'DecodeError';
  readonly field: string;
  readonly offset: number;
  readonly reason: string;

  constructor(field: string, offset: number, reason: string) {
    super(`${field} at octet ${offset}: ${reason}`);
    this.field = field;
    this.offset = offset;
    this.reason = reason;
  }
}

/** Values that have no form in octets: `field` names the one at fault, `reason` says why. */
export class EncodeError extends Error {
  override readonly name: string = 'EncodeError';
  readonly field: string;
  readonly reason: string;

  constructor(field: string, reason: string) {
    super(`${field}: ${reason}`);
    this.field = field;
    this.reason = reason;
  }
}

/** `value`, if it is an integer from `least` to `most`; throws EncodeError otherwise. */
export function integer(field: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new EncodeError(field, `${value} is not an integer from ${least} to ${most}`);
  }
  return value;
}
