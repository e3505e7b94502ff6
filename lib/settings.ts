import type { AccountsSettings } from './accounts/accounts.ts';
import type { AddressOptions } from './address/parse.ts';
import { cutAddress } from './base/mail-address.ts';
import type { Config } from './config/config.ts';
import { backendSettings } from './credentials/entries.ts';
import type { BackendsSettings } from './credentials/backends.ts';
import type { CoreSettings, OutgoingCoreSettings } from './core.ts';
import type { DeliverySettings } from './flow/incoming/delivery.ts';
import { Directory } from './flow/outgoing/directory.ts';
import { readNames } from './flow/outgoing/settings/read-names.ts';
import type { DispatchSettings } from './flow/dispatch/dispatch.ts';
import type { DraftSettings } from './flow/outgoing/draft.ts';
import type { OutgoingGateway } from './flow/outgoing/gateways.ts';
import type { OperatorMailSettings } from './flow/effects/operator-mail.ts';
import type { LoopSettings } from './flow/outgoing/loops.ts';
import type { PreviewSettings } from './flow/outgoing/preview.ts';
import type { ManageSettings } from './flow/operator/accounts.ts';
import type { ReportSettings } from './flow/effects/reports.ts';
import type { SubmissionSettings } from './flow/outgoing/submission.ts';
import { outsideLimits } from './outside/limits.ts';
import { OUTSIDE_LIMITS, type OutsideSettings } from './outside/settings.ts';
import type { RulesOptions } from './rulefiles/load.ts';
import type { SenderProofSettings } from './senderproof/senderproof.ts';
import { readCertificate } from './servers/certificates.ts';
import { Networks } from './servers/smtp/networks.ts';
import { mailServers, type SmtpSettings } from './servers/smtp/settings.ts';
import type { GatewayConfig } from './transports/kinds.ts';

/** From the configuration to what each module wants to know: modules stand below it and do not know its shape. */

/** Servers that a mail may have passed (RFC 5321 6.3 asks for 100 at least before it is called a loop). */
const MAX_HOPS = 100;
/** Mails of our own handed to the relay at once. */
const MAIL_CONCURRENCY = 8;

/** A proven mail is remembered for 30 days, so that it counts once: it must not count for longer. */
const LONGEST_PROOF_MS = 28 * 86_400_000;

export function minutes(count: number): number {
  return count * 60_000;
}

export function activeGateways(config: Config): GatewayConfig[] {
  return config.gateways.filter((gateway) => gateway.active);
}

function outgoingGateways({ gateways }: Config): OutgoingGateway[] {
  return gateways.map(({ id, prefixes, concatenation, active }) => ({
    id,
    prefixes,
    referenceBits: concatenation,
    active,
  }));
}

function draftSettings(config: Config): DraftSettings {
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

function submissionSettings({ country, smtp, text, queue }: Config): SubmissionSettings {
  return {
    ...(country === undefined ? {} : { country }),
    text: textSettings(text),
    hostname: smtp.hostname,
    mailExpireMs: minutes(queue.expireMinutes),
  };
}

/** How a mail becomes text. */
function textSettings({ strip, template }: Config['text']): SubmissionSettings['text'] {
  return { strip, ...(template === undefined ? {} : { template }) };
}

function loopSettings({ smtp, text, limits }: Config): LoopSettings {
  return {
    hostname: smtp.hostname,
    maxHops: MAX_HOPS,
    automatic: text.automatic,
    answersPerNumber: limits.answersPerNumber,
  };
}

function previewSettings({ smtp, text, auth }: Config): PreviewSettings {
  const trusted = new Networks(smtp.trusted);
  return {
    text: textSettings(text),
    trusts: (remote) => trusted.has(remote),
    authRequired: smtp.auth.required,
    otherUsers: auth.backends.length > 0,
    mailOctets: smtp.maxSize,
    recipients: smtp.maxRecipients,
  };
}

function reportSettings({ smtp, mail, queue, zone }: Config): ReportSettings {
  return { hostname: smtp.hostname, from: mail.from, zone, expireMs: minutes(queue.expireMinutes) };
}

function dispatchSettings(config: Config): DispatchSettings {
  const reports = activeGateways(config)
    .filter((gateway) => gateway.reports)
    .map((gateway) => gateway.id);
  return { retryMs: config.queue.retry, unknown: config.queue.unknown, reports: new Set(reports) };
}

/** @param replyKey what reply addresses are signed with; absent where they are not */
function deliverySettings(config: Config, replyKey: Uint8Array | undefined): DeliverySettings {
  const { incoming, smtp, queue, gateways, domains } = config;
  const domain = domains[0]?.name ?? smtp.hostname;
  const mailbox = incoming.mailbox ?? [`postmaster@${domain}`];
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

function accountsSettings({ accounts, auth }: Config): AccountsSettings {
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

function manageSettings({ accounts, gateways }: Config): ManageSettings {
  return { fixed: accounts, gateways: gateways.map(({ id }) => id) };
}

/** Helpers and lists, which have been checked when the configuration was read. */
function directoryOf(config: Config): Directory {
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
function operatorMailSettings({ mail, smtp, queue }: Config): OperatorMailSettings | undefined {
  const { operator, from } = mail;
  if (operator === undefined) return undefined;
  return { hostname: smtp.hostname, from, operator, expireMs: minutes(queue.expireMinutes) };
}

/** What a mail goes by until it is queued. @param replyKey what reply addresses are signed with; absent where they are not */
export function outgoingCoreSettings(config: Config, replyKey: Uint8Array | undefined): OutgoingCoreSettings {
  const { country, zone, limits, text, queue, incoming } = config;
  const { recipientsPerMinute, sendersPerNumber } = limits;
  return {
    zone,
    accounts: accountsSettings(config),
    gateways: outgoingGateways(config),
    directory: directoryOf(config),
    admit: {
      bounces: text.automatic.includes('bounce'),
      maxmsgs: text.maxmsgs,
      ...(replyKey === undefined ? {} : { replyKey }),
    },
    frequency: { recipientsPerMinute, sendersPerNumber },
    loops: loopSettings(config),
    outgoingRules: country === undefined ? {} : { country },
    plan: {
      mailExpireMs: minutes(queue.expireMinutes),
      separateGateways: incoming.replyLog.separateGateways,
    },
    drafts: draftSettings(config),
    submission: submissionSettings(config),
    preview: previewSettings(config),
    reports: reportSettings(config),
  };
}

/** @param replyKey what reply addresses are signed with; absent where they are not */
export function coreSettings(config: Config, replyKey: Uint8Array | undefined): CoreSettings {
  const operator = operatorMailSettings(config);
  return {
    ...outgoingCoreSettings(config, replyKey),
    receive: { reassemblyMs: minutes(config.incoming.reassemblyMinutes) },
    incomingRules: { folders: config.rules.folders },
    delivery: deliverySettings(config, replyKey),
    dispatch: dispatchSettings(config),
    effects: { retryMs: config.queue.retry, concurrency: MAIL_CONCURRENCY },
    manage: manageSettings(config),
    ...(operator === undefined ? {} : { operator }),
    keepMs: config.queue.keep,
  };
}
