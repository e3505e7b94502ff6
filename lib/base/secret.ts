import { inspect } from 'node:util';

/** A value that prints as `***` wherever it is printed, logged, inspected or serialised. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Only the code that needs it may call this. */
  open(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}

/** The name may follow an escaped `?` or `&`; a value ends where an address or a line does, at the latest. */
const PARAMETER =
  /((?:^|[?&;=\s"'<,/]|%3f|%26)(?:pass|password|pin|token|secret)(?:=|%3d|":"))([^&"'\s@>]*)/gi;

/** Replaces the value of each `pass=` (or password, pin, token, secret) in a text by `***`. */
export function redact(text: string): string {
  return text.replace(PARAMETER, '$1***');
}
