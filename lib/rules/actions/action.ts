/** What an action is made of; the table of actions is in actions.ts. */
import { z } from 'zod';
import { BadRule } from '../bad-rule.ts';
import { cut, line, percentEncoded } from '../clean.ts';
import type { CompileContext } from '../condition.ts';
import { findGateway, noGateway, parseDestination } from './destination.ts';
import { type Draft, LONGEST_VALUE } from '../draft.ts';
import type { Direction } from '../message.ts';
import type { Template } from '../variables.ts';

export interface CompiledAction {
  /** `route to us`. */
  readonly text: string;
  /** Does it; says why where it did not. */
  readonly act: (draft: Draft) => string | undefined;
}

export interface ActionKind<S, C> {
  readonly schema: z.ZodType<S>;
  /** It can stand as a word alone. */
  readonly word?: true;
  /** It means nothing the other way. */
  readonly only?: Direction;
  /** Throws BadRule for what the schema cannot tell. */
  readonly compile: (settings: S, context: C) => CompiledAction;
}

/** A text in which variables may stand. */
export const template = () => z.string();
/** The same, not empty. */
export const filled = () => z.string().min(1);

/** One address or several, with variables. */
export const addresses = () => z.union([filled(), z.array(filled()).min(1)]);

/** The value of a header field or what is like one: one line. */
export function fillLine(value: Template, draft: Draft): string {
  return value.fill(draft, line, LONGEST_VALUE, [], line).trim();
}

/** To of an outgoing message from a text with variables: those after the first `&` become values of parameters. */
export function fillDestination(
  value: Template,
  draft: Draft,
  groups: readonly (string | undefined)[] = [],
): string {
  let query = false;
  return value.fill(
    draft,
    (text) => (query ? percentEncoded(line(text)) : line(text)),
    LONGEST_VALUE,
    groups,
    (text) => {
      query ||= /[&?]/.test(text);
      return line(text);
    },
  );
}

/** Sets To of an outgoing message; says why where it cannot. */
export function changeDestination(draft: Draft, written: string): string | undefined {
  const to = parseDestination(written, draft.gateways);
  if ('refused' in to) return to.refused;
  draft.setDestination(to);
  return undefined;
}

/** `$1@us`, `%number%@us&maxmsgs=2`: a number, and a gateway that stands in the rule itself. */
const NUMBER_AT = /^(?:\$[\d&]|[+\d]|%%?:?\w+%%?)+@([\w-]+)(?:[&?].*)?$/s;

/** Throws BadRule where To of an outgoing message is given a gateway that there is not. */
export function checkDestination(
  header: string,
  written: string,
  { direction, gateways }: CompileContext,
): void {
  if (direction !== 'outgoing' || header.toLowerCase() !== 'to') return;
  const [, gateway] = NUMBER_AT.exec(written) ?? [];
  if (gateway === undefined || findGateway(gateway, gateways) !== undefined) return;
  throw new BadRule(noGateway(gateway, gateways));
}

/** To of an outgoing message is no header field like the others. */
export function isDestination(draft: Draft, header: string): boolean {
  return draft.message.direction === 'outgoing' && header.toLowerCase() === 'to';
}

/** For the trace: a text of a rule, short. */
export function shown(text: string): string {
  const flat = line(text);
  return `"${flat.length > 60 ? `${cut(flat, 57)}...` : flat}"`;
}
