import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Accounts } from './accounts/accounts.ts';
import { dayIn, startOfDay } from './base/calendar.ts';
import type { Clock } from './base/clock.ts';
import { Fault } from './base/errors.ts';
import { Lifecycle, type Service } from './base/lifecycle.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import type { Config, GatewayConfig } from './config/config.ts';
import { printListener } from './config/listen.ts';
import { Admission } from './flow/admit.ts';
import { Deliver } from './flow/deliver.ts';
import { Dispatch } from './flow/dispatch.ts';
import { Drafts } from './flow/draft.ts';
import { Effects, MAIL_EFFECT } from './flow/effects.ts';
import { Housekeeping } from './flow/housekeeping.ts';
import { Operate } from './flow/operate.ts';
import { Receipts } from './flow/receipt.ts';
import { Receive } from './flow/receive.ts';
import { Reports } from './flow/reports.ts';
import type { Session } from './flow/submission.ts';
import { Submit } from './flow/submit.ts';
import { mailHandler } from './mailer/handler.ts';
import { MaildirMailer } from './mailer/maildir.ts';
import type { Mailer } from './mailer/mailer.ts';
import { RelayMailer } from './mailer/relay.ts';
import { Balance } from './routing/balance.ts';
import { waitingFor } from './routing/lanes.ts';
import type { Transport } from './routing/transport.ts';
import { type Operations, apiRoutes, healthRoutes } from './servers/http/api.ts';
import { controlSocket } from './servers/http/control-socket.ts';
import { gatewayView } from './servers/http/gateway-view.ts';
import { HttpServer } from './servers/http/server.ts';
import { createSmtpServer } from './servers/smtp.ts';
import {
  accountsSettings,
  activeGateways,
  admitSettings,
  deliverSettings,
  directoryOf,
  dispatchSettings,
  draftSettings,
  mailServerSettings,
  minutes,
  modemSettings,
  submitSettings,
} from './settings.ts';
import type { Store } from './store/contract.ts';
import { openLmdbStore } from './store/lmdb.ts';
import { lockDataDir } from './store/lock.ts';
import type { ModemTransport } from './transports/modem/modem.ts';
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
/** Whoever can open the control socket owns the data directory. */
const OPERATOR: Session = { via: 'cli', remote: 'local', trusted: true };

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
    const accounts = new Accounts(accountsSettings(config), { ...deps, ...calendar });
    const drafts = new Drafts(draftSettings(config), { ...deps, accounts });
    const directory = directoryOf(config);
    const admission = new Admission(admitSettings(config), { ...deps, accounts, drafts, directory });
    const submit = new Submit(submitSettings(config), { ...deps, accounts, admission, drafts, reports });

    const mailer = this.#mailer();
    const effectSettings = { retryMs: config.queue.retry, concurrency: MAIL_CONCURRENCY };
    const effects = new Effects(effectSettings, { [MAIL_EFFECT]: mailHandler(mailer, deps.log) }, deps);
    const receipts = new Receipts({ ...deps, reports });
    const receive = new Receive(
      { reassemblyMs: minutes(config.incoming.reassemblyMinutes) },
      { ...deps, receipts },
    );
    const deliver = new Deliver(deliverSettings(config), deps);

    const balance = new Balance(deps.clock);
    const transports = await this.#transports(balance);
    const dispatch = new Dispatch(dispatchSettings(config), { ...deps, transports, balance, reports });
    const operations = this.#operations(submit, new Operate({ ...deps, reports }), transports);
    return [
      { name: 'mailer', start: () => mailer.open(), stop: () => mailer.close() },
      new Housekeeping({ keepMs: config.queue.keep }, deps),
      effects,
      deliver,
      ...[...transports.values()].map((each) => this.#gateway(each, receive, dispatch, balance)),
      dispatch,
      ...this.#httpServers(operations),
      ...(await this.#mailServers(submit)),
    ];
  }

  #mailer(): Mailer {
    const { relay, maildir } = this.#config.mail;
    if (relay === undefined) return new MaildirMailer(maildir);
    return new RelayMailer({ ...relay, hostname: this.#config.smtp.hostname });
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

  #operations(submit: Submit, operate: Operate, transports: ReadonlyMap<string, Transport>): Operations {
    const phones = [...transports.values()].filter((each) => each instanceof VirtualTransport);
    const types = new Map(this.#config.gateways.map((gateway) => [gateway.id, gateway.type]));
    return {
      ready: () => this.#ready,
      send: ({ to, text, from, gateway, maxmsgs, flash, report }) =>
        submit.submitText(OPERATOR, {
          to,
          text,
          ...(from === undefined ? {} : { from }),
          parameters: {
            ...(gateway === undefined ? {} : { id: gateway }),
            ...(maxmsgs === undefined ? {} : { maxmsgs }),
            ...(flash === undefined ? {} : { flash }),
            ...(report === undefined ? {} : { report }),
          },
        }),
      list: (query) => operate.list(query),
      find: (id) => operate.find(id),
      amend: (id, kind) => operate.amend(id, kind),
      stats: () => operate.stats(),
      gateways: async () => {
        const [{ lanes }, tallies] = await Promise.all([operate.stats(), operate.tallies()]);
        return [...transports.values()].map((transport) =>
          gatewayView(
            transport,
            types.get(transport.id) ?? '',
            waitingFor(transport.id, lanes),
            tallies.get(transport.id),
          ),
        );
      },
      phones: () => phones.flatMap((each) => each.phones().map((phone) => ({ gateway: each.id, ...phone }))),
      reply: async ({ number, text, gateway }) => {
        const from =
          phones.find((each) => each.id === gateway) ??
          phones.find((each) => each.knows(number)) ??
          phones[0];
        if (from === undefined || (gateway !== undefined && from.id !== gateway)) {
          throw new Fault('gateway.refused', {
            told: `there is no virtual gateway${gateway === undefined ? '' : ` "${gateway}"`}`,
          });
        }
        await from.reply(number, text);
      },
      ussd: async (id, code) => {
        const transport = transports.get(id);
        if (transport === undefined || !hasUssd(transport)) {
          throw new Fault('gateway.refused', { told: this.#noUssd(id, types.get(id)) });
        }
        const { text, more } = await transport.ussd(code);
        return { answer: text, more };
      },
    };
  }

  #noUssd(id: string, type: string | undefined): string {
    if (type === undefined) return `there is no gateway "${id}"`;
    if (type !== 'modem') return `gateway "${id}" is of type ${type} and has no USSD`;
    return `gateway "${id}" is switched off`;
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
    return configured.map(({ name, settings }) => {
      const server = createSmtpServer(settings, { ...this.#deps, door: submit });
      return {
        name,
        start: async () => {
          const { host, port } = await server.start();
          this.#listeners.push(`${name} ${'path' in settings.listen ? host : printListener({ host, port })}`);
        },
        stop: () => server.stop(SMTP_STOP_MS),
      };
    });
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

function hasUssd(transport: Transport): transport is ModemTransport {
  return 'ussd' in transport;
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
