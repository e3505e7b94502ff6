import type { Clock } from '../../base/clock.ts';
import { Fault, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Segment } from '../../sms/segment.ts';
import type { Job, PartSent } from '../../routing/transport.ts';
import { readRegistration } from './at/answers.ts';
import { pausesGateway } from './at/causes.ts';
import type { Channel } from './at/channel.ts';
import type { Inbox } from './inbox.ts';
import { Recovery } from './recovery.ts';
import { ChannelError } from './at/result.ts';
import { asSendFault, KeptLink, PduSender, type Sender } from './send.ts';
import type { Session } from './session.ts';
import { timing, type ModemSettings } from './settings.ts';
import { TextSender } from './text-send.ts';
import { printUrc, saysRestarted, type Urc } from './at/urc.ts';
import { Ussd } from './at/ussd.ts';
import {
  canSend,
  explain,
  look,
  readIdentity,
  readOperatorName,
  type Identity,
  type Sight,
} from './at/watch.ts';

/**
 * One modem from the end of its initialisation until it is lost: it sends, is watched, and says when it has to be
 * opened anew. `lost` resolves with the reason and never rejects; after that every `send` is refused.
 */
export class ModemLine {
  readonly lost: Promise<string>;
  readonly channel: Channel;
  readonly session: Session;
  readonly ussd: Ussd;
  readonly #settings: ModemSettings;
  readonly #tools: LineTools;
  readonly #recovery = new Recovery();
  readonly #kept: KeptLink;
  readonly #sender: Sender;
  readonly #lose: (reason: string) => void;
  #lostFor: string | undefined;
  #sight: Sight | undefined;
  #identity: Identity = {};
  #operator: string | undefined;
  #namesNoOperator = false;
  #paused: Pause | undefined;
  /** Something got no answer, and no check has had one since. */
  #suspect = false;
  #pauseMs = FIRST_PAUSE;
  #cancelCheck: () => void = () => undefined;
  #cancelSweep: () => void = () => undefined;
  #checking: Promise<void> | undefined;

  constructor(channel: Channel, session: Session, settings: ModemSettings, tools: LineTools) {
    this.channel = channel;
    this.session = session;
    this.#settings = settings;
    this.#tools = tools;
    this.#kept = new KeptLink(channel);
    this.#sender =
      session.textMode === undefined
        ? new PduSender(channel, session.smsc)
        : new TextSender(channel, session.textMode);
    this.ussd = new Ussd(channel, tools.clock);
    let lose: (reason: string) => void = () => undefined;
    this.lost = new Promise((resolve) => {
      lose = resolve;
    });
    this.#lose = lose;
  }

  /** Looks at the network once, then goes on looking by itself, and begins to receive. */
  async begin(): Promise<void> {
    this.#tools.inbox.attach(this.channel, this.session);
    this.#sight = await look(this.channel);
    this.#armCheck();
    this.#sweepAndRepeat();
    this.#introduce().catch((error: unknown) => this.failed(error));
  }

  end(reason: string): void {
    if (this.#lostFor !== undefined) return;
    this.#lostFor = reason;
    this.#cancelCheck();
    this.#cancelSweep();
    this.#tools.inbox.detach();
    // Said before the port is closed: until then every send would be refused at once, over and over.
    this.#tools.changed();
    this.#lose(reason);
  }

  /** Why nothing can be sent now; undefined where it can. */
  get obstacle(): string | undefined {
    if (this.#lostFor !== undefined) return this.#lostFor;
    if (this.#paused !== undefined) return this.#paused.reason;
    if (this.#suspect) return 'the modem did not answer and is being checked';
    if (this.#sight === undefined) return 'the modem is being asked for its network';
    return canSend(this.#sight.registration) ? undefined : explain(this.#sight.registration);
  }

  get facts(): Record<string, string | number> {
    const { registration, signal } = this.#sight ?? {};
    const fill = [...this.#tools.inbox.fill].map(([name, { used, total }]) => `${name} ${used}/${total}`);
    const entries: [string, string | number | undefined][] = [
      ...Object.entries(this.#identity as Record<string, string>),
      ['operator', this.#operator],
      ['registration', registration],
      ['signal', signal?.dbm],
      ['bars', signal?.bars],
      ['smsc', this.session.smsc ?? this.session.simSmsc],
      ['mode', this.session.textMode === undefined ? undefined : `text (${this.session.textMode.charset})`],
      ['storage', fill.length === 0 ? undefined : fill.join(', ')],
    ];
    return Object.fromEntries(
      entries.filter((entry): entry is [string, string | number] => entry[1] !== undefined),
    );
  }

  /** See routing/transport.ts on `send`. `stopping` is asked before each part. */
  async send(job: Job, sent: PartSent, stopping: () => boolean): Promise<void> {
    try {
      for (const segment of job.segments) {
        const obstacle = stopping() ? 'the gateway is being stopped' : this.obstacle;
        if (obstacle !== undefined) throw new Fault('gateway.down', { told: obstacle });
        const more = job.more || segment !== job.segments.at(-1);
        const cleared = segment === job.segments[0] ? job.cleared : undefined;
        const reference = await this.#hand(job, segment, more, cleared);
        await sent({ sequence: segment.sequence, ...(reference !== undefined && { reference }) });
      }
    } finally {
      if (!job.more) this.#kept.set(false).catch((error: unknown) => this.failed(error));
    }
  }

  async #hand(
    job: Job,
    segment: Segment,
    more: boolean,
    cleared?: Promise<void>,
  ): Promise<string | undefined> {
    try {
      if (more) await this.#kept.set(true);
      const reference = await this.#sender.send(job, segment, timing(this.#settings).send, cleared);
      this.#recovery.answered('send');
      this.#pauseMs = FIRST_PAUSE;
      return reference;
    } catch (error) {
      if (error instanceof ChannelError) this.#sendFailed(error);
      throw asSendFault(error);
    }
  }

  #sendFailed(error: ChannelError): void {
    if (error.kind === 'timeout') {
      const reason = this.#recovery.silent('send');
      if (reason !== undefined) return this.end(reason);
      this.#doubt();
      return this.#check();
    }
    this.#recovery.answered('send');
    const cause = pausesGateway(error);
    if (cause !== undefined) this.#pause(cause.told);
    // Some modems have one memory for both ways.
    else if (error.given?.code === 322 || error.given?.code === 20) this.#tools.inbox.sweep();
  }

  /** What the modem said unasked. */
  urc(urc: Urc): void {
    if (this.#lostFor !== undefined) return;
    if (this.#tools.inbox.urc(urc) || this.ussd.urc(urc)) return;
    if (saysRestarted(urc)) return this.end('the modem has restarted');
    const registration = readRegistration(printUrc(urc));
    if (registration === undefined || this.#sight === undefined) return;
    // Another domain may still carry messages: news that are bad are verified.
    if (canSend(registration)) {
      this.#sight = { ...this.#sight, registration };
      this.#tools.changed();
    } else this.#check();
  }

  /** A piece of work got no answer, or failed in a way that nobody waits for. */
  failed(error: unknown): void {
    if (this.#lostFor !== undefined) return;
    if (error instanceof ChannelError) {
      if (error.kind === 'timeout') this.#silentCheck();
      if (error.kind !== 'refused') return;
    }
    this.#tools.log.warn({ cause: messageOf(error) }, 'the modem could not do something');
  }

  #pause(reason: string): void {
    this.#paused = { reason, until: this.#tools.clock.now() + this.#pauseMs };
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE);
    this.#armCheck();
    this.#tools.changed();
  }

  #armCheck(): void {
    this.#cancelCheck();
    if (this.#lostFor !== undefined) return;
    const usual = timing(this.#settings).check;
    const left = this.#paused === undefined ? 0 : this.#paused.until - this.#tools.clock.now();
    const wait = left > 0 ? left : this.obstacle === undefined ? usual : Math.min(usual, ANXIOUS_CHECK);
    this.#cancelCheck = this.#tools.clock.after(wait, () => this.#check());
  }

  #check(): void {
    this.#checking ??= this.#checkOnce().finally(() => {
      this.#checking = undefined;
      this.#armCheck();
    });
  }

  async #checkOnce(): Promise<void> {
    try {
      if (this.#paused !== undefined && this.#tools.clock.now() >= this.#paused.until) await this.#askPin();
      this.#sight = await look(this.channel);
      this.#recovery.answered('check');
      this.#suspect = false;
      if (this.#operator === undefined && canSend(this.#sight.registration)) await this.#askOperator();
      this.#tools.changed();
    } catch (error) {
      this.failed(error);
    }
  }

  /** The end of a pause: a SIM that is not open any more takes a new initialisation. */
  async #askPin(): Promise<void> {
    const answer = await this.channel.command('AT+CPIN?').catch((error: unknown) => {
      if (error instanceof ChannelError && error.kind === 'refused') return [error.message];
      throw error;
    });
    if (/READY/i.test(answer.join(' '))) this.#paused = undefined;
    else this.end(this.#paused?.reason ?? 'the SIM is not ready');
  }

  #silentCheck(): void {
    const reason = this.#recovery.silent('check');
    if (reason !== undefined) return this.end(reason);
    this.#doubt();
    this.#armCheck();
  }

  #doubt(): void {
    this.#suspect = true;
    this.#tools.changed();
  }

  #sweepAndRepeat(): void {
    if (this.#lostFor !== undefined || this.session.storages.length === 0) return;
    this.#tools.inbox.sweep();
    this.#cancelSweep = this.#tools.clock.after(timing(this.#settings).sweep, () => this.#sweepAndRepeat());
  }

  /** What is nice to know comes after what is needed. */
  async #introduce(): Promise<void> {
    this.#identity = await readIdentity(this.channel, this.session.quirks?.iccid);
    // Without a network some modems look for minutes for a name to give.
    if (this.obstacle === undefined) await this.#askOperator();
    this.#tools.changed();
  }

  /** One that does not answer this is not asked again: it takes minutes in which nothing else is said. */
  async #askOperator(): Promise<void> {
    if (this.#namesNoOperator) return;
    try {
      this.#operator = await readOperatorName(this.channel);
    } catch (error) {
      this.#namesNoOperator = error instanceof ChannelError && error.kind === 'timeout';
      throw error;
    }
  }
}

export interface LineTools {
  readonly clock: Clock;
  readonly log: Log;
  readonly inbox: Inbox;
  /** The line's obstacle or facts may be others now. */
  changed(): void;
}

interface Pause {
  readonly reason: string;
  readonly until: number;
}

const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 600_000;
/** While something is wrong the modem is looked at this often. */
const ANXIOUS_CHECK = 5_000;
