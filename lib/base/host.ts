/** The host of a URL, of an IPv6 address without the brackets that it has there (RFC 3986 3.2.2). */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Whether a host is this machine for sure: no wire on which somebody could listen. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
