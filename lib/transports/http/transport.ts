import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type Random, newId } from '../../base/random.ts';
import { oneLine } from '../../mail/write/mime.ts';
import type { Job, PartSent, Transport, TransportEvents, TransportStatus } from '../../routing/transport.ts';
import { type ClientSettings, ExchangeError, HttpClient } from './client.ts';
import { type MessageSettings, requestsOf } from './messages.ts';
import { TokenSource } from './oauth2.ts';
import type { AnswerReader, Outcome, WireAnswer } from './request/answer.ts';
import type { CompiledRequest } from './request/compile.ts';
import type { Redactor } from './request/redactor.ts';
import type { WireRequest } from './auth/wire-request.ts';
import { TemplateError } from './template/message.ts';

/**
 * A gateway whose provider takes messages by HTTP: a request for each message, or for each of its parts.
 *
 * Promises: what an answer means is decided by the description of the request (request/answer.ts). Without an answer the
 * gateway is down where no octet had left, and otherwise nobody knows what became of the message; `resendSafe` says that the
 * provider knows a request again, so that it may be sent once more. Redirects are not followed. Nothing that the gateway must
 * keep secret is in a fault, a status or the log, not even where the provider repeats it.
 *
 * A gateway that is down goes on taking messages, one after the other with pauses (routing/balance.ts): there is no other way to
 * find out whether its provider is back.
 */
export class HttpTransport implements Transport {
  readonly id: string;
  readonly capacity: number;
  readonly resendSafe: boolean;
  readonly #settings: HttpSettings;
  readonly #deps: HttpDeps;
  readonly #client: HttpClient;
  readonly #tokens: TokenSource | undefined;
  #events: TransportEvents | undefined;
  #down: string | undefined;
  #lastError: TransportStatus['lastError'];

  constructor(settings: HttpSettings, deps: HttpDeps) {
    this.id = settings.id;
    this.capacity = settings.concurrency;
    this.resendSafe = settings.idempotent;
    this.#settings = settings;
    this.#deps = deps;
    const { concurrency, redactor, request } = settings;
    this.#client = new HttpClient({ ...settings.client, connections: concurrency }, deps);
    const { oauth2 } = request;
    if (oauth2 !== undefined)
      this.#tokens = new TokenSource(oauth2, { ...deps, client: this.#client, redactor });
  }

  async start(events: TransportEvents): Promise<void> {
    this.#events = events;
    events.health(this.status());
  }

  /** Requests under way have their time to end. */
  async stop(): Promise<void> {
    this.#events = undefined;
    await this.#client.close();
  }

  status(): TransportStatus {
    const lastError = this.#lastError === undefined ? {} : { lastError: this.#lastError };
    if (this.#events === undefined) return { state: 'starting', ...lastError };
    if (this.#down === undefined) return { state: 'up', ...lastError };
    return { state: 'down', reason: this.#down, trial: true, ...lastError };
  }

  async send(job: Job, sent: PartSent): Promise<void> {
    const { clock } = this.#deps;
    for (const { message, sequences, total } of this.#requests(job)) {
      const filled = this.#fill(() => this.#settings.request.fill(message));
      const answer = await this.#exchange(filled);
      const outcome = this.#settings.answers.read(answer, message.key, clock.now());
      this.#trace(filled, answer, outcome);
      if (outcome.kind !== 'sent') throw this.#faultOf(outcome, answer);
      this.#says(undefined);
      const { ids } = outcome;
      for (const sequence of sequences) {
        // Providers that split give an id for each part, or one for all.
        const reference = ids.length === total ? ids[sequence - 1] : ids[0];
        await sent(reference === undefined ? { sequence } : { sequence, reference });
      }
    }
  }

  #requests(job: Job): ReturnType<typeof requestsOf> {
    return this.#fill(() => requestsOf(job, this.#settings.message, this.#deps.clock.now()));
  }

  /** What the message itself makes impossible is its fault alone. */
  #fill<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (error instanceof TemplateError) throw new Fault('message.content', { told: error.message });
      throw error;
    }
  }

  async #exchange(filled: WireRequest): Promise<WireAnswer> {
    const { timeoutMs, request } = this.#settings;
    const { clock, random } = this.#deps;
    const begun = clock.now();
    for (let again = false; ; again = true) {
      const token = await this.#token(timeoutMs);
      const signed = request.sign(filled, { now: clock.now(), nonce: newId(clock, random) });
      const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const headers = { 'user-agent': 'mailsms', ...signed.headers, ...bearer };
      let answer: WireAnswer;
      try {
        answer = await this.#client.exchange(
          { ...signed, headers },
          Math.max(timeoutMs - (clock.now() - begun), 1),
        );
      } catch (error) {
        throw this.#faultWithout(error);
      }
      // A token may be withdrawn before its time. What was refused for it was not looked at.
      if (answer.status !== 401 || token === undefined || again) return answer;
      this.#tokens?.forget(token);
    }
  }

  async #token(timeoutMs: number): Promise<string | undefined> {
    try {
      return await this.#tokens?.get(timeoutMs);
    } catch (error) {
      if (error instanceof Fault) throw this.#says(error.detail);
      throw error;
    }
  }

  #faultWithout(error: unknown): Fault {
    if (!(error instanceof ExchangeError)) throw error;
    const detail = this.#clean(error.message);
    if (error.written) return new Fault('gateway.unknown', { detail });
    return this.#says(detail);
  }

  #faultOf(outcome: Exclude<Outcome, { kind: 'sent' }>, { status }: WireAnswer): Fault {
    const text = this.#clean(outcome.text);
    const detail = text === '' ? `HTTP ${status}` : `HTTP ${status}: ${text}`;
    if (outcome.kind === 'unknown') return new Fault('gateway.unknown', { detail });
    const { afterMs } = outcome;
    if (outcome.kind === 'down') return this.#says(detail);
    // It answers, so it is there.
    if (outcome.kind !== 'busy') this.#says(undefined);
    const told = text === '' ? {} : { told: `${TOLD[outcome.kind]}: ${text}` };
    return new Fault(CODES[outcome.kind], { ...told, detail: `HTTP ${status}`, afterMs });
  }

  /** Notes that the gateway is down for this reason, or up. */
  #says(reason: string | undefined): Fault {
    const before = this.#down;
    this.#down = reason;
    if (reason !== undefined) this.#lastError = { at: this.#deps.clock.now(), reason };
    if (before !== reason) this.#events?.health(this.status());
    return new Fault('gateway.down', reason === undefined ? {} : { detail: reason });
  }

  /** A line of what somebody else said, without our secrets and without HTML. */
  #clean(text: string): string {
    const clean = this.#settings.redactor.clean(text).slice(0, MOST_TRACED);
    const words = clean.replace(/<(?:style|script)\b[^]*?<\/(?:style|script)>|<[^>]*>/gi, ' ');
    return oneLine(words).replace(/ {2,}/g, ' ').slice(0, MOST_WORDS);
  }

  #trace(request: WireRequest, answer: WireAnswer, outcome: Outcome): void {
    if (!this.#settings.trace) return;
    const { redactor } = this.#settings;
    const { method, origin, path, body = '' } = request;
    const fields = {
      gateway: this.id,
      request: redactor.clean(`${method} ${origin}${path}\n${body}`),
      answer: redactor.clean(`${answer.status}\n${answer.body}`).slice(0, MOST_TRACED),
      outcome: outcome.kind,
    };
    this.#deps.log.debug(fields, 'exchange');
  }
}

const MOST_WORDS = 200;
const MOST_TRACED = 4000;

const CODES = {
  temporary: 'gateway.deferred',
  permanent: 'gateway.refused',
  number: 'gateway.number',
  busy: 'gateway.busy',
} as const;

const TOLD = {
  temporary: 'the provider does not take the message now',
  permanent: 'the provider refused the message',
  number: 'the provider refused the number',
  busy: 'the provider is busy',
} as const;

export interface HttpSettings {
  readonly id: string;
  readonly request: CompiledRequest;
  readonly answers: AnswerReader;
  readonly message: MessageSettings;
  /** The provider makes one message of a request that it gets twice. */
  readonly idempotent: boolean;
  readonly concurrency: number;
  /** From connecting to the end of the answer. */
  readonly timeoutMs: number;
  readonly client: Omit<ClientSettings, 'connections'>;
  readonly redactor: Redactor;
  /** Write what is said to the log, at level `debug`, without secrets. */
  readonly trace: boolean;
}

export interface HttpDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
