/** Names of domains, networks, mailboxes and gateways as settings. */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { BadValue, matching, text, written } from './values.ts';

/** A host name or domain, in lower case. */
export function domain() {
  return written(
    z.string(),
    (value) => {
      const name = value.toLowerCase();
      if (isHostName(name)) return name;
      if (name.includes('@'))
        throw new BadValue('is an address, not a domain', 'write only what follows the @');
      const ascii = domainToASCII(name);
      const hint = isHostName(ascii) ? `write it as ${ascii}` : 'write it as sms.example.com';
      throw new BadValue(`"${value}" is not a domain name`, hint);
    },
    (value) => value,
  );
}

/** RFC 1123 2.1; an underscore is met in private networks and does no harm. */
export function isHostName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^(?!\d+(?:\.\d+)*$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.(?!$)|$))+$/i.test(name)
  );
}

/** An IP address or a network in CIDR notation. */
export function network() {
  return text((value) => {
    const [address = '', bits, ...rest] = value.split('/');
    const version = isIP(address);
    if (version === 0 || rest.length > 0) return `"${value}" is not an IP address or network`;
    if (bits === undefined) return undefined;
    const most = version === 4 ? 32 : 128;
    return /^\d{1,3}$/.test(bits) && Number(bits) <= most
      ? undefined
      : `"/${bits}" is not a prefix from /0 to /${most}`;
  }, 'write it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32');
}

/** A mail address without a display name: `desk@example.com`. */
export function mailbox() {
  return text(
    (value) => (isMailbox(value) ? undefined : `"${value}" is not a mail address`),
    'write it as desk@example.com',
  );
}

export function isMailbox(value: string): boolean {
  return /^[^\s<>@"]+@[^\s<>@"]+$/.test(value) && isHostName(value.slice(value.indexOf('@') + 1));
}

/** `modem1`, `North side`: appears in addresses (`id=`), file names and logs, so it is kept plain. Case does not matter. */
export function gatewayId() {
  return matching(
    /^(?=.{1,32}$)[A-Za-z0-9][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.-]+)*$/,
    'an id',
    'an id is made of letters, digits, _, . and -, with single spaces between words, at most 32, and begins with a letter or digit',
  );
}
