import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { Fault } from '../../base/errors.ts';
import { plainAddress } from '../../base/host.ts';

/** The loopback networks, RFC 1122 3.2.1.3 and RFC 4291 2.5.3. */
export const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128'];

const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+)/i;

/** A list of IP addresses and CIDR blocks that an address can be looked up in. */
export class Networks {
  readonly #list = new BlockList();

  /** Throws `config.invalid` naming the first entry that is neither an address nor a block. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry);
  }

  /** Is `address` inside? An IPv4 address mapped into IPv6 (RFC 4291 2.5.5.2) counts as the IPv4 address. */
  has(address: string): boolean {
    const plain = plainAddress(address);
    if (isIPv4(plain)) return this.#list.check(plain, 'ipv4');
    return isIPv6(plain) && this.#list.check(plain, 'ipv6');
  }

  #add(entry: string): void {
    const [written = '', length, ...rest] = entry.trim().split('/');
    const mapped = MAPPED.test(written);
    const address = plainAddress(written);
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    const given = length === undefined ? bits : Number(length) - (mapped && family === 4 ? 96 : 0);
    const valid = length === undefined || /^\d{1,3}$/.test(length);
    if (family === 0 || rest.length > 0 || !valid || given < 0 || given > bits) {
      throw new Fault('config.invalid', { told: `"${entry}" is not an IP address or a CIDR block` });
    }
    this.#list.addSubnet(address, given, family === 4 ? 'ipv4' : 'ipv6');
  }
}
