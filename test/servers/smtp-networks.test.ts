import { expect } from 'chai';
import { Fault } from '../../lib/base/errors.ts';
import { networkOf } from '../../lib/base/host.ts';
import { LOOPBACK, Networks } from '../../lib/servers/smtp/networks.ts';

describe('Networks', () => {
  for (const [entry, inside, outside] of [
    ['192.0.2.1', '192.0.2.1', '192.0.2.2'],
    ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:192.0.2.2'],
    ['192.0.2.0/24', '192.0.2.255', '192.0.3.0'],
    ['0.0.0.0/0', '203.0.113.9', '2001:db8::1'],
    ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:db8::2'],
    ['2001:db8::/32', '2001:db8:ffff::1', '2001:db9::1'],
    ['::ffff:192.0.2.0/120', '192.0.2.7', '192.0.3.7'],
    ['fe80::/10', 'fe80::1%eth0', 'fd00::1'],
  ] as const) {
    it(`${entry} holds ${inside} and not ${outside}`, () => {
      const networks = new Networks([entry]);
      expect(networks.has(inside)).to.equal(true);
      expect(networks.has(outside)).to.equal(false);
    });
  }

  it('know this machine', () => {
    const local = new Networks(LOOPBACK);
    for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
      expect(local.has(address), address).to.equal(true);
    }
    for (const address of ['128.0.0.1', '::2', '', 'localhost']) {
      expect(local.has(address), address).to.equal(false);
    }
  });

  for (const entry of [
    'localhost',
    '192.0.2.1/33',
    '192.0.2.1/-1',
    '192.0.2.1/',
    '192.0.2.1/8/8',
    '2001:db8::/129',
    '::ffff:192.0.2.0/90',
    '',
  ]) {
    it(`"${entry}" is not one, and named`, () => {
      expect(() => new Networks(['10.0.0.1', entry]))
        .to.throw(Fault, `"${entry}" is not an IP address or a CIDR block`)
        .with.property('code', 'config.invalid');
    });
  }

  it('count IPv4 by the address and IPv6 by its first 64 bits', () => {
    expect(networkOf('192.0.2.1')).to.equal('192.0.2.1');
    expect(networkOf('::ffff:192.0.2.1')).to.equal('192.0.2.1');
    expect(networkOf('2001:db8:1:2:3:4:5:6')).to.equal('2001:db8:1:2::/64');
    expect(networkOf('2001:db8:1:2::6')).to.equal('2001:db8:1:2::/64');
    expect(networkOf('2001:0db8::1')).to.equal('2001:db8:0:0::/64');
    expect(networkOf('::1')).to.equal('0:0:0:0::/64');
    expect(networkOf('fe80::1%eth0')).to.equal('fe80:0:0:0::/64');
  });
});
