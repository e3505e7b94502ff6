/**
 * Whether two spellings mean the same phone. A network may report `+15551234567` for what was sent to `5551234567` or
 * `05551234567`, so where one side lacks `+` and country, its digits (without leading zeros) need only be the
 * last ones of the other, and at least six of them. Anything else, short codes among it, must be the same.
 */
export function isSameNumber(a: string, b: string): boolean {
  const [one, other] = [digitsOf(a), digitsOf(b)];
  if (one === other) return true;
  const national = [a, b].filter((number) => !isInternational(number)).map(digitsOf);
  const short = national.sort((x, y) => x.length - y.length)[0];
  const long = one === short ? other : one;
  return short !== undefined && short.length >= TAIL && long.endsWith(short);
}

/** What every spelling of a number has in common: its last six digits. */
export function numberTail(number: string): string {
  return digitsOf(number).slice(-TAIL);
}

const TAIL = 6;

/** The digits, without the leading zeros that mean "national" or "international" in front; letters as they are. */
function digitsOf(number: string): string {
  return number
    .replace(/^\+/, '')
    .replace(/[\s().-]/g, '')
    .replace(/^0+(?=\d)/, '');
}

function isInternational(number: string): boolean {
  return number.startsWith('+') || number.startsWith('00');
}
