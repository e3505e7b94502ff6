/** What is said about a parameter name that nobody knows. */
import { closest, distance } from 'fastest-levenshtein';
import { AddressError, quoted } from './errors.ts';

/** What people write instead, and what we tell them. */
const INSTEAD: Readonly<Record<string, string>> = {
  body: 'the text goes into the mail, not into the address',
  data: 'the text goes into the mail, not into the address',
  number: 'the number stands before the ?',
  password: 'did you mean pass',
  username: 'did you mean user',
  from: 'did you mean sender',
  gateway: 'did you mean id',
};

/**
 * The error for a name that is none of `known`. It is not quoted when `secretive`.
 */
export function unknownName(
  given: string,
  known: readonly string[],
  position: number,
  secretive: boolean,
): AddressError {
  const hint = suggestion(given.toLowerCase(), known);
  return new AddressError({
    // Only what looks like a name: `pass:secret` is meant as something else.
    part: secretive ? 'parameter' : `parameter ${quoted(/^[\w-]*/.exec(given)?.[0] ?? '')}`,
    position,
    problem: `at position ${position} is unknown`,
    hint: secretive ? `${hint} (an & in a password is written %26)` : hint,
  });
}

function suggestion(name: string, known: readonly string[]): string {
  const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
  if (instead !== undefined) return instead;
  const near = name.length <= 20 ? closest(name, known) : '';
  const close = near !== '' && distance(name, near) <= Math.min(2, near.length - 1);
  return close ? `did you mean ${near}` : `known are ${known.join(', ')}`;
}
