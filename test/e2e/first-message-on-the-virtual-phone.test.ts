import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { simpleParser } from 'mailparser';
import { type Letter, curl, msmtp, needs, smtplib, swaks } from '../support/clients.ts';
import { type Finished, Product, until } from '../support/product.ts';

interface Phone {
  readonly number: string;
  readonly messages: { direction: 'in' | 'out'; text: string }[];
}

describe('the first message, on the virtual phone', () => {
  let product: Product;

  before(async () => {
    product = await new Product().start();
  });
  after(() => product.dispose());

  const phone = async (number: string): Promise<Phone | undefined> => {
    const { stdout } = await product.cli('phone', '--number', number, '--json');
    return stdout === '' ? undefined : (JSON.parse(stdout) as Phone);
  };
  const texts = (number: string, count: number): Promise<string[]> =>
    until(`${count} texts on ${number}`, async () => {
      const got = (await phone(number))?.messages.map(({ text }) => text) ?? [];
      return got.length >= count ? got : undefined;
    });

  it('arrives, is answered, and the answer lies in the Maildir', async function () {
    needs('curl').call(this);
    const sent = await curl({
      port: product.port(),
      to: '"sms:+15550000001"@sms.example.com',
      subject: 'hello',
      text: 'Hello from mail',
    });
    expect(sent.code, sent.stderr).to.equal(0);
    expect(await texts('+15550000001', 1)).to.deep.equal(['Hello from mail']);

    const reply = await product.cli('phone', 'reply', '--number', '+15550000001', '--text', 'Hello back');
    expect(reply.code, reply.stderr).to.equal(0);
    const folder = join(product.dir, 'data/Maildir/new');
    const [name] = await until('a mail in the Maildir', () => {
      const names = readdirSync(folder);
      return names.length > 0 ? names : undefined;
    });
    const mail = await simpleParser(readFileSync(join(folder, name ?? '')));
    expect(mail.text?.trimEnd()).to.equal('Hello back');
    expect(mail.subject).to.equal('Re: hello');
    expect(mail.from?.value[0]?.address).to.contain('+15550000001');
    expect(mail.headers.get('return-path')).to.have.nested.property('value[0].address');
  });

  it('is listed for people too', async () => {
    const { stdout } = await product.cli('phone');
    expect(stdout).to.match(/^\+15550000001 \(gateway phone\)\n {2}< .* \(gsm7\)\n {6}Hello from mail\n/m);
  });

  it('an address with a typing error is refused, and the answer says where', async function () {
    needs('curl').call(this);
    const { code, stderr } = await curl({
      port: product.port(),
      to: '"sms:+1555x234567"@sms.example.com',
      text: 'x',
    });
    expect(code).to.not.equal(0);
    expect(stderr).to.contain('553');
  });

  const clients: [name: string, program: string, send: (letter: Letter) => Promise<Finished>, to: string][] =
    [
      ['swaks, as the reference writes it', 'swaks', swaks, 'sms:+15550000002?maxmsgs=2@sms.example.com'],
      ['swaks, quoted', 'swaks', swaks, '"sms:+15550000003?maxmsgs=2"@sms.example.com'],
      ['curl, without sms:', 'curl', curl, '+15550000004@sms.example.com'],
      ['smtplib, which drops sms:', 'python3', smtplib, 'sms:+15550000005?maxmsgs=2@sms.example.com'],
      ['smtplib, quoted', 'python3', smtplib, '"sms:+15550000006?maxmsgs=2"@sms.example.com'],
      ['msmtp, which drops sms:', 'msmtp', msmtp, 'sms:+15550000007@sms.example.com'],
      ['curl, percent-encoded', 'curl', curl, 'sms%3A+15550000008%3Fmaxmsgs%3D2@sms.example.com'],
      ['curl, a national number', 'curl', curl, '"sms:(555) 000-0009"@sms.example.com'],
    ];
  clients.forEach(([name, program, send, to], index) => {
    it(`${name}: ${to}`, async function () {
      needs(program).call(this);
      const { code, stdout, stderr } = await send({ port: product.port(), to, text: `from ${name}` });
      expect(code, stdout + stderr).to.equal(0);
      expect(await texts(`+1555000000${index + 2}`, 1)).to.deep.equal([`from ${name}`]);
    });
  });

  it('mailsms send does it without a mail', async () => {
    const { code, stdout } = await product.cli('send', '--to', '+15550000010', '--text', 'by hand');
    expect(code).to.equal(0);
    expect(await texts('+15550000010', 1)).to.deep.equal(['by hand']);
    const shown = await product.cli('queue', 'show', stdout.trim());
    expect(shown.stdout)
      .to.match(/^state +sent$/m)
      .and.to.match(/^text +by hand$/m);
  });

  it('a command without a running gateway says what to do', async () => {
    const { code, stderr } = await product.cli('phone', '--data', './elsewhere');
    expect(code).to.equal(1);
    expect(stderr).to.contain('no gateway is running').and.to.contain('mailsms start');
  });
});
