import { expect } from 'chai';
import { type Letter, msmtp, needs, sendMessage, smtplib, snail, swaks } from '../support/clients.ts';
import { heard, texts } from '../support/handset.ts';
import { type Finished, Product } from '../support/product.ts';
import { WireClient, dialogue } from '../support/wire.ts';

type Send = (letter: Letter) => Promise<Finished>;

/** Programs in front of mailsms itself; those in front of a mail server are in the other files of this name. */
describe('mail clients', () => {
  let product: Product;

  before(async () => {
    product = await new Product({
      smtp: { listen: '127.0.0.1:0', hostname: 'sms.example.com', trusted: [] },
      accounts: [{ user: 'john', password: 'clientpw', monthlyLimit: 40, denied: ['+1900'] }],
      text: { maxmsgs: 2 },
    }).start();
  });
  after(() => product?.dispose());

  const proof = 'user=john&pass=clientpw';
  for (const [index, [name, program, send, local]] of (
    [
      ['s-nail, quoted', 's-nail', snail, `"sms:NUMBER?${proof}"`],
      ['s-nail, without sms:', 's-nail', snail, `NUMBER?${proof}`],
      ['msmtp, without quotes', 'msmtp', msmtp, `sms:NUMBER?${proof}`],
      ['swaks, without quotes', 'swaks', swaks, `sms:NUMBER?${proof}`],
      ['smtplib, without quotes', 'python3', smtplib, `sms:NUMBER?${proof}`],
      ['smtplib, quoted', 'python3', smtplib, `"sms:NUMBER?${proof}"`],
      ['send_message, quoted in To:', 'python3', sendMessage, `"sms:NUMBER?${proof}"`],
      ['send_message, without sms: in To:', 'python3', sendMessage, `NUMBER?${proof}`],
    ] satisfies [string, string, Send, string][]
  ).entries()) {
    it(`${name}: ${local}@`, async function () {
      needs(program).call(this);
      const number = `+1555123040${index}`;
      const to = `${local.replace('NUMBER', number)}@sms.example.com`;
      const { code, stdout, stderr } = await send({ port: product.port(), to, text: `from ${name}` });
      expect(code, stdout + stderr).to.equal(0);
      await heard(product, number, `from ${name}`);
    });
  }

  it('msmtp, quoted: it drops what is before the @, and is told so', async function () {
    needs('msmtp').call(this);
    const to = `"sms:+15551230410?${proof}"@sms.example.com`;
    const { code, stderr } = await msmtp({ port: product.port(), to, text: 'x' });
    expect(code).to.not.equal(0);
    expect(stderr).to.contain('nothing before the "@"');
  });

  it('many recipients: each is answered, and those that are taken get the text', async function () {
    needs('python3').call(this);
    const good = Array.from({ length: 10 }, (_, n) => `+1555123042${n}@sms.example.com`);
    const to = [
      ...good.slice(0, 5),
      '+19005551234@sms.example.com',
      '"sms:+1555x"@sms.example.com',
      ...good.slice(5),
    ];
    const { code, stdout, stderr } = await smtplib({
      port: product.port(),
      to,
      text: 'to many',
      user: 'john',
      password: 'clientpw',
    });
    expect(code, stderr).to.equal(0);
    const refused = JSON.parse(stdout) as Record<string, [number, string]>;
    expect(Object.keys(refused)).to.have.length(2);
    expect(refused['+19005551234@sms.example.com']?.join(' ')).to.match(/^550 5\.7\.1 /);
    expect(refused['"sms:+1555x"@sms.example.com']?.join(' ')).to.match(/^553 5\.1\.3 /);
    await heard(product, '+15551230420', 'to many');
    await heard(product, '+15551230429', 'to many');
    expect(await texts(product, '+19005551234')).to.deep.equal([]);
  });

  it('a whole session in one write: each command is answered, in order', async () => {
    const client = await WireClient.open(product.port());
    try {
      await client.reply();
      const plain = Buffer.from('\0john\0clientpw').toString('base64');
      await client.command('EHLO client.example');
      await dialogue(client, `C: AUTH PLAIN ${plain}\nS: 235`);
      client.send(
        'MAIL FROM:<john@office.example>',
        'RCPT TO:<+15551230430@sms.example.com>',
        'RCPT TO:<+19005551235@sms.example.com>',
        'RCPT TO:<"sms:+15551230431"@sms.example.com>',
        'DATA',
      );
      await dialogue(client, 'S: 250\nS: 250\nS: 550 5.7.1\nS: 250\nS: 354');
      client.send('', 'in one write', '.', 'MAIL FROM:<john@office.example>', 'RSET', 'QUIT');
      await dialogue(client, 'S: 250 2.0.0 queued as\nS: 250 2.1.0\nS: 250\nS: 221\nS: <closed>');
      await heard(product, '+15551230430', 'in one write');
      await heard(product, '+15551230431', 'in one write');
    } finally {
      client.close();
    }
  });

  it('no password stands in any log line', () => {
    expect(product.output).to.contain('accepted').and.to.not.contain('clientpw');
  });
});
