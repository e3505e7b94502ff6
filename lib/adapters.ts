import { readFile } from 'node:fs/promises';
import type { PasswordBackend } from './accounts/backend.ts';
import { dayIn, startOfDay } from './base/calendar.ts';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import type { Config } from './config/config.ts';
import { RulesFiles } from './rulefiles/files.ts';
import type { Rules } from './flow/outgoing/rule-sets.ts';
import type { SenderProof } from './flow/outgoing/sender-proof.ts';
import { SigningMailer, readDkimKey } from './mailer/dkim.ts';
import { MaildirMailer } from './mailer/maildir.ts';
import type { Mailer } from './mailer/mailer.ts';
import { RelayMailer } from './mailer/relay.ts';
import { relaySettings } from './mailer/settings.ts';
import type { Outside } from './outside/outside.ts';
import type { Balance } from './routing/balance.ts';
import { Quota } from './routing/quota.ts';
import type { Transport } from './routing/transport.ts';
import {
  activeGateways,
  backendsSettings,
  outsideSettings,
  rulesOptions,
  senderProofSettings,
} from './settings.ts';
import { type GatewayConfig, kindOf } from './transports/kinds.ts';

/**
 * What stands at the edges, made as the configuration has it: where mail goes, who checks passwords, what rules reach, the
 * gateways. What few need is loaded where it is configured, so that nobody else pays for it.
 */
export interface AdapterDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Throws the file system's error where the CA's or the DKIM key's file cannot be read, and Fault `config.invalid` for a bad key. */
export async function makeMailer(config: Config, deps: AdapterDeps): Promise<Mailer> {
  const { maildir, ca, dkim } = config.mail;
  const relay = relaySettings(
    config.mail,
    config.smtp.hostname,
    ca === undefined ? undefined : await readFile(ca, 'utf8'),
  );
  const mailer = relay === undefined ? new MaildirMailer(maildir, deps) : new RelayMailer(relay, deps);
  if (dkim === undefined) return mailer;
  const { domain, selector, keyFile } = dkim;
  const key = readDkimKey(await readFile(keyFile, 'utf8'));
  return new SigningMailer({ domain, selector, key }, mailer, deps);
}

/** Who checks passwords elsewhere; undefined where nobody does. */
export async function makeBackend(config: Config, deps: AdapterDeps): Promise<PasswordBackend | undefined> {
  const settings = backendsSettings(config);
  if (settings === undefined) return undefined;
  const { createBackends } = await import('./credentials/backends.ts');
  return createBackends(settings, deps);
}

export async function makeSenderProof(config: Config, deps: AdapterDeps): Promise<SenderProof | undefined> {
  const settings = senderProofSettings(config);
  if (settings === undefined) return undefined;
  const { createSenderProof } = await import('./senderproof/senderproof.ts');
  const { provenSender } = await import('./senderproof/proven.ts');
  const proof = createSenderProof(settings, deps);
  return { prove: async (mail) => provenSender(await proof.prove(mail)) };
}

export function makeRuleFiles(config: Config, deps: AdapterDeps): RulesFiles | undefined {
  const options = rulesOptions(config);
  return options === undefined ? undefined : new RulesFiles(options, deps);
}

/** Programs, URLs and databases, which only rules reach. */
export async function makeOutside(config: Config, deps: AdapterDeps): Promise<Outside | undefined> {
  const settings = outsideSettings(config);
  if (settings === undefined) return undefined;
  const { Outside: Doing } = await import('./outside/outside.ts');
  return new Doing(settings, deps);
}

/** The rules in force, as the flow sees them. */
export function rulesOf(
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

/** The gateways that are in use, by id; each is made known to `balance`. */
export async function makeTransports(
  config: Config,
  balance: Balance,
  deps: AdapterDeps,
): Promise<Map<string, Transport>> {
  const transports = new Map<string, Transport>();
  for (const gateway of activeGateways(config)) {
    const transport = await kindOf(gateway).create(gateway, { ...deps, dataDir: config.dataDir });
    transports.set(gateway.id, transport);
    balance.add(gateway.id, gateway.weight, transport.capacity, quotaOf(gateway, deps.clock, config.zone));
  }
  return transports;
}

/** Absent where nothing is limited. */
function quotaOf({ rate, dailyCap }: GatewayConfig, clock: Clock, zone: string): Quota | undefined {
  if (rate === undefined && dailyCap === undefined) return undefined;
  const calendar = { dayOf: dayIn(zone), startOfDay: (day: string) => startOfDay(day, zone) };
  return new Quota({ rate, dailyCap }, { clock, calendar });
}
