import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { needs, swaks } from '../support/clients.ts';
import { Product, until } from '../support/product.ts';

const COST = `
rules:
  - title: United States
    when: { prefix: '+1' }
    do: [{ route: us }, stop]
  - title: Germany
    when: { prefix: '+49' }
    do: [{ route: de }, stop]
  - title: nothing to casinos
    when: { body: { contains: casino } }
    do: { reject: 'no gambling by this gateway' }
  - title: drills go nowhere
    when: { body: { contains: drill } }
    do: delete
  - title: stories are mails
    when: { body: { contains: long story } }
    do: { setHeader: { name: To, value: desk@office.example } }
`;

const INCOMING = `
rules:
  - title: no lotteries
    when: { body: { contains: lottery } }
    do: delete
`;

/** Rule files of a running gateway: least cost routing, a refusal in the words of the rule, and a change at runtime. */
describe('rules route, refuse, and are reloaded', () => {
  let product: Product;
  before(needs('swaks'));
  before(async () => {
    product = new Product({
      rules: { outgoing: ['rules'], incoming: ['incoming.yaml'] },
      gateways: ['us', 'de', 'rest'].map((id) => ({ id, type: 'virtual', from: 'sms:%s@sms.example.com' })),
    });
    mkdirSync(join(product.dir, 'rules'));
    writeFileSync(join(product.dir, 'rules', '10-cost.yaml'), COST);
    writeFileSync(join(product.dir, 'incoming.yaml'), INCOMING);
    await product.start();
  });
  after(() => product?.dispose());

  const said = async (number: string, text: string): Promise<string> => {
    const to = `"sms:${number}"@sms.example.com`;
    const { stdout } = await swaks({ port: product.port(), to, text });
    return /^<\*\* +(.*)$/m.exec(stdout)?.[1] ?? 'accepted';
  };
  /** The gateway whose handset has got the text. */
  const reached = (text: string): Promise<string> =>
    until(`"${text}" on a phone`, async () => {
      const { stdout } = await product.cli('phone', 'ls');
      return stdout
        .split(/(?=^\+)/m)
        .filter((phone) => phone.includes(text))
        .map((phone) => /\(gateway (\w+)\)/.exec(phone)?.[1])
        .at(0);
    });

  it('each country goes out by its gateway, and what no rule names by any', async () => {
    expect(await said('+15551234567', 'to america')).to.equal('accepted');
    expect(await said('+4915112345678', 'to germany')).to.equal('accepted');
    expect(await said('+436641234567', 'to austria')).to.equal('accepted');
    expect(await reached('to america')).to.equal('us');
    expect(await reached('to germany')).to.equal('de');
    expect(await reached('to austria')).to.be.oneOf(['us', 'de', 'rest']);
  });

  it('a refusal is the answer to the mail, in the words of the rule', async () => {
    expect(await said('+436641234567', 'casino')).to.equal('550 5.7.1 no gambling by this gateway');
  });

  it('where is it? what a rule deleted or sent elsewhere is found by the id in the answer', async () => {
    for (const [text, state, cause, rule] of [
      ['this is a drill', 'dropped', 'by the rule "drills go nowhere"', 'drills go nowhere'],
      ['a long story', 'diverted', 'to desk@office.example', 'stories are mails'],
    ] as const) {
      const to = '"sms:+436641234567"@sms.example.com';
      const { stdout } = await swaks({ port: product.port(), to, text });
      const id = /^<- +250 2\.0\.0 .*?(\w{20})$/m.exec(stdout)?.[1] ?? '';
      const shown = (await product.cli('queue', 'show', id)).stdout;
      expect(shown).to.match(new RegExp(`^state +${state}$`, 'm'));
      expect(shown).to.match(new RegExp(`^cause +${state} ${cause}$`, 'm'));
      expect(shown).to.match(new RegExp(`^${rule} {2}applies`, 'm'));
      expect(shown).to.not.contain('PART');
      expect((await product.cli('queue', 'ls', '--state', state)).stdout).to.contain(id);
      expect((await product.cli('queue', 'retry', id)).code).to.equal(1);
    }
    expect((await product.cli('queue')).stdout).to.equal('nothing is waiting\n');
  });

  it('where is it? what a rule deleted of a phone is found too', async () => {
    for (const text of ['good morning', 'win the lottery\u001b[2J']) {
      const reply = ['--number', '+15557654321', '--text', text, '--gateway', 'us'];
      expect((await product.cli('phone', 'reply', ...reply)).code).to.equal(0);
    }
    const line = await until('the dropped text', async () => {
      const { stdout } = await product.cli('queue', 'ls', '--incoming', '--state', 'dropped');
      return stdout.split('\n').find((each) => each.includes('win the lottery'));
    });
    expect(line).to.match(/^\w{20} +dropped +\+15557654321 +us .* delete by the rule "no lotteries" +win/);
    const shown = (await product.cli('queue', 'show', line.slice(0, 20))).stdout;
    expect(shown).to.match(/^no lotteries {2}applies/m);
    // What a terminal would obey is not passed on to the operator's.
    expect(shown).to.contain('win the lottery\ufffd[2J').and.not.contain('\u001b');
    const all = (await product.cli('queue', 'ls', '--incoming')).stdout;
    expect(all).to.contain('good morning').and.contain('win the lottery').and.not.contain('\u001b');
    const wrong = await product.cli('queue', 'ls', '--incoming', '--state', 'queued');
    expect(wrong.stderr).to.contain('there are arrived, delivered, dropped');
  });

  it('queue show says which rule saw what', async () => {
    const { stdout } = await product.cli('queue', 'ls', '--state', 'all', '--json');
    const messages = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; number: string });
    const id = messages.find(({ number }) => number === '+4915112345678')?.id ?? '';
    const shown = await product.cli('queue', 'show', id);
    expect(shown.stdout).to.match(/^RULES$/m);
    expect(shown.stdout)
      .to.match(/^Germany {2}applies/m)
      .and.to.match(/^ {2}-> +route to de$/m);
    expect(shown.stdout).to.match(/^ {2}true +.*\+49/m);
  });

  it('a mistake in a changed file keeps the old rules, and is told with its place', async () => {
    const file = join(product.dir, 'rules', '10-cost.yaml');
    writeFileSync(file, COST.replace('reject:', 'rejct:'));
    await product.logged(/10-cost\.yaml:\d+:\d+: .*rejct.*did you mean \\"reject\\"/);
    expect(await said('+436641234567', 'casino')).to.match(/^550/);
    const check = await product.cli('check');
    expect(check.code).to.equal(1);
    expect(check.stderr).to.match(/10-cost\.yaml:\d+:\d+: .*rejct/);
    writeFileSync(file, COST.replace('no gambling', 'no games'));
    expect((await product.cli('check')).stdout).to.match(/^ {2}rules +5 for mails to phones/m);
    await until('the new rules', async () =>
      (await said('+436641234567', 'casino')).includes('no games') ? true : undefined,
    );
  });

  it('rules test says beforehand what would become of a message', async () => {
    const { code, stdout } = await product.cli('rules', 'test', '--number', '+4915112345678', '--text', 'x');
    expect(code).to.equal(0);
    expect(stdout)
      .to.contain('Germany')
      .and.to.match(/Verdict +accept/);
  });
});
