import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { Product, run } from '../support/product.ts';

const MAILSMS = resolve(import.meta.dirname, '../../dist/bin/mailsms.js');
const MAILS = resolve(import.meta.dirname, '../../fixtures/mail');

describe('mailsms preview', () => {
  let product: Product;

  before(() => {
    product = new Product({
      gateways: [
        { id: 'north', type: 'virtual', from: 'sms:%s@sms.example.com', prefixes: ['+1'] },
        { id: 'world', type: 'virtual', from: 'sms:%s@sms.example.com' },
      ],
      accounts: [{ user: 'ops', password: 'geheim-4711', gateway: 'world', maxmsgs: 1 }],
    });
  });
  after(() => product.dispose());

  const mail = (name: string): string => resolve(MAILS, `${name}.eml`);
  const json = async (...args: string[]): Promise<{ code: number; shown: Record<string, unknown> }> => {
    const { code, stdout } = await product.cli('preview', '--json', ...args);
    return { code, shown: JSON.parse(stdout) as Record<string, unknown> };
  };

  it('shows text, what is left out, parts and route, for people', async () => {
    const { code, stdout, stderr } = await product.cli('preview', mail('clients/gmail-en'));
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
    expect(stdout).to.equal(`From      Sam Lee <sam@example.com>
Subject   Re: Pump
Text      29 characters, from the plain part
  | Yes, at nine.
  |
  | Bring the key.
Left out  quote, 5 lines: On Tue, Jun 3, 2025 at 9:28 AM sms:+15551234567 <sms+155512…
Left out  signature, 3 lines: -- Sam Lee Plant 2

To        "sms:+15551234567"@sms.example.com
Number    +15551234567
Encoding  GSM 7-bit
Parts     1 (limit 3, by the configuration): 29 of 160 septets
Route     north, world: the best free one, by weight and load
`);
  });

  it('runs the rules, and shows what they saw', async () => {
    const rules = `
rules:
  - title: by world
    when: { body: { contains: nine } }
    do: [{ route: world }, { append: ' -- sent by mail' }, { archive: archive@office.example }]
  - title: not at night
    when: { body: { contains: night } }
    do: { reject: 'not at night' }
`;
    const ruled = new Product({
      gateways: ['north', 'world'].map((id) => ({ id, type: 'virtual' })),
      rules: { outgoing: ['rules.yaml'] },
    });
    try {
      writeFileSync(join(ruled.dir, 'rules.yaml'), rules);
      const { code, stdout, stderr } = await ruled.cli('preview', mail('clients/gmail-en'));
      expect(code, stderr).to.equal(0);
      expect(stdout)
        .to.match(/^Route +world: a rule chose it$/m)
        .and.to.match(/^Besides +archive$/m);
      expect(stdout).to.match(/^ {2}\| Bring the key\.\s*-- sent by mail$/m);
      expect(stdout)
        .to.match(/^ {2}by world {2}applies/m)
        .and.to.match(/^ +true +the text contains "nine"/m);
      const text = 'To: "sms:+15551234567"@sms.example.com\n\nnight shift\n';
      const refused = await ruled.cliWith(text, 'preview', '-');
      expect(refused.code).to.equal(1);
      expect(refused.stdout).to.match(/^Refused +550 5\.7\.1 not at night$/m);
    } finally {
      await ruled.dispose();
    }
  });

  it('reads standard input', async () => {
    const raw = readFileSync(mail('clients/proton'), 'utf8');
    const { stdout } = await run(process.execPath, [MAILSMS, 'preview', '-'], raw, product.dir);
    expect(stdout).to.contain('  | It runs.\n').and.to.contain('Left out  program line, 1 line: Sent with');
  });

  it('says which characters make a text Unicode, and what does not fit', async () => {
    const to = '"sms:+436641234567?user=ops&pass=geheim-4711"@sms.example.com';
    const { shown } = await json(mail('koi8-r'), '--to', to);
    const [recipient] = shown['recipients'] as { address: string; messages: Record<string, unknown>[] }[];
    expect(recipient?.address).to.contain('pass=***').and.not.to.contain('geheim');
    const [message] = recipient?.messages ?? [];
    expect(message).to.deep.include({
      number: '+436641234567',
      encoding: 'ucs2',
      limit: { parts: 1, by: 'account' },
      route: { gateways: ['world'], why: 'its account is bound to it' },
    });
    expect(message?.['forcedUnicode']).to.include('В');
    expect(message?.['parts']).to.deep.equal([{ sequence: 1, length: 114, unit: 'octets', room: 140 }]);
  });

  it('says what would be refused, with exit code 1', async () => {
    const encrypted = await json(mail('pgp-encrypted'));
    expect(encrypted.code).to.equal(1);
    expect(encrypted.shown['refused']).to.deep.equal({
      smtp: 554,
      enhanced: '5.6.0',
      told: 'the mail is encrypted (PGP/MIME) and cannot be read here',
    });
    const foreign = await product.cli('preview', mail('cron-output'), '--to', 'ann@elsewhere.example');
    expect(foreign.code).to.equal(1);
    expect(foreign.stdout).to.contain('Refused   550 5.7.1 mail for elsewhere.example is not taken here');
    const pinned = await product.cli(
      'preview',
      mail('cron-output'),
      '--to',
      'sms:+15551234567?id=x@sms.example.com',
    );
    expect(pinned.stdout).to.contain('Refused   553 5.1.3 there is no gateway "x" here');
  });

  it('says that a file is not there', async () => {
    const { code, stderr } = await product.cli('preview', 'nothing.eml');
    expect(code).to.equal(1);
    expect(stderr).to.contain('nothing.eml');
  });
});
