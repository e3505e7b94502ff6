/**
 * What a value may hold where it is put: nothing of a message gets a control character into a header, an address, a parameter
 * or a URL. Each kind of place has its own table entry, so that a new place has to say which one it is.
 */

const CONTROLS = /[\0-\x1f\x7f-\x9f\u2028\u2029]+/g;
const CONTROLS_BUT_LINES = /[\0-\x09\x0b-\x1f\x7f-\x9f]/g;

/** One line: what header fields, addresses, parameters and answers of SMTP are made of. */
export function line(value: string): string {
  return clear(value) ? value : value.replace(CONTROLS, ' ');
}

/** Lines of text that end in LF. A tab stays. */
export function lines(value: string): string {
  if (clear(value)) return value;
  return value
    .replace(/\r\n?/g, '\n')
    .replace(CONTROLS_BUT_LINES, (character) => (character === '\t' ? '\t' : ''));
}

/** Percent-encoded for a query or a path (RFC 3986 2.1); line ends stay, encoded. */
export function urlPart(value: string): string {
  return percentEncoded(lines(value));
}

/** Percent-encoded, half of a surrogate pair becoming U+FFFD. */
export function percentEncoded(value: string): string {
  return encodeURIComponent(value.replace(/\p{Cs}/gu, '\ufffd'));
}

/** An argument of a program or a value of its environment: all but NUL, which ends one. */
export function argument(value: string): string {
  return value.replaceAll('\0', '');
}

/** Most values have none: a look is cheaper than a replacement. */
function clear(value: string): boolean {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029) return false;
  }
  return true;
}

/** `text` cut to `length`, not inside a surrogate pair. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length);
}
