import { isIP } from 'node:net';
import { spf as checkSpf } from 'mailauth/lib/spf/index.js';
import { type Clock, within } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { cutAddress } from '../base/mail-address.ts';
import { type Lookup, type LookupSettings, Lookups } from './lookup.ts';
import { type SplitMail, asciiDomain, onlyFrom, splitMail } from './mail-header.ts';
import { checkPolicy } from './policy.ts';
import {
  type DkimProof,
  type DmarcProof,
  type Proof,
  type SpfProof,
  type SpfResult,
  printResults,
} from './proof.ts';
import { verifySignatures } from './signatures.ts';
import { onceKey } from './use.ts';

/**
 * Who wrote a mail, as far as the author's domain vouches for it: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489).
 *
 * Promises: `prove` never rejects and ends within its time. What is not known is never `pass`: without DNS the results
 * are `temperror`, and there is no authenticated author. A mail with no author, with several, or with a header that
 * programs read in different ways proves nothing. A proof needs the mail itself, so it is there after DATA and not at
 * RCPT. It is a domain that is proven; that the part before the `@` is the author's own is the word of that domain's
 * mail server.
 */
export interface SenderProofSettings extends LookupSettings {
  /** Our name in Authentication-Results. */
  readonly hostname: string;
  /** Time for all of it, in milliseconds. */
  readonly totalMs: number;
  /** Octets of a mail whose signatures are verified; those of a larger one don't count. */
  readonly maxOctets: number;
  /** How long after it was made a signature counts for recipients, in milliseconds; default: three days. */
  readonly maxAgeMs?: number;
  /**
   * What makes an author authenticated: `dmarc`, DMARC passes; `dkim`, it passes by a signature. SPF alone says no more
   * than that the mail came from a machine that the domain sends by, which it may share with strangers.
   */
  readonly require: 'dmarc' | 'dkim';
}

export interface SenderProofDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Takes the place of DNS. */
  readonly lookup?: Lookup;
}

export interface ReceivedMail {
  /** The client's address. Anything else than an IP address proves nothing by SPF. */
  readonly remote: string;
  readonly helo: string;
  /** The envelope's sender; absent for the null sender. */
  readonly sender?: string;
  /** The mail as it came, before anything was added. */
  readonly raw: Uint8Array;
  /** Its recipients here. With them a signature counts only where it was made for each of them, lately, and covers all that is read. */
  readonly recipients?: readonly string[];
}

export interface SenderProof {
  prove(mail: ReceivedMail): Promise<Proof>;
}

export function createSenderProof(settings: SenderProofSettings, deps: SenderProofDeps): SenderProof {
  return { prove: (mail) => prove(mail, settings, deps) };
}

const THREE_DAYS_MS = 3 * 86_400_000;

async function prove(
  received: ReceivedMail,
  settings: SenderProofSettings,
  deps: SenderProofDeps,
): Promise<Proof> {
  const lookups = new Lookups(settings, deps);
  const { lookup } = lookups;
  const identity = spfIdentity(received);
  try {
    const evidence = gather(received, identity, settings, lookup, deps.clock.now());
    const late = (): Error => new Error(`not done within ${settings.totalMs} ms`);
    const proof = conclude(settings, await within(deps.clock, settings.totalMs, evidence, late));
    const isAsked = received.recipients !== undefined && proof.authenticatedFrom !== undefined;
    const mail = isAsked ? splitMail(received.raw) : undefined;
    return mail === undefined ? proof : { ...proof, once: onceKey(mail) };
  } catch (error) {
    deps.log.warn({ remote: received.remote, error: messageOf(error) }, "a mail's author can't be checked");
    const from = onlyFrom(splitMail(received.raw.subarray(0, settings.maxOctets))?.fields ?? []);
    return conclude(settings, {
      spf: { result: 'temperror', ...identity },
      dkim: [{ result: 'temperror', domain: '', selector: '' }],
      dmarc: { result: 'temperror', domain: from?.domain ?? '', aligned: { spf: false, dkim: false } },
    });
  } finally {
    lookups.end();
  }
}

interface Evidence {
  readonly spf: SpfProof;
  readonly dkim: readonly DkimProof[];
  readonly dmarc: DmarcProof;
  readonly from?: string;
}

type SpfIdentity = Pick<SpfProof, 'domain' | 'identity'>;

async function gather(
  received: ReceivedMail,
  identity: SpfIdentity,
  settings: SenderProofSettings,
  lookup: Lookup,
  now: number,
): Promise<Evidence> {
  const tooLarge = received.raw.length > settings.maxOctets;
  const mail = splitMail(tooLarge ? received.raw.subarray(0, settings.maxOctets) : received.raw);
  const [spf, dkim] = await Promise.all([
    proveSpf(received, identity, settings, lookup),
    tooLarge
      ? oversized(mail)
      : mail === undefined
        ? []
        : verifySignatures(
            mail,
            lookup,
            now,
            received.recipients && {
              recipients: received.recipients,
              maxAgeMs: settings.maxAgeMs ?? THREE_DAYS_MS,
            },
          ),
  ]);
  const from = mail === undefined ? undefined : onlyFrom(mail.fields);
  if (from === undefined) {
    const dmarc = { result: 'permerror', domain: '', aligned: { spf: false, dkim: false } } as const;
    return { spf, dkim, dmarc };
  }
  return { spf, dkim, dmarc: await checkPolicy(from, spf, dkim, lookup), from: from.address };
}

function oversized(mail: SplitMail | undefined): DkimProof[] {
  const signed = mail?.fields.some(({ name }) => name === 'dkim-signature') === true;
  return signed ? [{ result: 'policy', domain: '', selector: '', reason: 'the mail is too large' }] : [];
}

function conclude(settings: SenderProofSettings, { from, ...evidence }: Evidence): Proof {
  const { dmarc } = evidence;
  const passes = dmarc.result === 'pass' && (settings.require === 'dmarc' || dmarc.aligned.dkim);
  return {
    ...evidence,
    ...(passes && from !== undefined ? { authenticatedFrom: from } : {}),
    header: printResults(settings.hostname, evidence),
  };
}

/** Whose SPF record counts: the sender's, or the client's name where there is no sender (RFC 7208 2.4). */
function spfIdentity({ sender, helo }: ReceivedMail): SpfIdentity {
  if (sender === undefined || sender === '') return { identity: 'helo', domain: asciiDomain(helo) ?? '' };
  return { identity: 'mailfrom', domain: asciiDomain(cutAddress(sender).domain ?? '') ?? '' };
}

async function proveSpf(
  { remote, helo, sender }: ReceivedMail,
  identity: SpfIdentity,
  { hostname }: SenderProofSettings,
  lookup: Lookup,
): Promise<SpfProof> {
  if (isIP(remote) === 0 || identity.domain === '') return { result: 'none', ...identity };
  const name = asciiDomain(helo) ?? 'unknown.invalid';
  const local = identity.identity === 'helo' ? 'postmaster' : cutAddress(sender ?? '').local;
  const { status } = await checkSpf({
    ip: remote,
    helo: name,
    // Goes into names that are asked for (RFC 7208 7): what does not fit there is left out.
    sender: `${local.replace(/[^\x21-\x3f\x41-\x7e]/g, '') || 'postmaster'}@${identity.domain}`,
    mta: hostname,
    resolver: lookup as never,
  });
  return { result: status.result as SpfResult, ...identity };
}
