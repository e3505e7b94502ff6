import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Accounts } from './accounts/accounts.ts';
import type { PasswordBackend } from './accounts/backend.ts';
import { dayIn, startOfDay } from './base/calendar.ts';
import type { Clock } from './base/clock.ts';
import { Lifecycle, type Service } from './base/lifecycle.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import type { Config, GatewayConfig } from './config/config.ts';
import { printListener } from './config/listen.ts';
import { RulesFiles } from './config/rules-files.ts';
import { Admission } from './flow/admit.ts';
import { Deliver } from './flow/deliver.ts';
import { Dispatch } from './flow/dispatch.ts';
import { Drafts } from './flow/draft.ts';
import { Effects, MAIL_EFFECT } from './flow/effects.ts';
import { Housekeeping } from './flow/housekeeping.ts';
import { ManageAccounts } from './flow/manage-accounts.ts';
import { Operate } from './flow/operate.ts';
import { IncomingRules } from './flow/incoming-rules.ts';
import { operatorMail } from './flow/operator-mail.ts';
import { OutgoingRules } from './flow/outgoing-rules.ts';
import { Prove } from './flow/prove.ts';
import { Receipts } from './flow/receipt.ts';
import { Receive } from './flow/receive.ts';
import { Reports } from './flow/reports.ts';
import { messageHandlers, ruleErrands } from './flow/rule-effects.ts';
import type { Rules } from './flow/rule-sets.ts';
import type { SenderProof } from './flow/sender-proof.ts';
import { Submit } from './flow/submit.ts';
import { keyFrom } from './key-file.ts';
import { mailHandler } from './mailer/handler.ts';
import { SigningMailer, readDkimKey } from './mailer/dkim.ts';
import { MaildirMailer } from './mailer/maildir.ts';
import type { Mailer } from './mailer/mailer.ts';
import { RelayMailer } from './mailer/relay.ts';
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
  activeGateways,
  admitSettings,
  backendsSettings,
  deliverSettings,
  directoryOf,
  dispatchSettings,
  draftSettings,
  mailServerSettings,
  manageSettings,
  minutes,
  modemSettings,
  operatorMailSettings,
  outgoingSettings,
  relaySettings,
  outsideSettings,
  rulesOptions,
  senderProofSettings,
  submitSettings,
} from './settings.ts';
import type { Store } from './store/contract.ts';
import { openLmdbStore } from './store/lmdb.ts';
import { lockDataDir } from './store/lock.ts';
import { VirtualTransport } from './transports/virtual/virtual.ts';

/**
 * The composition root: the one file that knows every module.
 *
 * `start` opens things in the order in which they stand on each other: the data directory and its lock, the store, the
 * mailer, the flow, gateways, and at last the doors through which mail comes in. `stop` goes the other way: doors first,
 * then what is under way is finished, then gateways, mailer and store are closed. A start that fails takes back what it
 * began.
 */
export interface AppDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

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
  #ready = false;

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

  /** All services that stand on the store, in the order in which they start. */
  async #services(store: Store): Promise<Service[]> {
    const config = this.#config;
    const deps = { ...this.#deps, store };
    const reportSettings = {
      hostname: config.smtp.hostname,
      from: config.mail.from,
      expireMs: minutes(config.queue.expireMinutes),
    };
    const reports = new Reports(reportSettings, deps);
    const { zone } = config;
    const calendar = { dayOf: dayIn(zone), startOfDay: (day: string) => startOfDay(day, zone) };
    const backends = await this.#backends();
    const accounts = new Accounts(accountsSettings(config), { ...deps, ...calendar, backends });
    const drafts = new Drafts(draftSettings(config), { ...deps, accounts });
    const directory = directoryOf(config);
    const replyKey = config.incoming.replyAddress.signed
      ? await keyFrom(join(config.dataDir, 'reply.key'), deps.random)
      : undefined;
    const admission = new Admission(admitSettings(config, replyKey), {
      ...deps,
      accounts,
      drafts,
      directory,
    });
    const senderProof = await this.#senderProof();
    const ruleFiles = this.#ruleFiles();
    const outside = await this.#outside();
    const rules = rulesOf(ruleFiles, outside, zone);
    const submit = new Submit(submitSettings(config), {
      ...deps,
      accounts,
      admission,
      drafts,
      reports,
      prove: new Prove({ ...deps, accounts, senderProof }),
      rules: new OutgoingRules(outgoingSettings(config), { ...deps, rules }),
    });

    const mailer = await this.#mailer();
    const effectSettings = { retryMs: config.queue.retry, concurrency: MAIL_CONCURRENCY };
    const mailEffect = mailHandler(mailer, {
      log: deps.log,
      enqueue: (mails) => store.enqueue(mails),
    });
    const ruleMessages = messageHandlers(reportSettings, {
      clock: deps.clock,
      isPhone: (address) => directory.isOurs(address),
      submit: (text) => submit.submitRule(text),
      mail: mailEffect,
    });
    const operator = operatorMailSettings(config);
    const effects = new Effects(
      effectSettings,
      { [MAIL_EFFECT]: mailEffect, ...ruleMessages },
      { ...deps, ...(operator === undefined ? {} : { givenUp: operatorMail(operator, deps.clock) }) },
    );
    // Apart from mails, so that slow ones hold none of them up.
    const errands =
      outside === undefined
        ? []
        : [new Effects(effectSettings, ruleErrands(outside.handlers), deps), outside];
    const receipts = new Receipts({ ...deps, reports });
    const receive = new Receive(
      { reassemblyMs: minutes(config.incoming.reassemblyMinutes) },
      { ...deps, receipts },
    );
    const { folders } = config.rules;
    const incomingRules = new IncomingRules({ folders }, { ...deps, rules });
    const deliver = new Deliver(deliverSettings(config, replyKey), { ...deps, drafts, rules: incomingRules });

    const balance = new Balance(deps.clock);
    const transports = await this.#transports(balance);
    const dispatch = new Dispatch(dispatchSettings(config), { ...deps, transports, balance, reports });
    const operations = operationsOf(config, {
      ready: () => this.#ready,
      submit,
      operate: new Operate({ ...deps, reports }),
      manage: new ManageAccounts(manageSettings(config), { ...deps, ...calendar }),
      transports,
    });
    return [
      { name: 'mailer', start: () => mailer.open(), stop: () => mailer.close() },
      ...backends.map(closing),
      ...(ruleFiles === undefined ? [] : [ruleFiles]),
      new Housekeeping({ keepMs: config.queue.keep }, deps),
      effects,
      ...errands,
      deliver,
      ...[...transports.values()].map((each) => this.#gateway(each, receive, dispatch, balance)),
      dispatch,
      ...this.#httpServers(operations),
      ...(await this.#mailServers(submit)),
    ];
  }

  /** Its code is loaded where there are rules. */
  async #outside(): Promise<Outside | undefined> {
    const settings = outsideSettings(this.#config);
    if (settings === undefined) return undefined;
    const { Outside: Doing } = await import('./outside/outside.ts');
    return new Doing(settings, this.#deps);
  }

  #ruleFiles(): RulesFiles | undefined {
    const options = rulesOptions(this.#config);
    return options === undefined ? undefined : new RulesFiles(options, this.#deps);
  }

  /** Their code is loaded where one is configured. */
  async #backends(): Promise<PasswordBackend[]> {
    const settings = backendsSettings(this.#config);
    if (settings === undefined) return [];
    const { createBackends } = await import('./credentials/backends.ts');
    return [createBackends(settings, this.#deps)];
  }

  async #senderProof(): Promise<SenderProof | undefined> {
    const settings = senderProofSettings(this.#config);
    if (settings === undefined) return undefined;
    const { createSenderProof } = await import('./senderproof/senderproof.ts');
    const { provenSender } = await import('./senderproof/proven.ts');
    const proof = createSenderProof(settings, this.#deps);
    return { prove: async (mail) => provenSender(await proof.prove(mail)) };
  }

  async #mailer(): Promise<Mailer> {
    const { maildir, ca, dkim } = this.#config.mail;
    const relay = relaySettings(this.#config, ca === undefined ? undefined : await readFile(ca, 'utf8'));
    const mailer =
      relay === undefined ? new MaildirMailer(maildir, this.#deps) : new RelayMailer(relay, this.#deps);
    if (dkim === undefined) return mailer;
    const { domain, selector, keyFile } = dkim;
    const key = readDkimKey(await readFile(keyFile, 'utf8'));
    return new SigningMailer({ domain, selector, key }, mailer, this.#deps);
  }

  async #transports(balance: Balance): Promise<Map<string, Transport>> {
    const transports = new Map<string, Transport>();
    for (const gateway of activeGateways(this.#config)) {
      const transport = await makeTransport(gateway, this.#config.dataDir, this.#deps);
      transports.set(gateway.id, transport);
      balance.add(gateway.id, gateway.weight, transport.capacity);
    }
    return transports;
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
          health: ({ state, reason }) => {
            const line = reason === undefined ? state : `${state}: ${reason}`;
            if (line !== last) log[state === 'down' ? 'warn' : 'info']({ gateway: id }, `gateway ${line}`);
            last = line;
            balance.health(id, state === 'up');
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
    return tls === undefined ? servers : [...servers, new Certificates(tls, renew, this.#deps)];
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

/** The rules in force, as the flow sees them. */
function rulesOf(
  files: RulesFiles | undefined,
  outside: Outside | undefined,
  zone: string,
): Rules | undefined {
  if (files === undefined || outside === undefined) return undefined;
  return {
    zone,
    set: (direction) => {
      const set = files[direction];
      return set.size === 0 ? undefined : set;
    },
    ask: outside.ask,
  };
}

/** Connects when the first password comes; what is left of it is closed at the end. */
function closing(backend: PasswordBackend): Service {
  return { name: `passwords (${backend.name})`, start: async () => {}, stop: () => backend.close() };
}

/** How each kind of gateway is made; its code is loaded when a gateway of that kind is configured. */
async function makeTransport(gateway: GatewayConfig, dataDir: string, deps: AppDeps): Promise<Transport> {
  switch (gateway.type) {
    case 'virtual':
      return new VirtualTransport(gateway, deps);
    case 'modem': {
      const { createModemTransport } = await import('./transports/modem/modem.ts');
      const { FilePinMemory } = await import('./transports/modem/pin.ts');
      // A PIN that the SIM refused is not tried again after a restart either.
      const pins = new FilePinMemory(join(dataDir, `pin-${gateway.id}.json`));
      return createModemTransport(modemSettings(gateway), { ...deps, pins });
    }
  }
}
