import { isIPv6 } from 'node:net';

/** The host of a URL, of an IPv6 address without the brackets that it has there (RFC 3986 3.2.2). */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Whether a host is this machine for sure: no wire on which somebody could listen. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** An address without its IPv4-in-IPv6 prefix (RFC 4291 2.5.5.2) and without an IPv6 zone (RFC 4007 11). */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+)/i, '').replace(/%.*$/, '');
}

/**
 * Whom a client is counted as: an IPv4 address itself, of an IPv6 address the first 64 bits, since whoever has one such
 * address has the whole block. What is no address is itself.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  while (tail !== undefined && groups.length + last.length < 8) groups.push('0');
  const first = [...groups, ...last].slice(0, 4).map((group) => parseInt(group, 16).toString(16));
  return `${first.join(':')}::/64`;
}
