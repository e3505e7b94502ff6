import { dmarc } from 'mailauth/lib/dmarc/index.js';
import type { Lookup } from './lookup.ts';
import type { FromAddress } from './mail-header.ts';
import type { DkimProof, DmarcProof, DmarcResult, SpfProof } from './proof.ts';

/**
 * DMARC, RFC 7489: does a domain that SPF or DKIM has proven belong to the author's? mailauth finds the record and knows the
 * public suffixes; strict alignment is decided here, since mailauth treats it as relaxed.
 */
export async function checkPolicy(
  from: FromAddress,
  spf: SpfProof,
  dkim: readonly DkimProof[],
  lookup: Lookup,
): Promise<DmarcProof> {
  const proven = await aligned(from, spf, dkim, 'pass', lookup);
  if (proven.result === 'temperror') return { result: 'temperror', domain: from.domain, aligned: NEITHER };
  if (proven.record === undefined) return { result: 'none', domain: from.domain, aligned: NEITHER };
  const { spf: bySpf, dkim: byDkim, policy } = proven;
  let result: DmarcResult = bySpf || byDkim ? 'pass' : 'fail';
  if (result === 'fail') {
    // What would count, had DNS answered, may still come to count: RFC 7489 leaves it open, and a proof it is not.
    const unknown = await aligned(from, spf, dkim, 'temperror', lookup);
    if (unknown.spf || unknown.dkim) result = 'temperror';
  }
  const named = policy === undefined ? {} : { policy };
  return { result, domain: from.domain, ...named, aligned: { spf: bySpf, dkim: byDkim } };
}

const NEITHER = { spf: false, dkim: false } as const;

interface Alignment {
  readonly result: string;
  readonly record: string | undefined;
  readonly policy: string | undefined;
  readonly spf: boolean;
  readonly dkim: boolean;
}

/** Which of the domains with this result are the author's, by the author's domain's own rule (RFC 7489 3.1). */
async function aligned(
  from: FromAddress,
  spf: SpfProof,
  dkim: readonly DkimProof[],
  wanted: 'pass' | 'temperror',
  lookup: Lookup,
): Promise<Alignment> {
  const spfDomains = spf.result === wanted && spf.domain !== '' ? [spf.domain] : [];
  const dkimDomains = dkim.filter(({ result }) => result === wanted).map(({ domain }) => domain);
  const found = await dmarc({
    headerFrom: from.address,
    spfDomains,
    dkimDomains: dkimDomains.map((domain) => ({ domain })),
    resolver: lookup as never,
  });
  const record = found === false ? undefined : found.rr;
  const isStrict = (tag: string): boolean =>
    new RegExp(`(?:^|;)\\s*${tag}\\s*=\\s*s\\s*(?:;|$)`, 'i').test(record ?? '');
  const agrees = (tag: string, domains: readonly string[], relaxed: unknown): boolean =>
    isStrict(tag) ? domains.includes(from.domain) : Boolean(relaxed);
  const alignment = found === false ? undefined : found.alignment;
  return {
    result: found === false ? 'none' : found.status.result,
    record,
    policy: found === false ? undefined : found.policy?.trim().toLowerCase(),
    spf: agrees('aspf', spfDomains, alignment?.spf?.result),
    dkim: agrees('adkim', dkimDomains, alignment?.dkim?.result),
  };
}
