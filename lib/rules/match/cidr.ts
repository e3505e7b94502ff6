/** IP networks (CIDR, RFC 4632 and RFC 4291 2.3) without node:net, so that rules stay free of I/O. */

export interface Network {
  readonly octets: Uint8Array;
  readonly bits: number;
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address; undefined where it is none. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', prefix, more] = text.trim().split('/');
  const octets = parseAddress(address);
  if (octets === undefined || more !== undefined) return undefined;
  const v4 = !address.includes(':');
  const most = v4 ? 32 : 128;
  if (prefix === undefined) return { octets, bits: 128 };
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > most) return undefined;
  return { octets, bits: Number(prefix) + (v4 ? 96 : 0) };
}

export function inNetwork(octets: Uint8Array, network: Network): boolean {
  const whole = network.bits >> 3;
  for (let at = 0; at < whole; at++) if (octets[at] !== network.octets[at]) return false;
  const rest = network.bits & 7;
  if (rest === 0) return true;
  return ((octets[whole] ?? 0) ^ (network.octets[whole] ?? 0)) >> (8 - rest) === 0;
}

/** The 16 octets of an address, an IPv4 one as `::ffff:a.b.c.d`; undefined where it is none. */
export function parseAddress(text: string): Uint8Array | undefined {
  const plain = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '');
  if (!plain.includes(':')) {
    const v4 = parseV4(plain);
    return v4 === undefined
      ? undefined
      : Uint8Array.from([...new Array<number>(10).fill(0), 255, 255, ...v4]);
  }
  const last = plain.slice(plain.lastIndexOf(':') + 1);
  const v4 = last.includes('.') ? parseV4(last) : undefined;
  if (last.includes('.') && v4 === undefined) return undefined;
  const text16 =
    v4 === undefined
      ? plain
      : `${plain.slice(0, plain.lastIndexOf(':') + 1)}${v4.slice(0, 2).map(hex).join('')}:${v4.slice(2).map(hex).join('')}`;
  return parseV6(text16);
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}

function parseV4(text: string): number[] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const octets = match?.slice(1).map(Number);
  return octets?.every((octet) => octet <= 255) === true ? octets : undefined;
}

function parseV6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<string>(halves.length === 1 ? 0 : missing).fill('0'), ...tail];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return Uint8Array.from(groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]));
}
