import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Accounts } from './accounts/accounts.ts';
import {
  type AdapterDeps,
  makeBackend,
  makeMailer,
  makeOutside,
  makeRuleFiles,
  makeSenderProof,
  makeTransports,
  rulesOf,
} from './adapters.ts';
import type { PasswordBackend } from './accounts/backend.ts';
import { dayIn, startOfDay } from './base/calendar.ts';
import { Lifecycle, type Service } from './base/lifecycle.ts';
import type { Config } from './config/config.ts';
import { printListener } from './servers/listen.ts';
import { Admission } from './flow/outgoing/admit.ts';
import { Deliver } from './flow/incoming/delivery.ts';
import type { Directory } from './flow/outgoing/directory.ts';
import { Dispatch } from './flow/dispatch/dispatch.ts';
import { Drafts } from './flow/outgoing/draft.ts';
import { Effects, MAIL_EFFECT } from './flow/effects/effects.ts';
import { Gateways } from './flow/outgoing/gateways.ts';
import { Housekeeping } from './flow/operator/housekeeping.ts';
import { ManageAccounts } from './flow/operator/accounts.ts';
import { Operate } from './flow/operator/operate.ts';
import { IncomingRules } from './flow/incoming/rules.ts';
import { operatorMail } from './flow/effects/operator-mail.ts';
import { OutgoingRules } from './flow/outgoing/rules.ts';
import { Prove } from './flow/outgoing/prove.ts';
import { Receipts } from './flow/dispatch/receipt.ts';
import { Receive } from './flow/incoming/receive.ts';
import { Reports } from './flow/effects/reports.ts';
import { messageHandlers, ruleErrands } from './flow/effects/rule-effects.ts';
import { Submit } from './flow/outgoing/submission.ts';
import { Unconfirmed } from './flow/dispatch/unconfirmed.ts';
import { keyFrom } from './base/key-file.ts';
import { mailHandler } from './mailer/handler.ts';
import type { Mailer } from './mailer/mailer.ts';
import { Balance } from './routing/balance.ts';
import type { Transport } from './routing/transport.ts';
import { type Operations, apiRoutes, healthRoutes } from './servers/http/api.ts';
import { controlSocket } from './servers/http/control-socket.ts';
import { HttpServer } from './servers/http/server.ts';
import type { Outside } from './outside/outside.ts';
import { type CertificatePair, Certificates } from './servers/certificates.ts';
import { createSmtpServer } from './servers/smtp.ts';
import { operationsOf } from './operations.ts';
import {
  accountsSettings,
  admitSettings,
  deliverSettings,
  directoryOf,
  dispatchSettings,
  draftSettings,
  mailServerSettings,
  manageSettings,
  operatorMailSettings,
  outgoingGateways,
  outgoingSettings,
  receiveSettings,
  reportSettings,
  submitSettings,
} from './settings.ts';
import type { Store } from './store/store.ts';
import { openLmdbStore } from './store/lmdb.ts';
import { lockDataDir } from './store/lock.ts';

/**
 * The composition root: the one file that knows every module.
 *
 * `start` opens things in the order in which they stand on each other: the data directory and its lock, the store, the
 * mailer, the flow, gateways, and at last the doors through which mail comes in. `stop` goes the other way: doors first,
 * then what is under way is finished, then gateways, mailer and store are closed. A start that fails takes back what it
 * began.
 */
export type AppDeps = AdapterDeps;

/** How long one service may take to stop: longer than a network may take for the part that a modem is sending. */
const STOP_MS = 70_000;
/** How long a mail that is coming in may take to end when the server stops. */
const SMTP_STOP_MS = 10_000;
/** Mails of our own handed to the relay at once. */
const MAIL_CONCURRENCY = 8;
/** This node's name in the store. One machine has one; several sharing a store will each have their own. */
const OWNER = 'local';

export class App {
  readonly #config: Config;
  readonly #deps: AppDeps;
  readonly #lifecycle: Lifecycle;
  readonly #listeners: string[] = [];
  /** What takes over a changed configuration. */
  readonly #reloads: ((config: Config) => Promise<void> | void)[] = [];
  #ready = false;

  /** Sections of the configuration that `reload` takes over. */
  readonly reloads: readonly string[] = ['accounts'];

  constructor(config: Config, deps: AppDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#lifecycle = new Lifecycle({ clock: deps.clock, log: deps.log, graceMs: STOP_MS });
  }

  /** What listens where, once started: `SMTP 127.0.0.1:2525`. */
  get listeners(): readonly string[] {
    return this.#listeners;
  }

  async start(): Promise<void> {
    const { dataDir } = this.#config;
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const lock = await lockDataDir(dataDir);
    await this.#lifecycle.start([{ name: 'lock', start: async () => {}, stop: async () => lock.release() }]);
    try {
      const store = await openLmdbStore({
        path: join(dataDir, 'store'),
        owner: OWNER,
        zone: this.#config.zone,
        ...this.#deps,
      });
      await this.#lifecycle.start([{ name: 'store', start: async () => {}, stop: () => store.close() }]);
      await this.#lifecycle.start(await this.#services(store));
    } catch (error) {
      await this.#lifecycle.stop();
      throw error;
    }
    this.#ready = true;
  }

  async stop(): Promise<void> {
    this.#ready = false;
    await this.#lifecycle.stop();
  }

  /** Accounts of the file as `config` has them, rules and certificates as their files are now; all else waits for a restart. */
  async reload(config: Config): Promise<void> {
    for (const reload of this.#reloads) await reload(config);
  }

  /** All services that stand on the store, in the order in which they start. */
  async #services(store: Store): Promise<Service[]> {
    const config = this.#config;
    const deps = { ...this.#deps, store };
    const reports = new Reports(reportSettings(config), deps);
    const directory = directoryOf(config);
    const replyKey = config.incoming.replyAddress.signed
      ? await keyFrom(join(config.dataDir, 'reply.key'), deps.random)
      : undefined;
    const backend = await makeBackend(config, this.#deps);
    const { zone } = config;
    const calendar = { dayOf: dayIn(zone), startOfDay: (day: string) => startOfDay(day, zone) };
    const accounts = new Accounts(accountsSettings(config), {
      ...deps,
      ...calendar,
      ...(backend && { backend }),
    });
    const gateways = new Gateways(outgoingGateways(config));
    const drafts = new Drafts(draftSettings(config), { ...deps, gateways, accounts });
    const ruleFiles = makeRuleFiles(config, this.#deps);
    const outside = await makeOutside(config, this.#deps);
    const rules = rulesOf(ruleFiles, outside, zone);

    const admission = new Admission(admitSettings(config, replyKey), {
      ...deps,
      accounts,
      gateways,
      directory,
    });
    const senderProof = await makeSenderProof(config, this.#deps);
    const submit = new Submit(submitSettings(config), {
      ...{ ...deps, accounts, admission, gateways, drafts, reports },
      prove: new Prove({ ...deps, accounts, senderProof }),
      rules: new OutgoingRules(outgoingSettings(config), { ...deps, rules }),
    });

    const receipts = new Receipts({ ...deps, reports });
    const receive = new Receive(receiveSettings(config), { ...deps, receipts });
    const incomingRules = new IncomingRules({ folders: config.rules.folders }, { ...deps, rules });
    const deliver = new Deliver(deliverSettings(config, replyKey), { ...deps, drafts, rules: incomingRules });

    const balance = new Balance(deps.clock);
    const transports = await makeTransports(config, balance, this.#deps);
    const dispatch = new Dispatch(dispatchSettings(config), { ...deps, transports, balance, reports });

    const mailer = await makeMailer(config, this.#deps);
    const manage = new ManageAccounts(manageSettings(config), { ...deps, ...calendar });
    this.#reloads.push(({ accounts: records }) => {
      accounts.replaceFixed(records);
      manage.replaceFixed(records);
    });
    if (ruleFiles !== undefined) this.#reloads.push(async () => void (await ruleFiles.reload()));
    const operations = operationsOf(config, {
      ready: () => this.#ready,
      submit,
      operate: new Operate({ ...deps, reports }),
      manage,
      transports,
      held: (gateway) => balance.held(gateway),
    });
    return [
      { name: 'mailer', start: () => mailer.open(), stop: () => mailer.close() },
      ...(backend === undefined ? [] : [closing(backend)]),
      ...(ruleFiles === undefined ? [] : [ruleFiles]),
      new Unconfirmed({ keepMs: config.queue.keep }, { ...deps, reports }),
      new Housekeeping({ keepMs: config.queue.keep }, deps),
      ...this.#effects(store, { mailer, outside, submit, directory }),
      deliver,
      ...[...transports.values()].map((each) => this.#gateway(each, receive, dispatch, balance)),
      dispatch,
      ...this.#httpServers(operations),
      ...(await this.#mailServers(submit)),
    ];
  }

  /** What is to be done once it has been decided. What rules ask for is apart from mails, so that slow ones hold none up. */
  #effects(
    store: Store,
    to: { mailer: Mailer; outside: Outside | undefined; submit: Submit; directory: Directory },
  ): Service[] {
    const { clock, log } = this.#deps;
    const deps = { ...this.#deps, store };
    const settings = { retryMs: this.#config.queue.retry, concurrency: MAIL_CONCURRENCY };
    const mail = mailHandler(to.mailer, { log, enqueue: (mails) => store.enqueue(mails) });
    const messages = messageHandlers(reportSettings(this.#config), {
      clock,
      isPhone: (address) => to.directory.isOurs(address),
      submit: (text) => to.submit.submitRule(text),
      mail,
    });
    const operator = operatorMailSettings(this.#config);
    const givenUp = operator === undefined ? {} : { givenUp: operatorMail(operator, clock) };
    const effects = new Effects(settings, { [MAIL_EFFECT]: mail, ...messages }, { ...deps, ...givenUp });
    if (to.outside === undefined) return [effects];
    return [effects, new Effects(settings, ruleErrands(to.outside.handlers), deps), to.outside];
  }

  #gateway(transport: Transport, receive: Receive, dispatch: Dispatch, balance: Balance): Service {
    const { log } = this.#deps;
    const { id } = transport;
    let last = '';
    return {
      name: `gateway ${id}`,
      start: () =>
        transport.start({
          received: (sms) => receive.take(id, sms),
          health: ({ state, reason, trial }) => {
            const line = reason === undefined ? state : `${state}: ${reason}`;
            if (line !== last) log[state === 'down' ? 'warn' : 'info']({ gateway: id }, `gateway ${line}`);
            last = line;
            balance.health(id, state === 'up' || trial === true);
            dispatch.wake();
          },
        }),
      stop: () => transport.stop(),
    };
  }

  #httpServers(operations: Operations): Service[] {
    const control = new HttpServer('control socket', apiRoutes(operations, this.#deps.log), {
      path: controlSocket(this.#config.dataDir),
    });
    const health = healthRoutes(operations);
    const servers = this.#config.http.listen.map((listen) => new HttpServer('HTTP', health, listen));
    return [control, ...servers.map((server) => this.#told(server, () => server.address()))];
  }

  async #mailServers(submit: Submit): Promise<Service[]> {
    const configured = await mailServerSettings(this.#config);
    const { tls } = this.#config.smtp;
    const renew: ((pair: CertificatePair) => void)[] = [];
    const servers = configured.map(({ name, settings }) => {
      const server = createSmtpServer(settings, { ...this.#deps, door: submit });
      if (settings.tls !== undefined) renew.push((pair) => server.renew(pair));
      return {
        name,
        start: async () => {
          const { host, port } = await server.start();
          this.#listeners.push(`${name} ${'path' in settings.listen ? host : printListener({ host, port })}`);
        },
        stop: () => server.stop(SMTP_STOP_MS),
      };
    });
    if (tls === undefined) return servers;
    const certificates = new Certificates(tls, renew, this.#deps);
    this.#reloads.push(() => certificates.reload());
    return [...servers, certificates];
  }

  /** The service, with its address among the listeners once it has one. */
  #told(service: Service, address: () => { host: string; port: number } | undefined): Service {
    return {
      name: service.name,
      start: async () => {
        await service.start();
        const at = address();
        if (at !== undefined) this.#listeners.push(`${service.name} ${printListener(at)}`);
      },
      stop: () => service.stop(),
    };
  }
}

/** Connects when the first password comes; what is left of it is closed at the end. */
function closing(backend: PasswordBackend): Service {
  return { name: `passwords (${backend.name})`, start: async () => {}, stop: () => backend.close() };
}
