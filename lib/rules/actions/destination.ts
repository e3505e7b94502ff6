/**
 * To of an outgoing message, as rules read and write it: `number`, `number@gateway`, either with `&name=value` after it.
 *
 * A rule may write anything there; what cannot be a destination is refused here, so that nothing else has to be
 * ready for it. `sms:+1555...` is understood without its prefix, a mail address is one.
 */
import { PARAMETER_NAMES } from '../../address/parameters.ts';
import { nameIn } from '../../base/spelling.ts';
import { suggestion } from '../../settings/suggestion.ts';
import { line, percentEncoded } from '../clean.ts';
import type { ParameterPair } from '../message.ts';
import type { Destination } from '../verdict.ts';

/** Parameters that a rule cannot give: who pays is settled before, and `id` is the gateway. */
const NOT_FOR_RULES = new Set(['user', 'pass', 'authenticated', 'id']);

/** Parameters that a rule may set. */
export const RULE_PARAMETERS: readonly string[] = PARAMETER_NAMES.filter((name) => !NOT_FOR_RULES.has(name));

const NUMBER = /^\+?\d[\d ().-]{0,30}$/;
/** An addr-spec, or one with a quoted local part; checked for good by lib/address. */
const ADDRESS = /^(?:"[^"]{1,200}"|[^\s"<>,;@]{1,200})@[^\s"<>,;@]{1,253}$/;
const MOST_PARAMETERS = 30;

/** Ids of the configured gateways; `any`: none is known, so every word that could be one is. */
export type Gateways = readonly string[] | 'any';

export type Refused = { readonly refused: string };

export function parseDestination(written: string, gateways: Gateways): Destination | Refused {
  const text = line(written).trim();
  const sms = /^sms:/i.test(text);
  const [target = '', ...rest] = text.replace(/^sms:/i, '').split(/[&?]/);
  // The gateway stands behind the number, or behind its parameters where a rule has put it at the end.
  const last = rest.at(-1) ?? '';
  const [head, suffix] =
    target.includes('@') || !last.includes('@') ? cutAt(target) : [target, cutAt(last)[1]];
  if (suffix !== undefined && rest.length > 0 && !target.includes('@'))
    rest[rest.length - 1] = cutAt(last)[0];
  const number = head.trim();
  if (!NUMBER.test(number)) {
    if (isAddress(text)) return { kind: 'mail', address: text, text };
    return { refused: `"${text.slice(0, 60)}" is neither a number nor an address` };
  }
  const gateway = suffix === undefined ? undefined : findGateway(suffix.trim(), gateways);
  if (suffix !== undefined && gateway === undefined) {
    // `sms:+1555...?maxmsgs=3@sms.example.com`
    if (sms) return { kind: 'mail', address: text, text };
    return { refused: noGateway(suffix, gateways) };
  }
  const parameters = parametersOf(rest);
  return 'refused' in parameters ? parameters : phone(number, gateway, parameters.pairs);
}

/** What stands before and behind the first at sign. */
function cutAt(text: string): [before: string, behind: string | undefined] {
  const at = text.indexOf('@');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** A destination made of its parts. */
export function phone(
  number: string,
  gateway: string | undefined,
  parameters: readonly ParameterPair[],
): Destination & { kind: 'phone' } {
  const query = parameters.map(({ name, value }) => `&${name}=${percentEncoded(value)}`);
  const text = `${number}${gateway === undefined ? '' : `@${gateway}`}${query.join('')}`;
  return { kind: 'phone', number, parameters, text, ...(gateway === undefined ? {} : { gateway }) };
}

/** `pairs` with `over` laid over it; an empty value takes the parameter away. */
export function overlay(pairs: readonly ParameterPair[], over: readonly ParameterPair[]): ParameterPair[] {
  const names = new Set(over.map(({ name }) => name));
  return [...pairs.filter(({ name }) => !names.has(name)), ...over.filter(({ value }) => value !== '')];
}

/** The id of a gateway, without regard to case. */
export function findGateway(name: string, gateways: Gateways): string | undefined {
  if (gateways === 'any') return /^(?=.{1,64}$)[\w-]+(?: [\w-]+)*$/.test(name) ? name : undefined;
  return nameIn(gateways, name);
}

export function noGateway(name: string, gateways: Gateways): string {
  const near = gateways === 'any' ? undefined : suggestion(name, gateways);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  return `there is no gateway "${name.slice(0, 60)}"${hint}`;
}

export function isAddress(text: string): boolean {
  return ADDRESS.test(text);
}

function parametersOf(query: readonly string[]): { pairs: ParameterPair[] } | Refused {
  const pairs: ParameterPair[] = [];
  for (const piece of query) {
    if (piece === '') continue;
    const equals = piece.indexOf('=');
    const name = (equals < 0 ? piece : piece.slice(0, equals)).toLowerCase();
    if (!RULE_PARAMETERS.includes(name))
      return { refused: `a rule cannot set the parameter "${name.slice(0, 40)}"` };
    const value = equals < 0 ? '1' : unescape(piece.slice(equals + 1));
    if (value !== '') pairs.push({ name, value: line(value) });
  }
  if (pairs.length > MOST_PARAMETERS) return { refused: `${pairs.length} parameters are too many` };
  return { pairs };
}

/** Percent-decoded; as it is where that is not possible. */
function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
