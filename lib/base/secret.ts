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

/** Names that stand in URLs and settings; a value ends where an address or a line does, at the latest. */
const PARAMETER = /((?:^|[?&;=\s"'<,/]|%3f|%26)(?:pin|token|secret)(?:=|%3d|":"))([^&"'\s@>]*)/gi;

/** In a URL the next parameter is as safe to show as the one before it. */
const IN_URL = /(:\/\/[^\s"'<>]{0,2000}?[?&;]pass(?:word)?=)([^&"'\s<>]*)/gi;

/**
 * `pass=` in every spelling that an address may have it: behind any separator, its letters and the `=` as they are, behind a
 * backslash, or escaped, once or more often. A value that is masked already is left alone.
 */
const PASSWORD = new RegExp(
  `((?:^|[^A-Za-z0-9]|%[0-9a-f]{2})${[...'pass'].map(spelled).join('')}(?:${[...'word'].map(spelled).join('')})?` +
    String.raw`(?:\\?=|%(?:25)*3d|\+3d|":"))(?!\*\*\*(?:[&"@\s]|$))`,
  'gi',
);

function spelled(letter: string): string {
  const [small, large] = [letter, letter.toUpperCase()].map((each) => each.charCodeAt(0).toString(16));
  return String.raw`(?:\\?${letter}|[%+](?:25)*(?:${small}|${large}))`;
}

/**
 * Replaces the value of each `pass=` (or password, pin, token, secret) in a text by `***`. That of a password may hold spaces,
 * quotes, `&` and `@`, so nothing is safe to show up to the end of the local part: up to the last `@` of the line (of a header
 * field: with the lines that go on from it), or to its end where there is none.
 */
export function redact(text: string): string {
  const rest = text.replace(PARAMETER, '$1***').replace(IN_URL, '$1***');
  let shown = '';
  let from = 0;
  PASSWORD.lastIndex = 0;
  for (let match = PASSWORD.exec(rest); match !== null; match = PASSWORD.exec(rest)) {
    const start = match.index + match[0].length;
    const lineEnd = rest.slice(start).search(/\r?\n(?![ \t])/);
    const line = lineEnd < 0 ? rest.slice(start) : rest.slice(start, start + lineEnd);
    const domain = /("?)@(?=[\w[\u0080-\uffff][^@]*$)/u.exec(line);
    const end = start + (domain?.index ?? line.length);
    shown += `${rest.slice(from, start)}***`;
    from = end;
    PASSWORD.lastIndex = Math.max(end, start);
  }
  return shown + rest.slice(from);
}
