import { retryAfterMs } from '../../../base/retry-after.ts';
import { Pattern, REGEX_BUDGET_MS, type RegexBudget } from '../../../rules/match/regex.ts';
import { Condition, type Subject, firstGroup, firstText } from './condition.ts';
import { textsAt } from './paths.ts';
import type { FailureKind, RequestDescription } from './schema.ts';
import { readXml } from './xml.ts';

/** What came back. */
export interface WireAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Why there is no more of the body, where it did not come to its end. */
  readonly cut?: string;
}

/**
 * What an answer says of the message. `down` and `busy` say that the gateway is at fault, not the message; `number` is a
 * permanent failure whose cause is the number.
 */
export type Outcome =
  | { readonly kind: 'sent'; readonly ids: readonly string[] }
  /** The answer ended before it said. */
  | { readonly kind: 'unknown'; readonly text: string }
  | {
      readonly kind: Exclude<FailureKind, 'sent'>;
      /** What the provider said, as it said it: it may hold secrets, and is as long as it likes. */
      readonly text: string;
      /** Retry-After; 0 where there is none. */
      readonly afterMs: number;
    };

/** How much of an answer is looked at. */
export const MOST_ANSWER_OCTETS = 65_536;

/**
 * Reads answers. The first rule of the description that fits decides; then the status does, as RFC 9110 15 has it: 2xx that
 * is a success by the description is one, any other 2xx permanent; 408, 425, 429 and 5xx are temporary; 401, 403 and 407 mean that
 * the gateway's credentials are at fault, 3xx that its URL is; any other 4xx is permanent. Of an answer that was cut off its
 * status and what there is of it count; where they do not say that it was a success, and do not exclude it, nobody knows.
 */
export class AnswerReader {
  readonly #rules: readonly { readonly condition: Condition; readonly kind: FailureKind }[];
  readonly #success: Condition | undefined;
  readonly #id: RequestDescription['id'];
  readonly #idPattern: Pattern | undefined;
  readonly #error: RequestDescription['error'];
  readonly #errorPattern: Pattern | undefined;

  /** Throws BadPattern. */
  constructor({
    success,
    id,
    failure = [],
    error,
  }: Pick<RequestDescription, 'success' | 'id' | 'failure' | 'error'>) {
    this.#rules = failure.map(({ when, kind }) => ({ condition: new Condition(when), kind }));
    this.#success = success === undefined ? undefined : new Condition(success);
    this.#id = id;
    this.#idPattern = patternFrom(id?.regex);
    this.#error = error;
    this.#errorPattern = patternFrom(error?.regex);
  }

  /** @param key what the request was sent as, for providers that take an id of ours */
  read(answer: WireAnswer, key: string, now: number): Outcome {
    const subject = new AnswerSubject(answer);
    const budget = { left: REGEX_BUDGET_MS };
    const kind = this.#kindOf(subject, budget);
    if (answer.cut !== undefined && this.#isOpen(kind, subject)) return { kind: 'unknown', text: answer.cut };
    if (kind === 'sent') return { kind, ids: this.#idsOf(answer, subject, key, budget) };
    const text = this.#textOf(subject, budget);
    return { kind, text, afterMs: retryAfterMs(answer.headers['retry-after'], now) };
  }

  #kindOf(subject: AnswerSubject, budget: RegexBudget): FailureKind {
    const { status } = subject;
    const rule = this.#rules.find(({ condition }) => condition.holds(subject, false, budget));
    if (rule !== undefined) return rule.kind;
    if (status >= 200 && status < 300)
      return this.#success?.holds(subject, true, budget) === false ? 'permanent' : 'sent';
    if (TEMPORARY.has(status) || status >= 500) return 'temporary';
    return CREDENTIALS.has(status) || status < 400 ? 'down' : 'permanent';
  }

  /** Whether the rest of a 2xx answer could have said something else. */
  #isOpen(kind: FailureKind, { status }: Subject): boolean {
    if (status < 200 || status >= 300) return false;
    return kind === 'sent' ? this.#success === undefined && this.#rules.length > 0 : true;
  }

  #idsOf(answer: WireAnswer, { json, xml }: Subject, key: string, budget: RegexBudget): string[] {
    const id = this.#id;
    if (id?.own === true) return [key];
    const found = [
      ...(id?.json === undefined ? [] : textsAt(json, id.json)),
      ...(id?.xml === undefined ? [] : textsAt(xml, id.xml)),
      ...(this.#idPattern === undefined ? [] : [firstGroup(this.#idPattern, answer.body, budget) ?? '']),
      ...(id?.header === undefined ? [] : [answer.headers[id.header.toLowerCase()] ?? '']),
    ];
    return found.filter((each) => each !== '').map((each) => each.slice(0, LONGEST_ID));
  }

  /** What the provider says is wrong: where the description says it is, else the text itself. */
  #textOf({ text, json, xml }: Subject, budget: RegexBudget): string {
    return (
      firstText(json, this.#error?.json ?? []) ??
      firstText(xml, this.#error?.xml ?? []) ??
      (this.#errorPattern === undefined ? undefined : firstGroup(this.#errorPattern, text, budget)) ??
      text
    );
  }
}

const LONGEST_ID = 256;
const TEMPORARY = new Set([408, 425, 429]);
const CREDENTIALS = new Set([401, 403, 407]);

class AnswerSubject implements Subject {
  readonly status: number;
  readonly text: string;
  #json: unknown;
  #xml: unknown;
  #parsed = false;
  #read = false;

  constructor({ status, body }: WireAnswer) {
    this.status = status;
    this.text = body;
  }

  get json(): unknown {
    if (!this.#parsed) {
      this.#parsed = true;
      try {
        this.#json = JSON.parse(this.text.replace(/^\ufeff/, ''));
      } catch {
        this.#json = undefined;
      }
    }
    return this.#json;
  }

  get xml(): unknown {
    if (!this.#read) {
      this.#read = true;
      this.#xml = readXml(this.text);
    }
    return this.#xml;
  }
}

function patternFrom(source: string | undefined): Pattern | undefined {
  return source === undefined ? undefined : new Pattern(source, { caseSensitive: true });
}
