import { isIP } from 'node:net';
import { Fault, messageOf } from '../base/errors.ts';
import { bareHost } from '../base/host.ts';
import { inNetwork, parseAddress, parseNetwork } from '../rules/match/cidr.ts';
import { unless } from './errands.ts';
import { notPublic } from './public-address.ts';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name. */
export type Lookup = (host: string) => Promise<readonly ResolvedAddress[]>;

/**
 * The addresses that a URL's host has now, all of them allowed. The connection must be made to these and to no other: asked
 * again, the name may have another address (DNS rebinding).
 *
 * Throws `effect.failed` where one of them is neither public nor allowed, `effect.down` where the name has none.
 *
 * @param allow host names, addresses, networks
 */
export async function resolveTarget(
  url: URL,
  allow: readonly string[],
  lookup: Lookup,
  signal: AbortSignal,
): Promise<readonly ResolvedAddress[]> {
  const host = bareHost(url.hostname);
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host, lookup, signal) : [{ address: host, family }];
  if (allow.some((each) => sameName(each, host))) return addresses;
  for (const { address } of addresses) {
    const why = addressRefusal(address, allow);
    if (why === undefined) continue;
    const which = address === host ? address : `${host} has the address ${address}, which`;
    throw new Fault('effect.failed', { detail: `${which} ${why}` });
  }
  return addresses;
}

/** Why an address may not be called: `is not public (private) and ...`; undefined where it may, and for names. */
export function addressRefusal(address: string, allow: readonly string[]): string | undefined {
  if (isIP(address) === 0) return undefined;
  const why = notPublic(address);
  if (why === undefined || isAllowed(address, allow)) return undefined;
  return `is not public (${why}) and not allowed (outside.urls)`;
}

async function resolve(
  host: string,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<readonly ResolvedAddress[]> {
  let found: readonly ResolvedAddress[];
  try {
    found = await unless(signal, lookup(host));
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Fault('effect.down', { detail: `${host} was not resolved: ${messageOf(error)}`, cause: error });
  }
  if (found.length === 0) throw new Fault('effect.down', { detail: `${host} has no address` });
  return found;
}

function sameName(allowed: string, host: string): boolean {
  const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');
  return parseNetwork(allowed) === undefined && plain(allowed) === plain(host);
}

function isAllowed(address: string, allow: readonly string[]): boolean {
  const octets = parseAddress(address);
  return allow.some((each) => {
    const network = parseNetwork(each);
    return network !== undefined && octets !== undefined && inNetwork(octets, network);
  });
}
