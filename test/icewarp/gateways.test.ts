import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { gatewaySettings, nameGateways } from '../../lib/icewarp/gateway-settings.ts';
import { readGateways } from '../../lib/icewarp/gateways.ts';
import { printFinding } from '../../lib/icewarp/problem.ts';
import { loadingText } from '../config/loading.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/icewarp');
const fixture = (path: string) => readFileSync(resolve(FIXTURES, path));
const read = (xml: string) => readGateways('smsgateway.dat', Buffer.from(xml));
const settings = (xml: string) => gatewaySettings(nameGateways(read(xml).gateways));

describe('smsgateway.dat', () => {
  const found = readGateways('smsgateway.dat', fixture('windows/Config/smsgateway.dat'));
  const snippet = gatewaySettings(nameGateways(found.gateways));

  it('names modems and HTTP gateways', () => {
    expect(found.bad).to.deep.equal([]);
    expect(found.gateways.map(({ name, kind, active }) => ({ name, kind, active }))).to.deep.equal([
      { name: 'Modem1', kind: 'modem', active: true },
      { name: 'O2 HTTP', kind: 'http', active: false },
    ]);
    expect(found.gateways[1]?.clientCertificate).to.equal('C:\\certificates\\cert_o2.pem');
  });

  it('becomes a piece of mailsms.yaml that is valid as it stands', async () => {
    const { load } = loadingText(`domains: [{ name: sms.example.com, country: US }]\n${snippet}`);
    const { config } = await load({ env: { MAILSMS_GATEWAY_MODEM1_PIN: '1234' } });
    expect(config.gateways).to.have.length(1);
    expect(config.gateways[0]).to.deep.include({
      id: 'Modem1',
      type: 'modem',
      device: 'COM16',
      description: 'SIM of the night shift: ${HOME}',
      from: 'sms:%s@icewarpdemo.com',
      smsc: '+15550000000',
    });
  });

  it('says in comments what cannot run yet, and what is to be done', () => {
    expect(snippet)
      .to.contain('# COM16 is a name of Windows')
      .and.to.contain('# Set MAILSMS_GATEWAY_MODEM1_PIN to the PIN')
      .and.to.contain('  # - id: O2 HTTP\n')
      .and.to.contain('# It uses the client certificate C:\\certificates\\cert_o2.pem.')
      .and.to.contain('# Not taken over: retries.');
  });

  it('gives away no PIN and no password', () => {
    for (const secret of ['1234', 'secret1', 'secret2', 'secret3']) expect(snippet).to.not.contain(secret);
    expect(JSON.stringify(found.gateways[0])).to.not.contain('1234');
  });
});

describe('the shape of smsgateway.dat', () => {
  const SHAPES: readonly (readonly [name: string, xml: string])[] = [
    ['elements, in capitals', '<G><GATEWAY><ID>m</ID><DEVICE>COM3</DEVICE></GATEWAY></G>'],
    ['attributes', '<gateways><item id="m" Device="COM3"/></gateways>'],
    [
      'a prefix and another nesting',
      '<x:a xmlns:x="urn:x"><x:b><x:Id>m</x:Id><x:Port>3</x:Port></x:b></x:a>',
    ],
    ['a single gateway as the root', '<sms><id>m</id><com_port>COM3:</com_port></sms>'],
  ];
  for (const [name, xml] of SHAPES) {
    it(`may be ${name}`, () => {
      expect(read(xml).bad).to.deep.equal([]);
      expect(settings(xml)).to.contain('  - id: m\n    type: modem\n    device: COM3\n');
    });
  }

  it('names each gateway once, as ids are written', () => {
    const xml =
      '<g><i><id>a  b</id><url>x</url></i><i><id>a/b</id><url>x</url></i><i><id/><url>COM1</url></i></g>';
    expect(nameGateways(read(xml).gateways).map(({ id }) => id)).to.deep.equal(['a b', 'a-b', 'modem']);
  });

  it('is empty, or has none', () => {
    expect(read('')).to.deep.equal({ gateways: [], bad: [] });
    expect(read('<GATEWAYS/>')).to.deep.equal({ gateways: [], bad: [] });
    expect(read('<a><b>c</b></a>').bad).to.have.length(1);
  });

  const HOSTILE: readonly (readonly [name: string, xml: string | Buffer, told: RegExp])[] = [
    [
      'a document type',
      fixture('broken/config/smsgateway.dat'),
      /^smsgateway\.dat:\d+:\d+: a document type is not read/,
    ],
    ['no XML', '<a><b></a>', /^smsgateway\.dat:1:\d+: /],
    ['deep nesting', '<a>'.repeat(100_000), /nested too deeply/],
    ['NUL octets', Buffer.from([0x50, 0x4b, 0, 0]), /is no text/],
    [
      'two gateways of one name',
      '<g><i id="a" url="x"/>\n<i id="A" url="y"/></g>',
      /^smsgateway\.dat:2: a second gateway "A"/,
    ],
  ];
  for (const [name, xml, told] of HOSTILE) {
    it(`is refused for ${name}`, () => {
      const { bad } = readGateways('smsgateway.dat', Buffer.from(xml as Buffer));
      expect(bad.map(printFinding).join()).to.match(told);
    });
  }

  it('cannot break out of a comment, or read the environment', async () => {
    const xml = `<g><i><id>x&#10;evil: 1</id><type>GSM</type><device>/dev/a&#10;b</device><description>\${MAILSMS_X}</description></i>
      <i><id>y</id><url>http://h/&#10;evil: 1</url><clientcert>c&#10;evil: 1</clientcert></i></g>`;
    const yaml = settings(xml);
    expect(yaml.split('\n').filter((line) => /^\s*evil/.test(line))).to.deep.equal([]);
    expect(yaml).to.contain('$${MAILSMS_X}');
  });
});
