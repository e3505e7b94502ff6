import type { Clock } from '../../base/clock.ts';
import { Fault, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Segment } from '../../sms/segment.ts';
import type { Job, PartSent } from '../../routing/transport.ts';
import { readRegistration } from './at/answers.ts';
import { isFromNetwork, pausesGateway } from './at/causes.ts';
import type { Channel } from './at/channel.ts';
import type { Inbox } from './inbox.ts';
import { FASTEST_RESTART, Recovery } from './recovery.ts';
import { ChannelError } from './at/result.ts';
import { asSendFault, KeptLink, PduSender, type Sender } from './send.ts';
import type { Session } from './session.ts';
import { timing, type ModemSettings } from './settings.ts';
import { TextSender } from './text-send.ts';
import { mayHaveRestarted, printUrc, saysRestarted, type Urc } from './at/urc.ts';
import { Ussd } from './at/ussd.ts';
import {
  canSend,
  explain,
  look,
  readIdentity,
  readOperatorName,
  readSim,
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
  #began = 0;
  /** The questions whether it is in order, while they are asked. */
  #asking: Promise<boolean> | undefined;
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
    const { channel, session } = this;
    const inOrder = (): Promise<boolean> => this.#inOrder();
    const surelyInOrder = (): Promise<boolean> => this.#surelyInOrder();
    this.#began = this.#tools.clock.now();
    this.#tools.inbox.attach({ channel, session, inOrder, surelyInOrder });
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
      if (!(await this.#surelyInOrder())) throw this.#gone();
      if (more) await this.#kept.set(true);
      const reference = await this.#sender.send(job, segment, timing(this.#settings).send, cleared);
      this.#recovery.answered('send');
      this.#pauseMs = FIRST_PAUSE;
      return reference;
    } catch (error) {
      if (!(error instanceof ChannelError)) throw asSendFault(error);
      if (error.kind === 'refused' && !(await this.#isMeant(error))) throw this.#gone();
      this.#sendFailed(error);
      throw asSendFault(error);
    }
  }

  /** The fault of a message of which nothing went out, because the modem is to be brought up anew. */
  #gone(): Fault {
    return new Fault('gateway.down', { told: this.#lostFor ?? 'the modem does not answer' });
  }

  /**
   * Whether a refusal is about the message. A modem that has restarted refuses every one with 304, 302 or ERROR, and none
   * may be condemned for it: so the modem is asked whether it is as it was brought up, and one that cannot tell is brought up
   * anew before it is believed.
   */
  async #isMeant(error: ChannelError): Promise<boolean> {
    try {
      if (this.#lostFor !== undefined || !(await this.#inOrder())) return false;
    } catch (silent) {
      this.failed(silent);
      return false;
    }
    const fresh = this.#tools.clock.now() - this.#began < BELIEVED;
    if (this.session.agreement.tells || fresh || isFromNetwork(error)) return true;
    this.end(`the modem refused a message (${error.message}) and cannot say whether it has restarted`);
    return false;
  }

  /** Asks whether the modem is as it was brought up, and ends the line where it is not. Rejects with ChannelError. */
  #inOrder(): Promise<boolean> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(vital = false): Promise<boolean> {
    const broken = await this.session.agreement.broken(this.channel, vital);
    if (broken !== undefined) {
      this.end(`the modem has restarted, or another program has changed its settings: ${broken}`);
    }
    this.channel.forgetSilence();
    return this.#lostFor === undefined;
  }

  /** The same, asked only after a silence in which it may have restarted, and only for what the next command depends on. */
  async #surelyInOrder(): Promise<boolean> {
    if (this.channel.longestSilence < FASTEST_RESTART) return this.#lostFor === undefined;
    return this.#ask(true);
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
    if (mayHaveRestarted(urc)) return this.#check();
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
      this.#check();
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
      if (!canSend(this.#sight.registration) && this.#paused === undefined) await this.#askSim();
      if (this.#lostFor !== undefined || !(await this.#inOrder())) return;
      if (this.#operator === undefined && canSend(this.#sight.registration)) await this.#askOperator();
      this.#tools.changed();
    } catch (error) {
      this.failed(error);
    }
  }

  /** The end of a pause: a SIM that is not open any more takes a new initialisation. */
  async #askPin(): Promise<void> {
    const sim = await readSim(this.channel);
    if (sim?.state === 'READY') this.#paused = undefined;
    else this.end(this.#paused?.reason ?? 'the SIM is not ready');
  }

  /** Without a network: a SIM that was taken out and put back asks for its PIN, and one that is out is to be told of. */
  async #askSim(): Promise<void> {
    const sim = await readSim(this.channel);
    if (sim?.out === true) this.end(`the SIM is not ready any more: ${sim.state}`);
  }

  /** Something that it would not say as it was brought up. */
  odd(what: string): void {
    if (this.#lostFor !== undefined) return;
    this.#tools.log.warn({ what }, 'the modem said something odd: it is asked whether it has restarted');
    this.#check();
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

/** So long after it was brought up a modem is believed what it refuses, in ms. */
const BELIEVED = 10_000;
const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 600_000;
/** While something is wrong the modem is looked at this often. */
const ANXIOUS_CHECK = 5_000;
