/** Words of RFC 8601 2.7.2 for SPF. */
export type SpfResult = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';
/** Words of RFC 8601 2.7.1 for a DKIM signature; `policy`: valid perhaps, but not accepted here. */
export type DkimResult = 'none' | 'neutral' | 'pass' | 'fail' | 'policy' | 'temperror' | 'permerror';
/** Words of RFC 7489 11.2 for DMARC. */
export type DmarcResult = 'none' | 'pass' | 'fail' | 'temperror' | 'permerror';

export interface SpfProof {
  readonly result: SpfResult;
  /** The domain of the envelope's sender, or of HELO where there is none (RFC 7208 2.4). */
  readonly domain: string;
  readonly identity: 'mailfrom' | 'helo';
}

export interface DkimProof {
  readonly result: DkimResult;
  readonly domain: string;
  readonly selector: string;
  /** Why not, in a few words. */
  readonly reason?: string;
}

export interface DmarcProof {
  readonly result: DmarcResult;
  /** The domain of the header From; empty where there is not exactly one. */
  readonly domain: string;
  /** What the domain asks for where it fails: `none`, `quarantine`, `reject`; absent without a record. */
  readonly policy?: string;
  readonly aligned: { readonly spf: boolean; readonly dkim: boolean };
}

export interface Proof {
  readonly spf: SpfProof;
  /** In the order of the header; empty where the mail has no signature. */
  readonly dkim: readonly DkimProof[];
  readonly dmarc: DmarcProof;
  /** The address in the header From, where the domain of it vouches for the mail. */
  readonly authenticatedFrom?: string;
  /** The mail itself, whatever was changed of it that no signature covers: what comes again has the same. */
  readonly once?: string;
  /** An Authentication-Results field (RFC 8601), folded, without the last line end. */
  readonly header: string;
}

/** The field of RFC 8601 2.2. `hostname` is the authserv-id. */
export function printResults(hostname: string, proof: Omit<Proof, 'header' | 'authenticatedFrom'>): string {
  const { spf, dkim, dmarc } = proof;
  const identity = spf.identity === 'mailfrom' ? 'smtp.mailfrom' : 'smtp.helo';
  const lines = [`spf=${spf.result}${property(identity, spf.domain)}`];
  for (const { result, domain, selector, reason } of dkim) {
    const why = reason === undefined ? '' : ` reason="${reason.replace(/[^\x20-\x7e]|["\\]/g, ' ')}"`;
    lines.push(`dkim=${result}${why}${property('header.d', domain)}${property('header.s', selector)}`);
  }
  if (dkim.length === 0) lines.push('dkim=none');
  const policy = /^[a-z]+$/.test(dmarc.policy ?? '') ? ` (p=${dmarc.policy})` : '';
  lines.push(`dmarc=${dmarc.result}${policy}${property('header.from', dmarc.domain)}`);
  return `Authentication-Results: ${hostname};\r\n ${lines.join(';\r\n ')}`;
}

/** A property whose value is a token (RFC 2045 5.1), as names of hosts are; what isn't one is left out. */
function property(name: string, value: string): string {
  return /^[A-Za-z0-9._-]{1,255}$/.test(value) ? ` ${name}=${value}` : '';
}
