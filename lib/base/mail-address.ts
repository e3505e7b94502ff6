/** A mail address in its two parts, as they are written. */
export interface AddressParts {
  readonly local: string;
  /** Absent where there is no at sign. */
  readonly domain?: string;
}

/** Cut at the last at sign: a quoted local part may hold others (RFC 5321 4.1.2). */
export function cutAddress(address: string): AddressParts {
  const at = address.lastIndexOf('@');
  return at < 0 ? { local: address } : { local: address.slice(0, at), domain: address.slice(at + 1) };
}

/** The domain in lower case; undefined where there is none. */
export function domainOf(address: string): string | undefined {
  return cutAddress(address).domain?.toLowerCase();
}
