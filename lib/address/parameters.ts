/**
 * The parameters of a message, as they follow the number in an address, stand in an HTTP query, or are appended to
 * a number by a rule. All three come as pairs of name and value and are read by the same table.
 *
 * What is refused, since a guess would send something else than was meant: names that nobody knows (a misspelt
 * `maxmsg` must not cost 100 messages), a name given twice, and values outside their range. An empty value means
 * that the parameter is not given: gateway URLs such as `&udh=%udh%&pid=%pid%` come with most of them empty.
 * Names do not mind case; values do.
 */
import { Secret } from '../base/secret.ts';
import { AddressError, forbiddenAt, quoted } from './errors.ts';
import { encode, type Span } from './escapes.ts';
import { unknownName } from './names.ts';
import { pairsOf, type Pair } from './query.ts';
import { MOST_PARTS } from './settings.ts';
import {
  callerId,
  flag,
  integer,
  mailAddress,
  minutes,
  moment,
  octet,
  octets,
  secret,
  text,
  texts,
} from './values.ts';
import type { Kind } from './values.ts';

/** The parameters that may accompany a message; those not given are absent. */
export interface Parameters {
  /** Who pays, with `pass` as proof. */
  user?: string;
  pass?: Secret;
  /** The most parts a text may take, 1-128; what is longer is cut. */
  maxmsgs?: number;
  /** The text is 8-bit data, in base64 or hex. */
  binary?: boolean;
  /** User data header as it was given: hex or base64, which of them is for the codec to tell. */
  udh?: string;
  /** TP-PID, an octet (3GPP TS 23.040 9.2.3.9). */
  pid?: number;
  /** TP-DCS, an octet (3GPP TS 23.038 4). */
  dcs?: number;
  /** Caller id: a number, or up to 11 characters. */
  sender?: string;
  /** The sender has been authenticated by somebody else; only a trusted source may say so. */
  authenticated?: boolean;
  /** A mail address that answers go to. */
  reply?: string;
  /** The gateway to use. */
  id?: string;
  /** Passed through to the gateway's template, in this order. */
  value?: string[];
  msgid?: string;
  /** Message class 0: shown at once, not stored. */
  flash?: boolean;
  /** Minutes until the network may drop it. */
  validity?: number;
  /** -9 (can wait) to 9 (urgent), 0 being normal: the range of RFC 6710. */
  priority?: number;
  /** When to send it, milliseconds since 1970-01-01T00:00:00Z. */
  at?: number;
  /** A delivery report is wanted. */
  report?: boolean;
  /** Names an alarm: a later message with the same key takes the place of one that still waits. */
  key?: string;
  /** This message ends the alarm named by `key`: where that one still waited, neither is sent. */
  cancel?: boolean;
}

export type ParameterName = keyof Parameters;

export interface ParameterOptions {
  /** Read the last `%` or `/` of a user name that has no `@` as one. */
  readonly userAt?: boolean;
  /** `equals`: names and values alternate between `=`, as in `sms=15551234567=maxmsgs=3`. */
  readonly style?: '&' | 'equals';
}

/** What each parameter's value is. One line to add one, beside its line in Parameters. Printed in this order. */
const KINDS: { readonly [N in ParameterName]: Kind<Required<Parameters>[N]> } = {
  user: text,
  pass: secret,
  maxmsgs: integer(1, MOST_PARTS),
  binary: flag,
  udh: octets,
  pid: octet,
  dcs: octet,
  sender: callerId,
  authenticated: flag,
  reply: mailAddress,
  id: text,
  value: texts,
  msgid: text,
  flash: flag,
  validity: minutes,
  priority: integer(-9, 9),
  at: moment,
  report: flag,
  key: text,
  cancel: flag,
};

/** All parameter names, in the order in which they are printed. */
export const PARAMETER_NAMES = Object.keys(KINDS) as readonly ParameterName[];

/**
 * Parameters from a query such as `user=john&pass=a%40b&maxmsgs=7` (without its question mark).
 *
 * @throws AddressError
 */
export function parseParameters(query: string | Span, options: ParameterOptions = {}): Parameters {
  const span = typeof query === 'string' ? { text: query, origin: (index: number) => index } : query;
  return readParameters(pairsOf(span, options.userAt === true, options.style));
}

/**
 * Parameters from decoded pairs: an HTTP query or form, or what a rule appended to a number.
 *
 * @throws AddressError
 */
export function readParameters(
  pairs: Iterable<Pair>,
  options: Pick<ParameterOptions, 'userAt'> = {},
): Parameters {
  const parameters: Parameters = {};
  let nth = -1;
  // A password with a bare & in it goes on in what looks like further parameters: nothing is quoted after one.
  let secretive = false;
  let openValue = false;
  for (const pair of pairs) {
    nth += 1;
    const position = pair.position ?? nth;
    const origin = pair.valuePosition ?? (() => position);
    const name = nameOf(pair.name);
    if (name === undefined && openValue) {
      // `value=&unicode=1` hands `&unicode=1` to the gateway: users of the original service write it so.
      put(parameters, 'value', `&${pair.name}=${pair.value ?? ''}`, {
        position,
        origin: () => position,
        secretive,
      });
    } else if (name === undefined) {
      throw unknownName(pair.name, PARAMETER_NAMES, position, secretive);
    } else {
      secretive ||= name === 'pass';
      const value = name === 'user' && options.userAt === true ? withAt(pair.value) : pair.value;
      if (value !== '') put(parameters, name, value, { position, origin, secretive });
    }
    openValue = name === 'value' && pair.value === '';
  }
  return parameters;
}

/** `over` laid over `base`: what both have, `over` decides (an address over its template, a rule over an address). */
export function mergeParameters(base: Parameters, over: Parameters): Parameters {
  return { ...base, ...over };
}

/**
 * The query for `parameters` (without a question mark), which parses to the same again; empty where there are none.
 * The password is printed as `***` unless `secrets` is `open`.
 */
export function printParameters(parameters: Parameters, secrets: 'hidden' | 'open' = 'hidden'): string {
  return printedPairs(parameters, secrets)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Name and escaped value of each parameter, in the table's order. */
export function printedPairs(parameters: Parameters, secrets: 'hidden' | 'open'): [ParameterName, string][] {
  return PARAMETER_NAMES.flatMap((name): [ParameterName, string][] => {
    const value = parameters[name];
    if (value === undefined) return [];
    if (value instanceof Secret) return [[name, secrets === 'open' ? encode(value.open()) : '***']];
    if (Array.isArray(value)) return value.map((each) => [name, encode(each)]);
    return [[name, encode((KINDS[name] as Kind<typeof value>).print(value))]];
  });
}

interface Place {
  readonly position: number;
  readonly origin: (index: number) => number;
  readonly secretive: boolean;
}

function put<N extends ParameterName>(
  parameters: Parameters,
  name: N,
  given: string | undefined,
  place: Place,
): void {
  const { position, origin, secretive } = place;
  const kind: Kind<Required<Parameters>[N]> = KINDS[name];
  const refuse = (problem: string, hint: string, at = position): AddressError =>
    new AddressError({ part: `parameter ${name}`, position: at, problem, hint });

  const bad = given === undefined ? -1 : forbiddenAt(given);
  if (bad >= 0) {
    throw refuse(`has a control character at position ${origin(bad)}`, 'leave it out', origin(bad));
  }
  const value = given === undefined ? kind.bare : kind.read(given);
  if (value === undefined && given === undefined) {
    throw refuse(`at position ${position} has no value`, `write ${name}= and ${kind.expects}`);
  }
  if (value === undefined) {
    const shown = secretive ? 'the value' : quoted(given ?? '');
    throw refuse(
      `is wrong: ${shown} at position ${origin(0)} is not ${kind.expects}`,
      'correct it or leave it out',
      origin(0),
    );
  }
  if (Array.isArray(value) && name === 'value') {
    (parameters.value ??= []).push(...value);
  } else if (parameters[name] === undefined) {
    parameters[name] = value;
  } else {
    throw refuse(`is given a second time at position ${position}`, 'give it once');
  }
}

function nameOf(given: string): ParameterName | undefined {
  const name = given.toLowerCase();
  return Object.hasOwn(KINDS, name) ? (name as ParameterName) : undefined;
}

/** A decoded user name in which the last `%` or `/` may be meant as the at sign. */
function withAt(user: string | undefined): string | undefined {
  if (user === undefined || user.includes('@')) return user;
  const at = Math.max(user.lastIndexOf('%'), user.lastIndexOf('/'));
  return at < 0 ? user : `${user.slice(0, at)}@${user.slice(at + 1)}`;
}
