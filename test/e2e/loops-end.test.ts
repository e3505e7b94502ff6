import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { needs, smtplib } from '../support/clients.ts';
import { freePort } from '../support/postfix.ts';
import { Product, until } from '../support/product.ts';
import { Sink } from '../support/sink.ts';

const PHONE = '+15551234567';

interface Phones {
  readonly phones: readonly { number: string; messages: readonly { direction: string; text: string }[] }[];
}

/** Texts that a phone of the virtual gateway has received. */
async function received(product: Product, number = PHONE): Promise<string[]> {
  const { stdout } = await product.cli('phone', '--json');
  const found = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Phones['phones'][number])
    .find((each) => each.number === number);
  return (found?.messages ?? []).filter(({ direction }) => direction === 'in').map(({ text }) => text);
}

describe('loops end', () => {
  before(needs('python3'));

  describe('between a mailbox and a phone', () => {
    let relay: Sink;
    let product: Product;
    /** The mail that the mailbox got from the phone. */
    let from = '';
    let id = '';
    let answered = '';

    before(async () => {
      relay = await new Sink().start();
      product = await new Product({
        mail: { relay: relay.url },
        limits: { answersPerNumber: 3 },
      }).start();
      await smtplib({ port: product.port(), to: `"sms:${PHONE}"@sms.example.com`, text: 'question' });
      await until('the question', async () => ((await received(product)).length === 1 ? true : undefined));
      const { code, stderr } = await product.cli('phone', 'reply', '--number', PHONE, '--text', 'yes');
      expect(code, stderr).to.equal(0);
      const [answer] = await relay.received(1);
      answered = answer?.raw ?? '';
      from = /^From: .*<(".*"@.*)>\r$/m.exec(answered)?.[1] ?? '';
      id = /^Message-ID: (<.*>)\r$/m.exec(answered)?.[1] ?? '';
      expect(from).to.contain(PHONE);
      expect(id).to.match(/^<sms\./);
    });
    after(async () => {
      await product?.dispose();
      await relay?.stop();
    });

    /** What an answer to that mail is told, or `taken`. */
    const answer = async (fields: string, sender = 'john@office.example'): Promise<string> => {
      const raw = `From: john@office.example\r\nSubject: Re: x\r\nIn-Reply-To: ${id}\r\n${fields}\r\nanswer\r\n`;
      const { code, stderr } = await smtplib({ port: product.port(), to: from, from: sender, raw });
      return code === 0 ? 'taken' : stderr;
    };

    const notices: readonly (readonly [name: string, fields: string])[] = [
      ['a vacation notice (RFC 3834)', 'Auto-Submitted: auto-replied (vacation)\r\n'],
      [
        'an absence notice of Exchange',
        'Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n',
      ],
      ['an automatic answer that calls itself an alert', 'Auto-Submitted: auto-generated\r\n'],
      ['an autoresponder of the old kind', 'X-Autoreply: yes\r\nPrecedence: bulk\r\n'],
      [
        'a read receipt',
        'Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n',
      ],
      [
        'a bounce that hides its null sender',
        'Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n',
      ],
    ];
    for (const [name, fields] of notices) {
      it(`${name} reaches no phone`, async () => {
        expect(await answer(fields)).to.match(
          /mail of the kind "(?:auto-replied|bounce)" is not sent to phones/,
        );
      });
    }

    it('nor does a bounce, and it has no bounce of its own', async () => {
      expect(await answer('', '')).to.contain('bounces are not sent to phones');
      expect(relay.mails).to.have.length(1);
    });

    it('nor does our own mail when it comes back', async () => {
      const { stderr } = await smtplib({ port: product.port(), to: from, raw: answered });
      expect(stderr).to.contain('made from a text message here and came back');
    });

    it('nor does a mail that has passed too many servers', async () => {
      const stderr = await answer('Received: from a by b; Mon, 23 Nov 2026 10:00:00 +0000\r\n'.repeat(101));
      expect(stderr).to.contain('has passed 101 servers');
    });

    it('two machines that answer each other are stopped; others may go on writing', async () => {
      // Until here nothing has reached the phone but the question.
      expect(await received(product)).to.deep.equal(['question']);
      const told: string[] = [];
      for (let i = 0; i < 4; i++) told.push(await answer(`X-Round: ${i}\r\nMessage-ID: <round.${i}@x>\r\n`));
      expect(told.slice(0, 3)).to.deep.equal(['taken', 'taken', 'taken']);
      expect(told[3]).to.match(/554, b'5\.4\.6 .*more than 3 answers to this phone within an hour/);
      const ann = await answer('Message-ID: <ann@x>\r\n', 'ann@office.example');
      expect(ann).to.equal('taken');
      const fresh = await smtplib({ port: product.port(), to: from, text: 'no answer, a new mail' });
      expect(fresh.code, fresh.stderr).to.equal(0);
    });
  });

  describe('between two gateways', () => {
    let a: Product;
    let b: Product;
    const PEER = { a: 'a.example.com', b: 'b.example.com' } as const;

    before(async () => {
      const ports = { a: await freePort(), b: await freePort() };
      const gateway = (own: 'a' | 'b', other: 'a' | 'b'): Record<string, unknown> => ({
        domains: [{ name: PEER[own], country: 'US' }],
        smtp: {
          listen: `127.0.0.1:${ports[own]}`,
          hostname: PEER[own],
          trusted: ['127.0.0.1/32'],
        },
        mail: { relay: `smtp://127.0.0.1:${ports[other]}` },
        limits: { answersPerNumber: 2 },
        // What comes in on one goes out on the other.
        gateways: [
          {
            id: 'phone',
            type: 'virtual',
            from: `sms:%s@${PEER[own]}`,
            mailbox: `desk@${PEER[other]}`,
          },
        ],
        helpers: [{ address: 'desk', forward: `sms:${PHONE}` }],
        lists: [
          {
            address: 'team',
            senders: 'anyone',
            members: [`team@${PEER[other]}`, { sms: PHONE, account: 'team' }],
          },
        ],
        accounts: [{ user: 'team' }],
      });
      const started = (own: 'a' | 'b', other: 'a' | 'b'): Promise<Product> => {
        const product = new Product();
        writeFileSync(
          join(product.dir, 'rules.yaml'),
          `rules: [{ title: To the other, when: { body: { contains: pass on } }, do: [{ copy: 'sms:${PHONE}@${PEER[other]}' }] }]\n`,
        );
        product.configure({ ...gateway(own, other), rules: { outgoing: ['rules.yaml'] } });
        return product.start();
      };
      a = await started('a', 'b');
      b = await started('b', 'a');
    });
    after(async () => {
      await a?.dispose();
      await b?.dispose();
    });

    it('a list with the other list as a member: each phone gets the mail once', async () => {
      const { code, stderr } = await smtplib({ port: a.port(), to: `team@${PEER.a}`, text: 'round' });
      expect(code, stderr).to.equal(0);
      // B hands it back to A, which knows its own name in it.
      await b.logged(/effect failed for good and was set aside/);
      for (const each of [a, b]) {
        await until('the text', async () => ((await received(each)).length > 0 ? true : undefined));
        expect(await received(each)).to.deep.equal(['round']);
      }
      const { stdout } = await b.cli('mailqueue', '--failed', '--json');
      expect(JSON.parse(stdout)).to.deep.include({ what: 'mail of a list', state: 'failed' });
      expect(stdout).to.contain('made from a text message here and came back');
    });

    it('rules that copy to a phone of the other: their mail is automatic, and the other door is shut', async () => {
      const to = `"sms:+15550001111"@${PEER.a}`;
      const { code, stderr } = await smtplib({ port: a.port(), to, text: 'pass on' });
      expect(code, stderr).to.equal(0);
      const line = await a.logged(/"kind":"rule\.copy".*failed for good/);
      expect(line).to.contain('bounces are not sent to phones');
      expect(await received(b)).not.to.include('pass on');
    });

    it('phones that answer each text, with the gateways as mailboxes for each other: the count ends it', async () => {
      // Whatever phone it is, it answers: here by hand, as often as it is asked.
      for (let round = 0; round < 3; round++) {
        const text = `auto ${round}`;
        const { code, stderr } = await a.cli('phone', 'reply', '--number', '+15557654321', '--text', text);
        expect(code, stderr).to.equal(0);
        if (round < 2) {
          await until(text, async () => ((await received(b)).includes(text) ? true : undefined));
        }
      }
      await a.logged(/more than 2 answers.*failed for good/);
      const { stdout } = await a.cli('mailqueue', '--failed', '--json');
      expect(stdout).to.contain('more than 2 answers to this phone within an hour');
      expect((await received(b)).filter((text) => text.startsWith('auto'))).to.have.length(2);
    });
  });
});
