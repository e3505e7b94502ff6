/**
 * A message on its way through the rules: what it was, and what they have made of it so far. Conditions and variables read it,
 * actions change it, the verdict is what differs from the message at the end. One run has one draft.
 *
 * Everything that can grow has a limit, since a rule may put a text into itself twice and a thousand rules may do so.
 */
import { cut, line, lines } from './clean.ts';
import type { Calendar, LocalTime } from './match/calendar.ts';
import { countryOf } from './match/country.ts';
import { type Gateways, phone } from './actions/destination.ts';
import { effectId } from './actions/effect-id.ts';
import { Field } from './field.ts';
import { type HeaderField, type RuleMessage, ruleName } from './message.ts';
import { REGEX_BUDGET_MS, type RegexBudget } from './match/regex.ts';
import type { Destination, MailboxFolder, MessageCopy, RuleEffect, Verdict } from './verdict.ts';

/** UTF-16 units of the text; what mail/extract.ts lets through. */
export const LONGEST_TEXT = 65_536;
/** UTF-16 units of a header field. */
export const LONGEST_VALUE = 8192;
const MOST_HEADERS = 1000;
/** UTF-16 units of all header fields together; what mail/extract.ts lets through. */
const LONGEST_HEADER = 262_144;
const MOST_EFFECTS = 50;

export interface DraftContext {
  readonly gateways: Gateways;
  readonly calendar: Calendar;
}

export class Draft {
  readonly message: RuleMessage;
  readonly gateways: Gateways;
  readonly budget: RegexBudget = { left: REGEX_BUDGET_MS };
  /** What the last regular expression that held in this rule caught. */
  match: readonly (string | undefined)[] = [];
  /** The title of the rule at work. */
  rule = '';
  readonly #calendar: Calendar;
  #headers: readonly HeaderField[];
  #changed = new Set<'to' | 'headers' | 'subject' | 'text' | 'sender'>();
  #to: Destination | undefined;
  /** The rule that set it last. */
  #toRule: string | undefined;
  #text: string;
  #sender: string | undefined;
  #priority: number | undefined;
  #folder: MailboxFolder | undefined;
  #usual = true;
  #outcome: Verdict['outcome'] = 'accept';
  #rejection: string | undefined;
  #decidedBy: string | undefined;
  #effects: RuleEffect[] = [];
  #local: LocalTime | undefined;
  /** Kept values of what conditions look at; emptied when an action changes anything. */
  readonly #fields = new Map<string, readonly Field[]>();
  #clean: readonly HeaderField[] | undefined;
  #html: { readonly text: string } | undefined;
  /** No further rule is to be looked at. */
  stopped = false;

  constructor(message: RuleMessage, context: DraftContext) {
    this.message = message;
    this.gateways = context.gateways;
    this.#calendar = context.calendar;
    this.#text = message.text;
    this.#sender = message.sender;
    if (message.direction === 'outgoing') {
      this.#to = phone(message.number, message.gateway, message.parameters);
      // That of the mail names all who got it: the destination takes its place.
      this.#headers = message.headers.filter(({ name }) => name.toLowerCase() !== 'to');
    } else {
      this.#headers = message.headers;
    }
  }

  /** What `read` finds, kept under `key` until something changes. @param least what to take where it finds nothing */
  fields(key: string, read: (draft: Draft) => readonly string[], least: readonly string[]): readonly Field[] {
    const known = this.#fields.get(key);
    if (known !== undefined) return known;
    const found = read(this);
    const made = (found.length === 0 ? least : found).map((each) => new Field(each));
    this.#fields.set(key, made);
    return made;
  }

  /** All values of a header field; To of an outgoing message is its destination. */
  headerValues(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    if (wanted === 'to' && this.#to !== undefined) return [this.#to.text];
    return this.#headers.filter((each) => each.name.toLowerCase() === wanted).map(({ value }) => value);
  }

  /** The first value of a header field, or nothing. */
  header(name: string): string {
    return this.headerValues(name)[0] ?? '';
  }

  /** All header fields, with To of an outgoing message. */
  get headers(): readonly HeaderField[] {
    const to = this.#to;
    if (to === undefined) return this.#headers;
    return [...this.#headers, { name: 'To', value: to.text }];
  }

  /** Of an outgoing message. */
  get destination(): Destination | undefined {
    return this.#to;
  }

  /** Outgoing: the number it goes to, empty where that is no phone. Incoming: who wrote. */
  get number(): string {
    if (this.#to === undefined) return this.message.number;
    return this.#to.kind === 'phone' ? this.#to.number : '';
  }

  get gateway(): string | undefined {
    if (this.#to === undefined) return this.message.gateway;
    return this.#to.kind === 'phone' ? this.#to.gateway : undefined;
  }

  get text(): string {
    return this.#text;
  }

  get sender(): string | undefined {
    return this.#sender;
  }

  get priority(): number {
    return this.#priority ?? this.message.priority;
  }

  get html(): string {
    this.#html ??= { text: this.message.html?.() ?? '' };
    return this.#html.text;
  }

  get local(): LocalTime {
    return (this.#local ??= this.#calendar.local(this.message.at, this.message.zone));
  }

  get country(): string | undefined {
    return countryOf(this.number);
  }

  /** Value of a parameter of the destination, or nothing. */
  parameter(name: string): string {
    const pairs = this.#to?.kind === 'phone' ? this.#to.parameters : this.message.parameters;
    return pairs.find((each) => each.name === name)?.value ?? '';
  }

  setDestination(to: Destination): void {
    this.#change('to');
    this.#to = to;
    this.#toRule = this.rule;
  }

  setText(text: string): void {
    this.#change('text');
    this.#text = cut(lines(text), LONGEST_TEXT);
  }

  setSender(sender: string): void {
    this.#change('sender');
    this.#sender = sender;
  }

  setPriority(priority: number): void {
    this.#fields.clear();
    this.#priority = priority;
  }

  setFolder(folder: MailboxFolder): void {
    this.#folder = folder;
    this.#usual = false;
  }

  /** Replaces all fields of that name by one, in the place of the first. */
  setHeader(name: string, value: string): void {
    const wanted = name.toLowerCase();
    const at = this.#headers.findIndex((each) => each.name.toLowerCase() === wanted);
    const field = { name: line(name), value: cut(line(value), LONGEST_VALUE) };
    const others = this.#headers.filter((each, index) => index === at || each.name.toLowerCase() !== wanted);
    this.#setHeaders(at < 0 ? [...others, field] : others.with(at, field), wanted);
  }

  /** False where there are too many already. */
  addHeader(name: string, value: string): boolean {
    const size = this.#headers.reduce((sum, each) => sum + each.name.length + each.value.length, 0);
    if (this.#headers.length >= MOST_HEADERS || size > LONGEST_HEADER) return false;
    const field = { name: line(name), value: cut(line(value), LONGEST_VALUE) };
    this.#setHeaders([...this.#headers, field], name.toLowerCase());
    return true;
  }

  /** How many there were. */
  deleteHeaders(name: string, which: (value: string) => boolean): number {
    const wanted = name.toLowerCase();
    const kept = this.#headers.filter((each) => each.name.toLowerCase() !== wanted || !which(each.value));
    const count = this.#headers.length - kept.length;
    if (count > 0) this.#setHeaders(kept, wanted);
    return count;
  }

  /** The id that the next effect will have in the queue. */
  get effectId(): string {
    return effectId(this.message.id ?? '', this.#effects.length);
  }

  /** False where there are too many already. @param make called only where there is room */
  addEffect(make: () => Omit<RuleEffect, 'rule'>): boolean {
    if (this.#effects.length >= MOST_EFFECTS) return false;
    this.#effects.push({ rule: this.rule, ...make() } as RuleEffect);
    return true;
  }

  /** The message goes to somebody else instead of the usual mailbox. */
  redirect(): void {
    if (this.message.direction === 'incoming') this.#usual = false;
  }

  decide(outcome: Verdict['outcome'], text?: string): void {
    this.#outcome = outcome;
    this.#rejection = text;
    this.#decidedBy = this.rule;
    this.stopped = true;
  }

  /** The rules that made what the rule at work makes of this message: it, and those that made the message. */
  get madeBy(): readonly string[] {
    const { direction, madeBy = [] } = this.message;
    return [...madeBy, ruleName(direction, this.rule)];
  }

  copy(): MessageCopy {
    const { direction, id, hops, account } = this.message;
    return {
      direction,
      ...(id === undefined ? {} : { id }),
      number: this.number,
      ...(this.gateway === undefined ? {} : { gateway: this.gateway }),
      ...(this.#sender === undefined ? {} : { sender: line(this.#sender) }),
      subject: line(this.header('subject')),
      headers: this.#cleanHeaders(),
      text: lines(this.#text),
      hops: hops + 1,
      madeBy: this.madeBy,
      ...(account === undefined ? {} : { account: account.user }),
    };
  }

  verdict(): Verdict {
    const changed = this.#changed;
    const rejected = this.#outcome === 'reject';
    return {
      outcome: this.#outcome,
      ...(this.#rejection === undefined ? {} : { text: this.#rejection }),
      ...(this.#decidedBy === undefined ? {} : { rule: this.#decidedBy }),
      stopped: this.stopped,
      ...(changed.has('to') && this.#to !== undefined ? { to: this.#to, toRule: this.#toRule ?? '' } : {}),
      ...(changed.has('headers') ? { headers: this.#headers.map(clean) } : {}),
      ...(changed.has('subject') ? { subject: line(this.header('subject')) } : {}),
      ...(changed.has('text') ? { body: this.#text } : {}),
      ...(changed.has('sender') && this.#sender !== undefined ? { sender: this.#sender } : {}),
      ...(this.#priority === undefined ? {} : { priority: this.#priority }),
      ...(this.#folder === undefined ? {} : { folder: this.#folder }),
      usual: this.#usual,
      effects: rejected ? [] : this.#effects,
    };
  }

  /** All header fields with To, fit to be passed on; made anew only where something has changed. */
  #cleanHeaders(): readonly HeaderField[] {
    this.#clean ??= this.headers.map(clean);
    return this.#clean;
  }

  #setHeaders(headers: readonly HeaderField[], name: string): void {
    this.#change('headers');
    if (name === 'subject') this.#changed.add('subject');
    this.#headers = headers;
  }

  #change(what: 'to' | 'headers' | 'text' | 'sender'): void {
    this.#changed.add(what);
    this.#fields.clear();
    this.#clean = undefined;
  }
}

function clean({ name, value }: HeaderField): HeaderField {
  return { name: line(name), value: line(value) };
}
