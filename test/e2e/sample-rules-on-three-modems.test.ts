import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { type Letter, needs, smtplib } from '../support/clients.ts';
import { Product, until } from '../support/product.ts';
import { type PtyModem, startPtyModem } from '../../lib/emulator/pty.ts';
import { needsPty } from '../support/pty.ts';
import { type SunkMail, Sink } from '../support/sink.ts';

const SAMPLES = resolve(import.meta.dirname, '../../rules');
const GATEWAYS = ['usgatewayid', 'eugatewayid', 'gatewayid'] as const;
type Gateway = (typeof GATEWAYS)[number];

/** A zone in which it is about noon now: some samples mean the night. */
function noon(): string {
  const behind = new Date().getUTCHours() - 12;
  return behind === 0 ? 'UTC' : `Etc/GMT${behind > 0 ? '+' : '-'}${Math.abs(behind)}`;
}

/** The sample rule sets as they are, between SMTP clients, a relay, a web server, and three modems on terminals. */
describe('the sample rules on three modems', () => {
  let dir: string;
  let product: Product;
  let relay: Sink;
  let web: Server;
  const called: string[] = [];
  const modems = new Map<Gateway, PtyModem>();
  const modem = (id: Gateway): PtyModem => modems.get(id) ?? expect.fail(`no modem ${id}`);

  before(needsPty);
  before(needs('python3'));
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mailsms-modems-'));
    for (const id of GATEWAYS) modems.set(id, await startPtyModem('', { link: join(dir, id) }));
    relay = await new Sink().start();
    web = createServer((request, response) => {
      called.push(request.url ?? '');
      response.end('ok');
    });
    await new Promise<void>((listening) => web.listen(0, '127.0.0.1', listening));
    product = new Product({
      zone: noon(),
      mail: { relay: relay.url },
      queue: { retry: ['200ms'] },
      outside: { urls: ['127.0.0.1'] },
      incoming: { mailbox: 'front@example.com' },
      rules: {
        outgoing: ['outgoing'],
        incoming: ['incoming'],
        lists: { 'known-senders': 'lists/known-senders.txt' },
      },
      accounts: [{ user: 'john@office.example', password: 'x', alias: '+15550009999' }],
      gateways: GATEWAYS.map((id) => ({
        id,
        type: 'modem',
        device: modem(id).device,
        from: 'sms:%s@sms.example.com',
        intervals: { sweep: '1s' },
      })),
    });
    const into = (folder: string, order: readonly string[]): void => {
      mkdirSync(join(product.dir, folder));
      order.forEach((name, index) =>
        cpSync(join(SAMPLES, folder, `${name}.yaml`), join(product.dir, folder, `${index}-${name}.yaml`)),
      );
    };
    into('outgoing', ['content', 'new-mail', 'caller-id', 'archive', 'least-cost-routing']);
    into('incoming', ['tagged', 'valid-senders', 'folder', 'another-server']);
    cpSync(join(SAMPLES, 'lists'), join(product.dir, 'lists'), { recursive: true });
    // The sample's server is one that nobody has; ours stands in its place.
    const server = join(product.dir, 'incoming', '3-another-server.yaml');
    const { port } = web.address() as AddressInfo;
    const sample = readFileSync(server, 'utf8');
    const moved = sample.replace('https://server-a.example.com/', `http://127.0.0.1:${port}/`);
    expect(moved).not.to.equal(sample);
    writeFileSync(server, moved.replace('${MAILSMS_SERVER_A_PASSWORD}', 'pw'));
    await product.start();
  });
  after(async () => {
    await product?.dispose();
    for (const each of modems.values()) await each.close();
    await relay?.stop();
    web?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const send = async (number: string, text: string, more: Partial<Letter> = {}): Promise<string> => {
    const to = number.includes('@') ? number : `"sms:${number}"@sms.example.com`;
    const { code, stderr } = await smtplib({ port: product.port(), to, text, ...more });
    return code === 0 ? 'accepted' : stderr;
  };
  /** The gateway whose modem has sent the text. */
  const sentBy = (text: string): Promise<Gateway> =>
    until(`"${text}" on a modem`, () =>
      GATEWAYS.find((id) => modem(id).sent.some((sms) => sms.text?.includes(text) === true)),
    );
  const mailed = (what: (mail: SunkMail) => boolean): Promise<SunkMail> =>
    until('a mail at the relay', () => relay.mails.find(what));
  const stateOf = async (number: string): Promise<string | undefined> => {
    const { stdout } = await product.cli('queue', 'ls', '--state', 'all', '--json');
    const lines = stdout.split('\n').filter((line) => line !== '');
    const messages = lines.map((line) => JSON.parse(line) as { number: string; state: string; id: string });
    return messages.find((message) => message.number === number)?.state;
  };

  it('each country by its gateway, and the rest by any', async () => {
    for (const [number, text] of [
      ['+15551234567', 'to Boston'],
      ['+4915112345678', 'to Berlin'],
      ['+436641234567', 'to Vienna'],
      ['+447911123456', 'to London'],
    ] as const) {
      expect(await send(number, text)).to.equal('accepted');
    }
    expect(await sentBy('to Boston')).to.equal('usgatewayid');
    expect(await sentBy('to Berlin')).to.equal('eugatewayid');
    expect(await sentBy('to Vienna')).to.equal('eugatewayid');
    expect(await sentBy('to London')).to.be.oneOf(GATEWAYS);
  });

  it('what somebody has pinned already stays there', async () => {
    expect(await send('"sms:+15557654321?id=gatewayid"@sms.example.com', 'by hand')).to.equal('accepted');
    expect(await sentBy('by hand')).to.equal('gatewayid');
  });

  it('a modem is gone: what is pinned to it waits, what is not goes by another, and nothing is sent twice', async () => {
    await modem('eugatewayid').unplug();
    expect(await send('+4915110000001', 'I wait')).to.equal('accepted');
    for (let n = 1; n <= 6; n++)
      expect(await send('+447911123456', `I do not wait ${n}.`)).to.equal('accepted');
    for (let n = 1; n <= 6; n++)
      expect(await sentBy(`I do not wait ${n}.`)).to.be.oneOf(['usgatewayid', 'gatewayid']);
    expect(await stateOf('+4915110000001')).to.equal('queued');
    await modem('eugatewayid').replug();
    expect(await sentBy('I wait')).to.equal('eugatewayid');
    await until('it to be sent', async () => (await stateOf('+4915110000001')) === 'sent' || undefined);
    const texts = GATEWAYS.flatMap((id) => modem(id).sent.map(({ text }) => text));
    expect(texts).to.deep.equal([...new Set(texts)]);
  });

  it('a refusal is the answer to the mail, in the words of the rule', async () => {
    expect(await send('+15551234567', 'Pay to AT61 1904 3002 3457 3201 now')).to.match(
      /550, b'5\.7\.1 This text holds an account number, which may not be sent by SMS'/,
    );
  });

  it('an alarm goes first, the desk gets a copy, and the archive keeps it with who wrote to whom', async () => {
    expect(await send('+15551230009', 'pump 3', { subject: 'ALARM' })).to.equal('accepted');
    expect(await sentBy('pump 3')).to.equal('usgatewayid');
    const copy = await mailed(({ to, raw }) => to.includes('desk@example.com') && raw.includes('pump 3'));
    expect(copy.from).to.equal('');
    const kept = await mailed(
      ({ to, raw }) => to.includes('sms-archive@example.com') && raw.includes('pump 3'),
    );
    expect(kept.mail.headers.get('x-sms-sender')).to.equal('john@office.example');
    expect(kept.mail.headers.get('x-sms-recipient')).to.equal('+15551230009');
  });

  it("the caller id is the number of the sender's account, and the trace of the message says why", async () => {
    expect(await send('+15551230010', 'who am I')).to.equal('accepted');
    await sentBy('who am I');
    const { stdout } = await product.cli('queue', 'ls', '--state', 'all', '--json');
    const line = stdout.split('\n').find((each) => each.includes('+15551230010')) ?? '{}';
    const { id } = JSON.parse(line) as { id: string };
    const shown = await product.cli('queue', 'show', id);
    expect(shown.stdout).to.match(/^Caller id is the sender's own number {2}applies/m);
    expect(shown.stdout).to.match(/^United States and Canada {2}applies/m);
    expect(shown.stdout).to.match(/^Nothing but alarms at night {2}does not apply/m);
    const whole = JSON.parse((await product.cli('queue', 'show', id, '--json')).stdout) as {
      options: { sender?: string };
    };
    expect(whole.options.sender).to.equal('+15550009999');
  });

  it('a mail to maxmsgs=1 becomes a notice of its sender, subject and size', async () => {
    const to = '"sms:+15551230011?maxmsgs=1"@sms.example.com';
    expect(await send(to, 'a very long story', { subject: 'The quarter' })).to.equal('accepted');
    await sentBy('New mail from john@office.example: The quarter (');
    const { sent } = modem('usgatewayid');
    expect(sent.at(-1)?.text).to.match(/^New mail from john@office\.example: The quarter \(\d{3} octets\)$/);
  });

  it('known senders reach a person, by the pattern and by the list', async () => {
    for (const number of ['+15551234567', '+15551230001']) {
      modem('usgatewayid').injectText(number, `from ${number}`);
    }
    // +15551234567 was written to above, so that its text is an answer: no rule is asked.
    const answer = await mailed(({ raw }) => raw.includes('from +15551234567'));
    expect(answer.to).to.deep.equal(['john@office.example']);
    const known = await mailed(({ raw }) => raw.includes('from +15551230001'));
    expect(known.to).to.deep.equal(['john.doe@example.com']);
    modem('eugatewayid').injectText('+15551238866', 'by the pattern');
    const pattern = await mailed(({ raw }) => raw.includes('by the pattern'));
    expect(pattern.to).to.deep.equal(['john.doe@example.com']);
    expect(await product.logged(/to john\.doe@example\.com by a rule/)).to.contain('delivered');
    expect(pattern.mail.from?.text).to.contain('"sms:+15551238866"@sms.example.com');
  });

  it('a stranger is marked, goes to the folder, and the other server hears of it', async () => {
    modem('gatewayid').injectText('+15550007777', 'who & what?');
    const mail = await mailed(({ raw }) => raw.includes('who & what?'));
    expect(mail.to).to.deep.equal(['desk+SMS@example.com']);
    expect(mail.mail.subject).to.equal('SMS from a stranger, +15550007777');
    const id = /^<sms\.(\w+)@/.exec(mail.mail.messageId ?? '')?.[1] ?? '';
    const shown = (await product.cli('queue', 'show', id)).stdout;
    expect(shown)
      .to.match(/^state +delivered, from a phone$/m)
      .and.match(/^text +who & what\?$/m);
    expect(shown)
      .to.match(/^Colleagues, by a list {2}does not apply/m)
      .and.match(/^Nobody we know {2}applies/m);
    await until('the call', () => called[0]);
    expect(called).to.deep.equal([
      '/sms/deliver.html?id=24&number=%2B15550007777&data=who%20%26%20what%3F&pass=pw',
    ]);
  });

  it('an address in a text gets it, without the address', async () => {
    modem('gatewayid').injectText('+15550007778', '#demo@office.example# Hello world');
    const mail = await mailed(({ to }) => to.includes('demo@office.example'));
    expect(mail.mail.text?.trim()).to.equal('Hello world');
  });

  it('a list and a folder of rules are followed while it runs', async () => {
    const before = product.output.length;
    appendFileSync(join(product.dir, 'lists', 'known-senders.txt'), '+15550007779\n');
    cpSync(
      join(SAMPLES, 'outgoing', 'default-gateway.yaml'),
      join(product.dir, 'outgoing', '9-default-gateway.yaml'),
    );
    await until('the new rules', () => /rules are in use/.test(product.output.slice(before)) || undefined);
    modem('gatewayid').injectText('+15550007779', 'now I am known');
    expect((await mailed(({ raw }) => raw.includes('now I am known'))).to).to.deep.equal([
      'john.doe@example.com',
    ]);
    for (let n = 1; n <= 3; n++) {
      expect(await send('+447911123456', `by default ${n}.`)).to.equal('accepted');
      expect(await sentBy(`by default ${n}.`)).to.equal('gatewayid');
    }
  });
});
