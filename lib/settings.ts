import type { AccountsSettings } from './accounts/accounts.ts';
import type { AddressOptions } from './address/parse.ts';
import { cutAddress } from './base/mail-address.ts';
import type { Config } from './config/config.ts';
import { backendSettings } from './credentials/entries.ts';
import type { BackendsSettings } from './credentials/backends.ts';
import type { AdmitSettings } from './flow/outgoing/admit.ts';
import type { DeliverSettings } from './flow/incoming/delivery.ts';
import { Directory } from './flow/outgoing/directory.ts';
import { readNames } from './flow/outgoing/settings/read-names.ts';
import type { DispatchSettings } from './flow/dispatch/dispatch.ts';
import type { DraftSettings } from './flow/outgoing/draft.ts';
import type { OutgoingGateway } from './flow/outgoing/gateways.ts';
import type { OperatorMailSettings } from './flow/effects/operator-mail.ts';
import type { OutgoingSettings } from './flow/outgoing/rules.ts';
import type { ManageSettings } from './flow/operator/accounts.ts';
import type { ReportSettings } from './flow/effects/reports.ts';
import type { SubmitSettings } from './flow/outgoing/submission.ts';
import { outsideLimits } from './outside/limits.ts';
import { OUTSIDE_LIMITS, type OutsideSettings } from './outside/settings.ts';
import type { RulesOptions } from './rulefiles/load.ts';
import type { SenderProofSettings } from './senderproof/senderproof.ts';
import { readCertificate } from './servers/certificates.ts';
import { mailServers, type SmtpSettings } from './servers/smtp/settings.ts';
import type { GatewayConfig } from './transports/kinds.ts';

/** From the configuration to what each module wants to know: modules stand below it and do not know its shape. */

/** Servers that a mail may have passed (RFC 5321 6.3 asks for 100 at least before it is called a loop). */
const MAX_HOPS = 100;

/** A proven mail is remembered for 30 days, so that it counts once: it must not count for longer. */
const LONGEST_PROOF_MS = 28 * 86_400_000;

export function minutes(count: number): number {
  return count * 60_000;
}

export function activeGateways(config: Config): GatewayConfig[] {
  return config.gateways.filter((gateway) => gateway.active);
}

export function outgoingGateways({ gateways }: Config): OutgoingGateway[] {
  return gateways.map(({ id, prefixes, concatenation, active }) => ({
    id,
    prefixes,
    referenceBits: concatenation,
    active,
  }));
}

export function draftSettings(config: Config): DraftSettings {
  const { text, queue, incoming } = config;
  return {
    maxmsgs: text.maxmsgs,
    smart: text.smart,
    expireMs: minutes(queue.expireMinutes),
    warnMs: minutes(queue.warnMinutes),
    dedupeMs: queue.dedupe,
    replyLinkMs: minutes(incoming.replyLog.minutes),
  };
}

export function submitSettings(config: Config): SubmitSettings {
  const { text, smtp } = config;
  return {
    ...(config.country === undefined ? {} : { country: config.country }),
    text: { strip: text.strip, ...(text.template === undefined ? {} : { template: text.template }) },
    hostname: smtp.hostname,
    maxHops: MAX_HOPS,
    automatic: text.automatic,
    answersPerNumber: config.limits.answersPerNumber,
    mailExpireMs: minutes(config.queue.expireMinutes),
    separateGateways: config.incoming.replyLog.separateGateways,
  };
}

export function outgoingSettings({ country }: Config): OutgoingSettings {
  return country === undefined ? {} : { country };
}

export function reportSettings({ smtp, mail, queue, zone }: Config): ReportSettings {
  return { hostname: smtp.hostname, from: mail.from, zone, expireMs: minutes(queue.expireMinutes) };
}

export function receiveSettings({ incoming }: Config): { reassemblyMs: number } {
  return { reassemblyMs: minutes(incoming.reassemblyMinutes) };
}

export function dispatchSettings(config: Config): DispatchSettings {
  const reports = activeGateways(config)
    .filter((gateway) => gateway.reports)
    .map((gateway) => gateway.id);
  return { retryMs: config.queue.retry, unknown: config.queue.unknown, reports: new Set(reports) };
}

/** @param replyKey what reply addresses are signed with; absent where they are not */
export function deliverSettings(config: Config, replyKey: Uint8Array | undefined): DeliverSettings {
  const { incoming, smtp, queue, gateways, domains } = config;
  const domain = domains[0]?.name ?? smtp.hostname;
  const mailbox = incoming.mailbox ?? `postmaster@${domain}`;
  const { conflict, conflictText, conflictMinutes } = incoming.replyLog;
  const allowed = new Set(incoming.addressTag.allow.map((each) => each.toLowerCase()));
  const ours = new Set(domains.map(({ name }) => name));
  return {
    gateways: new Map(
      gateways.map((gateway) => [gateway.id, { from: gateway.from, mailbox: gateway.mailbox ?? mailbox }]),
    ),
    fallback: { from: `sms:%s@${domain}`, mailbox },
    mail: {
      hostname: smtp.hostname,
      mailExpireMs: minutes(queue.expireMinutes),
      ...(replyKey === undefined
        ? {}
        : { signed: { key: replyKey, days: incoming.replyAddress.days, domain } }),
    },
    mayName: (address) => {
      const name = address.toLowerCase();
      const { domain: its = '' } = cutAddress(name);
      // Never back to a phone: that would be a way to send for whoever can write an SMS.
      return !ours.has(its) && (allowed.has(name) || allowed.has(its));
    },
    conflict: { policy: conflict, text: conflictText, waitMs: minutes(conflictMinutes) },
  };
}

export function accountsSettings({ accounts, auth }: Config): AccountsSettings {
  return { fixed: accounts, throttle: auth.failures, blankPasswords: auth.blankPasswords };
}

/** Absent where there are no rule files. */
export function rulesOptions({ rules, gateways, dataDir, sql, outside }: Config): RulesOptions | undefined {
  const { outgoing, incoming, lists } = rules;
  if (outgoing.length + incoming.length === 0) return undefined;
  return {
    places: { outgoing, incoming, lists, base: dataDir },
    gateways: gateways.map(({ id }) => id),
    connections: Object.keys(sql),
    outside: outsideLimits(outside),
    env: process.env,
  };
}

/** Absent where there are no rules that could want something. */
export function outsideSettings(config: Config): OutsideSettings | undefined {
  if (rulesOptions(config) === undefined) return undefined;
  const { outside, sql, dataDir } = config;
  return {
    ...OUTSIDE_LIMITS,
    programs: { ...outside, directory: dataDir },
    urls: outside.urls,
    sql,
  };
}

/** Absent where passwords are checked nowhere else. */
export function backendsSettings({ auth, smtp }: Config): BackendsSettings | undefined {
  if (auth.backends.length === 0) return undefined;
  const { hostname } = smtp;
  return { backends: auth.backends.map((each) => backendSettings(each, { hostname })), cacheMs: auth.cache };
}

/** Absent where no mail is taken as a proof. */
export function senderProofSettings({ senderProof, smtp }: Config): SenderProofSettings | undefined {
  const { accept, dns, lookupTimeout, timeout, maxAge, maxSize } = senderProof;
  if (accept === 'off') return undefined;
  return {
    hostname: smtp.hostname,
    ...(dns === undefined ? {} : { servers: dns }),
    lookupMs: lookupTimeout,
    totalMs: timeout,
    maxOctets: maxSize,
    maxAgeMs: Math.min(maxAge, LONGEST_PROOF_MS),
    require: accept,
  };
}

export function manageSettings({ accounts, gateways }: Config): ManageSettings {
  return { fixed: accounts, gateways: gateways.map(({ id }) => id) };
}

export function admitSettings(
  { limits, senderProof }: Config,
  replyKey: Uint8Array | undefined,
): AdmitSettings {
  const { recipientsPerMinute, sendersPerNumber } = limits;
  return {
    recipientsPerMinute,
    sendersPerNumber,
    senderProof: senderProof.accept !== 'off',
    ...(replyKey === undefined ? {} : { replyKey }),
  };
}

/** Helpers and lists, which have been checked when the configuration was read. */
export function directoryOf(config: Config): Directory {
  const options = addressOptions(config);
  return new Directory(readNames(config, options), options);
}

/** One server for each address to listen on. Reads the TLS files. */
export async function mailServerSettings({
  smtp,
  lmtp,
  limits,
}: Config): Promise<{ name: string; settings: SmtpSettings }[]> {
  const tls = smtp.tls === undefined ? undefined : await readCertificate(smtp.tls);
  return mailServers({ smtp, lmtp, connectionsPerMinute: limits.connectionsPerMinute }, tls);
}

export function addressOptions({ domains, country, addresses }: Config): AddressOptions {
  const { userAt, separators } = addresses;
  return { domains, userAt, separators, ...(country === undefined ? {} : { country }) };
}

/** Absent where nobody is to be told of mail that was given up. */
export function operatorMailSettings({ mail, smtp, queue }: Config): OperatorMailSettings | undefined {
  const { operator, from } = mail;
  if (operator === undefined) return undefined;
  return { hostname: smtp.hostname, from, operator, expireMs: minutes(queue.expireMinutes) };
}
