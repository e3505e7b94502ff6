import { type Network, inNetwork, parseAddress, parseNetwork } from '../rules/match/cidr.ts';

/**
 * Which addresses are the public Internet's. All others are refused, because a server that answers to us there may not be meant
 * for those who can make a rule call it: cloud metadata, routers, databases of the local network.
 *
 * The tables follow IANA's special-purpose address registries (RFC 6890). For IPv6 only global unicast (2000::/3, RFC 4291
 * 2.4) is public, less the parts that are translated to other addresses or lead nowhere.
 */
const NOT_PUBLIC: readonly (readonly [network: string, what: string])[] = [
  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared by a carrier'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'for documentation'],
  ['192.88.99.0/24', 'a 6to4 relay'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'for benchmarks'],
  ['198.51.100.0/24', 'for documentation'],
  ['203.0.113.0/24', 'for documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['64:ff9b::/96', 'translated by NAT64'],
  ['64:ff9b:1::/48', 'translated by NAT64'],
  ['100::/64', 'discarded'],
  ['2001::/23', 'reserved for protocols, Teredo among them'],
  ['2001:db8::/32', 'for documentation'],
  ['2002::/16', '6to4'],
  ['3fff::/20', 'for documentation'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
];

const TABLE = NOT_PUBLIC.map(([network, what]) => ({ network: networkOf(network), what }));
const MAPPED = networkOf('::ffff:0:0/96');
const GLOBAL = networkOf('2000::/3');

/** Why an address is not a public one; undefined where it is. */
export function notPublic(address: string): string | undefined {
  const octets = parseAddress(address);
  if (octets === undefined) return 'no address';
  const found = TABLE.find(({ network }) => inNetwork(octets, network));
  if (found !== undefined) return found.what;
  if (!address.includes(':')) return undefined;
  if (inNetwork(octets, MAPPED)) return 'an IPv4 address written as IPv6';
  return inNetwork(octets, GLOBAL) ? undefined : 'outside of global unicast';
}

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (network === undefined) throw new Error(`${text} is no network`);
  return network;
}
