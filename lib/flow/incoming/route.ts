import { nameIn } from '../../base/spelling.ts';
import type { OpenQuestion } from '../../store/incoming.ts';
import type { IncomingMessage, ReplyLink } from '../../store/records.ts';

/**
 * Whom a message from a phone is for (spec section 9), in this order: the mail addresses that its text names between
 * hashes; the answer to a question that is open; who wrote to that phone through that gateway; else nobody in particular.
 * Pure: what is known comes in, the decision goes out.
 */
export type IncomingRoute =
  /** Named in the text, which is without the names. */
  | { readonly kind: 'named'; readonly addresses: readonly string[]; readonly text: string }
  | { readonly kind: 'link'; readonly link: ReplyLink; readonly text: string }
  /** A choice by number: what waited is for this sender, and so is the text, where there is any. */
  | { readonly kind: 'choice'; readonly sender: string; readonly link?: ReplyLink; readonly text: string }
  /** Several: the phone is asked, or has been asked already. */
  | { readonly kind: 'ask'; readonly links: readonly ReplyLink[] }
  | { readonly kind: 'nobody' };

export interface RouteFacts {
  readonly text: string;
  /** Unexpired links of the number, newest first. */
  readonly links: readonly ReplyLink[];
  readonly question: OpenQuestion | undefined;
  /** The time that it waited for an answer to a question is over. */
  readonly waited: boolean;
}

export interface RouteSettings {
  /** Addresses and domains that a text may name, in lower case; one of ours is never among them. */
  readonly mayName: (address: string) => boolean;
}

export function routeIncoming(
  { gateway }: Pick<IncomingMessage, 'gateway'>,
  { text, links, question, waited }: RouteFacts,
  { mayName }: RouteSettings,
): IncomingRoute {
  const own = links.filter(
    (link) => link.gateways.length === 0 || nameIn(link.gateways, gateway) !== undefined,
  );
  const named = namedIn(
    text,
    (address) => mayName(address) || own.some(({ sender }) => same(sender, address)),
  );
  if (named !== undefined) return { kind: 'named', ...named };
  const linkOf = (sender: string): ReplyLink | undefined => own.find((link) => same(link.sender, sender));
  if (question?.chosen !== undefined) {
    const link = linkOf(question.chosen);
    if (link !== undefined) return { kind: 'link', link, text };
  }
  if (waited) return { kind: 'nobody' };
  const choice = question === undefined ? undefined : chosenBy(text, question.choices);
  if (choice !== undefined) {
    const link = linkOf(choice.sender);
    return { kind: 'choice', ...choice, ...(link === undefined ? {} : { link }) };
  }
  const [first, second] = own;
  if (first === undefined) return { kind: 'nobody' };
  return second === undefined ? { kind: 'link', link: first, text } : { kind: 'ask', links: own };
}

/** `#user@domain#`, the form that `reply=` puts before a text. Phones put spaces where they like. */
const TAG = /#\s*([^\s#<>"(),;:@]+@[^\s#<>"(),;:@]+)\s*#/g;

/** The addresses that the text names and may name, each once, and the text without them. */
export function namedIn(
  text: string,
  mayName: (address: string) => boolean,
): { readonly addresses: readonly string[]; readonly text: string } | undefined {
  const found = new Map<string, string>();
  const rest = text.replace(TAG, (tag: string, address: string) => {
    if (!mayName(address)) return tag;
    if (!found.has(address.toLowerCase())) found.set(address.toLowerCase(), address);
    return ' ';
  });
  if (found.size === 0) return undefined;
  const lines = rest.split('\n').map((line) => line.replace(/[ \t]+/g, ' ').trim());
  return { addresses: [...found.values()], text: lines.join('\n').trim() };
}

/** `2`, `2 text`, `2. text`: a number of the question, and what follows it. */
function chosenBy(text: string, choices: readonly string[]): { sender: string; text: string } | undefined {
  const match = /^\s*#?(\d)[.):,]?(?:\s+([^]*))?$/.exec(text);
  const sender = match === null ? undefined : choices[Number(match[1]) - 1];
  return sender === undefined ? undefined : { sender, text: match?.[2]?.trim() ?? '' };
}

/** A digit chooses: there are no more choices than that. */
export const MOST_CHOICES = 9;

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
