import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PasswordBackend } from './accounts/backend.ts';
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
import { keyFrom } from './base/key-file.ts';
import { Lifecycle, type Service } from './base/lifecycle.ts';
import type { Config } from './config/config.ts';
import { createCore } from './core.ts';
import { MACHINE_OPERATOR } from './flow/operator/actor.ts';
import type { Operations } from './flow/operator/operations.ts';
import type { MailDoor } from './flow/outgoing/door.ts';
import { operationsOf } from './operations.ts';
import { Balance } from './routing/balance.ts';
import { type CertificatePair, Certificates } from './servers/certificates.ts';
import { apiRoutes, healthRoutes } from './servers/http/api.ts';
import { controlSocket } from './servers/http/control-socket.ts';
import { HttpServer } from './servers/http/server.ts';
import { printListener } from './servers/listen.ts';
import { createSmtpServer } from './servers/smtp.ts';
import { coreSettings, mailServerSettings } from './settings.ts';
import { openLmdbStore } from './store/lmdb.ts';
import { lockDataDir } from './store/lock.ts';
import type { Store } from './store/store.ts';

/**
 * The application: core.ts on the store, the gateways and the mailer that the configuration names, with the doors to it.
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
    const deps = this.#deps;
    const replyKey = config.incoming.replyAddress.signed
      ? await keyFrom(join(config.dataDir, 'reply.key'), deps.random)
      : undefined;
    const backend = await makeBackend(config, deps);
    const ruleFiles = makeRuleFiles(config, deps);
    const outside = await makeOutside(config, deps);
    const balance = new Balance(deps.clock);
    const transports = await makeTransports(config, balance, deps);
    const mailer = await makeMailer(config, deps);
    const core = createCore(coreSettings(config, replyKey), {
      ...{ ...deps, store, transports, balance, mailer, outside, backend },
      senderProof: await makeSenderProof(config, deps),
      rules: rulesOf(ruleFiles, outside, config.zone),
    });
    this.#reloads.push((changed) => core.replaceAccounts(changed.accounts));
    if (ruleFiles !== undefined) this.#reloads.push(async () => void (await ruleFiles.reload()));
    const operations = operationsOf(config, {
      ...{ ...core, ...deps, store, transports },
      ready: () => this.#ready,
      process: { running: { pid: process.pid, since: deps.clock.now() } },
      held: (gateway, parts) => balance.held(gateway, parts),
    });
    return [
      { name: 'mailer', start: () => mailer.open(), stop: () => mailer.close() },
      ...(backend === undefined ? [] : [closing(backend)]),
      ...(ruleFiles === undefined ? [] : [ruleFiles]),
      ...core.services,
      ...this.#httpServers(operations),
      ...(await this.#mailServers(core.submission)),
    ];
  }

  #httpServers(operations: Operations): Service[] {
    const routes = apiRoutes(operations, () => MACHINE_OPERATOR, this.#deps.log);
    const control = new HttpServer('control socket', routes, { path: controlSocket(this.#config.dataDir) });
    const health = healthRoutes(operations);
    const servers = this.#config.http.listen.map((listen) => new HttpServer('HTTP', health, listen));
    return [control, ...servers.map((server) => this.#told(server, () => server.address()))];
  }

  async #mailServers(door: MailDoor): Promise<Service[]> {
    const configured = await mailServerSettings(this.#config);
    const { tls } = this.#config.smtp;
    const renew: ((pair: CertificatePair) => void)[] = [];
    const servers = configured.map(({ name, settings }) => {
      const server = createSmtpServer(settings, { ...this.#deps, door });
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
