import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FixedRecord } from '../../lib/accounts/account.ts';
import { failures } from '../../lib/accounts/settings.ts';
import { dayIn, startOfDay } from '../../lib/base/calendar.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { Fault } from '../../lib/base/errors.ts';
import { Lifecycle } from '../../lib/base/lifecycle.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { ManageGateways } from '../../lib/flow/operator/gateways.ts';
import { Messages } from '../../lib/flow/operator/messages.ts';
import { Directory, type Helper, type MailingList } from '../../lib/flow/outgoing/directory.ts';
import type { Rules } from '../../lib/flow/outgoing/rule-sets.ts';
import type { UnknownPolicy } from '../../lib/flow/dispatch/setback.ts';
import type { SenderProof } from '../../lib/flow/outgoing/sender-proof.ts';
import type { Session } from '../../lib/flow/outgoing/door.ts';
import type { Mail, Mailer, Refusal } from '../../lib/mailer/mailer.ts';
import { Balance } from '../../lib/routing/balance.ts';
import { Quota, type QuotaLimits } from '../../lib/routing/quota.ts';
import type { Job, PartSent, Transport, TransportEvents } from '../../lib/routing/transport.ts';
import type { Store } from '../../lib/store/store.ts';
import type { DsnRequest, OutgoingMessage } from '../../lib/store/records.ts';
import { encodeSubmit } from '../../lib/sms/submit.ts';
import { decodeTpdu } from '../../lib/sms/tpdu.ts';
import { openLmdbStore } from '../../lib/store/lmdb.ts';
import { ManualClock } from './clock.ts';
import { MemoryLog } from './log.ts';
import { type Core, type CoreSettings, createCore } from '../../lib/core.ts';
import type { FrequencySettings } from '../../lib/flow/outgoing/frequency.ts';

/** What a scripted gateway does with a part: takes it, or throws. */
export type Move = 'take' | Fault | 'hang';

/** A gateway that does what it was told, part by part; then it takes everything. */
export class ScriptedTransport implements Transport {
  readonly id: string;
  readonly capacity: number;
  readonly moves: Move[];
  /** The parts that it took. */
  readonly taken: { number: string; sequence: number; messageId: string; statusReport: boolean }[] = [];
  /** Their texts, part by part. */
  readonly texts: string[] = [];
  /** How often it was asked to send something. */
  asked = 0;
  events: TransportEvents | undefined;
  #reference = 0;

  constructor(id: string, moves: readonly Move[] = [], capacity = 1) {
    this.id = id;
    this.moves = [...moves];
    this.capacity = capacity;
  }

  async start(events: TransportEvents): Promise<void> {
    this.events = events;
    events.health({ state: 'up' });
  }

  async send(job: Job, sent: PartSent): Promise<void> {
    this.asked++;
    for (const segment of job.segments) {
      const { sequence } = segment;
      const move = this.moves.shift() ?? 'take';
      if (move instanceof Fault) throw move;
      if (move === 'hang') await new Promise<never>(() => undefined);
      const { number, messageId, options } = job;
      this.taken.push({ number, sequence, messageId, statusReport: options.statusReport === true });
      const tpdu = decodeTpdu(encodeSubmit({ destination: number, segment }), {
        smsc: false,
        direction: 'from-mobile',
      });
      this.texts.push('text' in tpdu ? (tpdu.text ?? '') : '');
      await sent({ sequence, reference: String(++this.#reference) });
    }
  }

  status() {
    return { state: 'up' as const };
  }

  async stop(): Promise<void> {
    this.events = undefined;
  }
}

/** A relay that keeps what it gets, or refuses as it was told. */
class MemoryMailer implements Mailer {
  readonly mails: (Omit<Mail, 'raw'> & { raw: string })[] = [];
  readonly refusals: Fault[] = [];

  async open(): Promise<void> {}
  async close(): Promise<void> {}

  async send({ from, to, raw }: Mail): Promise<readonly Refusal[]> {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    this.mails.push({ from, to, raw: Buffer.from(raw).toString('utf8') });
    return [];
  }
}

export interface WorldOptions {
  readonly gateways?: readonly ScriptedTransport[];
  readonly prefixes?: Readonly<Record<string, readonly string[]>>;
  readonly quotas?: Readonly<Record<string, QuotaLimits>>;
  /** Gateways that are switched off. */
  readonly inactive?: readonly string[];
  readonly accounts?: readonly FixedRecord[];
  readonly names?: { readonly helpers?: readonly Helper[]; readonly lists?: readonly MailingList[] };
  readonly frequency?: Partial<FrequencySettings>;
  readonly senderProof?: SenderProof;
  readonly replyKey?: Uint8Array;
  readonly rules?: Rules;
  readonly separateGateways?: boolean;
  readonly answersPerNumber?: number;
  readonly conflict?: Partial<CoreSettings['delivery']['conflict']>;
  readonly mailbox?: readonly string[];
  readonly unknown?: UnknownPolicy;
  /** Takes the place of a data directory made for this world alone. */
  readonly dir?: string;
  readonly clock?: ManualClock;
  readonly incarnation?: string;
}

const MINUTE = 60_000;
const PATIENCE_MS = 15_000;

/** The flow on a real store, with scripted gateways, a relay in memory and a clock that the test moves. */
export class World {
  readonly dir: string;
  readonly clock: ManualClock;
  readonly log = new MemoryLog();
  readonly mailer = new MemoryMailer();
  readonly gateways: readonly ScriptedTransport[];
  readonly store: Store;
  readonly #core: Core;
  readonly #lifecycle: Lifecycle;

  /** Calls to the store that are under way. */
  readonly #calls: Set<Promise<unknown>>;

  private constructor(
    store: Store,
    calls: Set<Promise<unknown>>,
    dir: string,
    clock: ManualClock,
    options: WorldOptions,
  ) {
    this.store = store;
    this.#calls = calls;
    this.dir = dir;
    this.clock = clock;
    this.gateways = options.gateways ?? [new ScriptedTransport('modem1')];
    const balance = new Balance(clock);
    const calendar = { dayOf: dayIn('UTC'), startOfDay: (day: string) => startOfDay(day, 'UTC') };
    for (const each of this.gateways) {
      const limits = options.quotas?.[each.id];
      const quota = limits === undefined ? undefined : new Quota(limits, { clock, calendar });
      balance.add(each.id, 1, each.capacity, quota);
    }
    const { senderProof, rules } = options;
    this.#core = createCore(settingsOf(options, this.gateways), {
      ...{ store, clock, random: systemRandom, log: this.log, balance, senderProof, rules },
      transports: new Map(this.gateways.map((each) => [each.id, each])),
      mailer: this.mailer,
    });
    this.#lifecycle = new Lifecycle({ clock: systemClock, log: this.log, graceMs: PATIENCE_MS });
  }

  get submission(): Core['submission'] {
    return this.#core.submission;
  }

  get preview(): Core['preview'] {
    return this.#core.preview;
  }

  /** Messages as the operator handles them. */
  get messages(): Messages {
    const { store, clock, log } = this;
    const { submission, reports } = this.#core;
    const configured = this.gateways.map(({ id }) => ({ id, type: 'scripted', active: true }));
    const transports = new Map(this.gateways.map((each) => [each.id, each]));
    return new Messages({
      ...{ store, clock, log, submission, reports },
      gateways: new ManageGateways(configured, { store, log, transports, held: () => undefined }),
      readNumber: (written) => written,
    });
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'mailsms-world-'));
    const clock = options.clock ?? new ManualClock();
    const { incarnation } = options;
    const store = await openLmdbStore({
      path: dir,
      owner: 'node',
      // What the store waits for is a real disk.
      clock: { now: () => clock.now(), after: (ms, run) => systemClock.after(ms, run) },
      random: systemRandom,
      ...(incarnation === undefined ? {} : { incarnation }),
    });
    const calls = new Set<Promise<unknown>>();
    const world = new World(watched(store, calls), calls, dir, clock, options);
    await world.#lifecycle.start(world.#core.services);
    return world;
  }

  /** A mail as a server hands it in; resolves with what became of each recipient. */
  async mail(
    to: string | readonly string[],
    text: string,
    more: {
      sender?: string | null;
      headers?: string;
      session?: Partial<Session>;
      dsn?: DsnRequest;
    } = {},
  ) {
    const session: Session = { via: 'smtp', remote: '127.0.0.1', trusted: true, ...more.session };
    const sender = more.sender === null ? undefined : (more.sender ?? 'john@office.example');
    const recipients = [];
    for (const address of typeof to === 'string' ? [to] : to) {
      recipients.push(await this.submission.recipient(session, sender, address, more.dsn ?? {}));
    }
    const raw = Buffer.from(
      `From: ${sender ?? '<>'}\r\nSubject: test\r\n${more.headers ?? ''}\r\n${text}\r\n`,
    );
    return this.submission.submit(session, { ...(sender === undefined ? {} : { sender }), recipients, raw });
  }

  /** Waits until `check` holds. The flow's clock stands still meanwhile: only disk syncs take time. */
  async rest(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!(await check())) {
      if (performance.now() > end) throw new Error(`never came: ${what}\n${this.log.lines.join('\n')}`);
      await new Promise((tick) => setTimeout(tick, 1));
    }
  }

  /** Lets time pass: each timer runs at its time, and what it set off comes to rest before the next. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    await this.#quiet();
    for (
      let next = this.clock.next;
      next !== undefined && this.clock.now() + next <= end;
      next = this.clock.next
    ) {
      this.clock.advanceNow(next);
      await this.#quiet();
    }
    this.clock.advanceNow(end - this.clock.now());
  }

  /** Until no call to the store is under way, and none begins in a few turns of the event loop. */
  async #quiet(): Promise<void> {
    for (let calm = 0; calm < 5; calm++) {
      if (this.#calls.size > 0) {
        await Promise.allSettled(this.#calls);
        calm = 0;
      }
      await new Promise((turn) => setImmediate(turn));
    }
  }

  /** The message, once it is in that state. */
  async state(id: string, state: OutgoingMessage['state']): Promise<OutgoingMessage> {
    let message: OutgoingMessage | undefined;
    await this.rest(async () => {
      message = await this.store.find(id);
      return message?.state === state;
    }, `message ${id} as ${state}`);
    if (message === undefined) throw new Error('lost');
    return message;
  }

  async mails(count: number) {
    await this.rest(() => this.mailer.mails.length >= count, `${count} mails`);
    return this.mailer.mails;
  }

  async stop(): Promise<void> {
    await this.#lifecycle.stop();
    await this.store.close();
  }

  /** As if the process had been killed: nothing is waited for. */
  async crash(): Promise<void> {
    await this.store.close();
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const HOSTNAME = 'sms.example.com';

function settingsOf(options: WorldOptions, gateways: readonly ScriptedTransport[]): CoreSettings {
  const mailExpireMs = 7200 * MINUTE;
  const text = { strip: true };
  const { replyKey } = options;
  return {
    zone: 'UTC',
    accounts: { fixed: options.accounts ?? [], throttle: failures.parse({}), blankPasswords: false },
    gateways: gateways.map(({ id }) => ({
      id,
      prefixes: options.prefixes?.[id] ?? [],
      referenceBits: 8 as const,
      active: !(options.inactive ?? []).includes(id),
    })),
    directory: new Directory(
      { helpers: options.names?.helpers ?? [], lists: options.names?.lists ?? [] },
      { domains: [{ name: HOSTNAME }], country: 'US' },
    ),
    admit: { bounces: false, maxmsgs: 3, ...(replyKey === undefined ? {} : { replyKey }) },
    frequency: { recipientsPerMinute: 0, sendersPerNumber: 0, ...options.frequency },
    loops: {
      hostname: HOSTNAME,
      maxHops: 100,
      automatic: ['auto-generated'],
      answersPerNumber: options.answersPerNumber ?? 30,
    },
    outgoingRules: { country: 'US' },
    plan: { mailExpireMs, separateGateways: options.separateGateways ?? false },
    drafts: {
      maxmsgs: 3,
      smart: true,
      expireMs: mailExpireMs,
      warnMs: 240 * MINUTE,
      dedupeMs: 1440 * MINUTE,
      replyLinkMs: 10_080 * MINUTE,
    },
    submission: { country: 'US', text, hostname: HOSTNAME, mailExpireMs },
    preview: {
      text,
      trusts: (remote) => remote === '127.0.0.1',
      authRequired: false,
      otherUsers: false,
      mailOctets: 10 * 1024 ** 2,
      recipients: 1000,
    },
    reports: {
      hostname: HOSTNAME,
      from: `MAILER-DAEMON@${HOSTNAME}`,
      zone: 'UTC',
      expireMs: mailExpireMs,
    },
    receive: { reassemblyMs: 60 * MINUTE },
    incomingRules: { folders: 'plus' },
    delivery: {
      gateways: new Map(),
      fallback: { from: `sms:%s@${HOSTNAME}`, mailbox: options.mailbox ?? ['desk@office.example'] },
      mail: {
        hostname: HOSTNAME,
        mailExpireMs,
        ...(replyKey === undefined ? {} : { signed: { key: replyKey, days: 30, domain: HOSTNAME } }),
      },
      mayName: (address) => address.endsWith('@office.example'),
      conflict: { policy: 'ask', text: 'Whom? {choices}.', waitMs: 60 * MINUTE, ...options.conflict },
    },
    dispatch: {
      retryMs: RETRY_MS,
      unknown: options.unknown ?? 'resend',
      reports: new Set(),
    },
    effects: { retryMs: RETRY_MS, concurrency: 4 },
    manage: { fixed: options.accounts ?? [], gateways: gateways.map(({ id }) => id) },
    keepMs: 30 * 1440 * MINUTE,
  };
}

const RETRY_MS = [30_000, 60_000, 300_000];

/** The store, with the calls that are under way in `calls`. */
function watched(store: Store, calls: Set<Promise<unknown>>): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        if (result instanceof Promise) {
          calls.add(result);
          const done = (): void => void calls.delete(result);
          result.then(done, done);
        }
        return result;
      };
    },
  });
}
