import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { simpleParser } from 'mailparser';
import { Authority } from '../support/authority.ts';
import type { Dovecot } from '../support/dovecot.ts';
import { mailsIn, needsOffice, startMailboxes } from '../support/office.ts';
import { Product, until } from '../support/product.ts';
import { Sink } from '../support/sink.ts';

const PHONE = '+15551234567';
const GATEWAY = { id: 'phone', type: 'virtual', from: 'sms:%s@sms.example.com' };

async function text(product: Product, words: string): Promise<void> {
  const { code, stderr } = await product.cli('phone', 'reply', '--number', PHONE, '--text', words);
  expect(code, stderr).to.equal(0);
}

describe('the relay and its queue', () => {
  describe('what it does not take', () => {
    let relay: Sink;
    let product: Product;
    /** What RCPT is answered for whom. */
    const answers = new Map<string, string>();

    before(async () => {
      relay = await new Sink({
        onRcptTo: ({ address }, _session, done) => {
          const answer = answers.get(address);
          if (answer === undefined) return done();
          done(Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) }));
        },
      }).start();
      product = new Product();
      const { privateKey } = generateKeyPairSync('ed25519');
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
      writeFileSync(join(product.dir, 'dkim.pem'), pem, { mode: 0o600 });
      product.configure({
        mail: {
          relay: relay.url,
          operator: 'postmaster@office.example',
          dkim: { domain: 'sms.example.com', selector: 's1', keyFile: 'dkim.pem' },
        },
        queue: { retry: ['1h'] },
        gateways: [{ ...GATEWAY, mailbox: 'desk@office.example' }],
      });
      await product.start();
    });
    after(async () => {
      await product?.dispose();
      await relay?.stop();
    });

    const queue = async (...args: string[]): Promise<Record<string, unknown>[]> => {
      const { code, stdout, stderr } = await product.cli('mailqueue', 'ls', '--json', ...args);
      expect(code, stderr).to.equal(0);
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    };

    it('for now, waits: the operator sees why, and has it sent at once', async () => {
      answers.set('desk@office.example', '451 4.3.2 come back later');
      await text(product, 'one');
      await product.logged(/effect is tried again later/);
      const [entry] = await queue();
      expect(entry).to.deep.include({
        state: 'waiting',
        what: 'message',
        to: ['desk@office.example'],
        subject: `SMS from ${PHONE}`,
        attempts: 1,
      });
      expect(entry?.['fault']).to.deep.include({
        code: 'relay.deferred',
        enhanced: '4.3.2',
        detail: '451 4.3.2 come back later',
      });
      const { stdout: shown } = await product.cli('mailq');
      expect(shown).to.match(
        /^ID +STATE +WHAT +TO +TRIES +SINCE +NEXT TRY +CAUSE\n.* waiting +message +desk@/,
      );
      const { stdout: raw } = await product.cli('mailqueue', 'show', String(entry?.['id']), '--raw');
      expect((await simpleParser(raw)).text?.trim()).to.equal('one');

      answers.clear();
      const { code, stdout } = await product.cli('mailqueue', 'retry', '--all');
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '1 of 1\n' });
      const [mail] = await relay.received(1);
      expect(mail?.raw).to.match(/^DKIM-Signature: v=1; a=ed25519-sha256; .*d=sms\.example\.com;/);
      await until('an empty queue', async () => ((await queue()).length === 0 ? true : undefined));
      expect((await product.cli('mailqueue')).stdout).to.equal('the mail queue is empty\n');
    });

    it('for good, is kept and told to the operator, with the mail; it can be sent again', async () => {
      answers.set('desk@office.example', '550 5.1.1 nobody of that name');
      await text(product, 'two');
      const [, told] = await relay.received(2);
      expect(told).to.deep.include({ from: '', to: ['postmaster@office.example'] });
      expect(told?.mail.subject).to.equal('Given up: message to desk@office.example');
      expect(told?.mail.text).to.contain('550 5.1.1 nobody of that name');
      const [attached] = told?.mail.attachments ?? [];
      expect(attached?.contentType).to.equal('message/rfc822');
      expect((await simpleParser(attached?.content ?? '')).text?.trim()).to.equal('two');
      const [failed] = await queue('--failed');
      expect(failed).to.deep.include({ state: 'failed', to: ['desk@office.example'] });
      const id = String(failed?.['id']);
      expect(told?.mail.text).to.contain(`mailsms mailqueue retry ${id}`);
      expect((await product.cli('mailqueue', 'show', id)).stdout).to.match(/^cause .*nobody of that name/m);

      answers.clear();
      expect((await product.cli('mailqueue', 'retry', id)).code).to.equal(0);
      const [, , mail] = await relay.received(3);
      expect(mail?.mail.text?.trim()).to.equal('two');
      expect(await queue('--failed')).to.deep.equal([]);
    });

    it('of the operator himself, makes no second mail about the first; what is removed is gone', async () => {
      const before = relay.mails.length;
      answers.set('desk@office.example', '550 no');
      answers.set('postmaster@office.example', '550 no');
      await text(product, 'three');
      await until('both given up', async () => ((await queue('--failed')).length === 2 ? true : undefined));
      expect(await queue('--waiting')).to.deep.equal([]);
      expect(relay.mails).to.have.length(before);
      const { stdout } = await product.cli('mailqueue', 'rm', '--failed');
      expect(stdout).to.equal('2 of 2\n');
      expect(await queue()).to.deep.equal([]);
      const gone = await product.cli('mailqueue', 'show', 'nothing');
      expect(gone).to.deep.include({ code: 1, stderr: 'mailsms: there is no mail nothing in the queue\n' });
    });
  });

  describe("Dovecot's LMTP", () => {
    let authority: Authority;
    let dovecot: Dovecot;
    let port: number;
    let socket: string;
    let count = 0;

    before(needsOffice);
    before(async () => {
      authority = await Authority.make();
      ({ dovecot, port, socket } = await startMailboxes(authority));
    });
    after(async () => {
      await dovecot?.stop();
      authority?.remove();
    });

    for (const [name, relay] of [
      ['TCP', () => `lmtp://127.0.0.1:${port}`],
      ['a unix socket', () => `lmtp://${socket}`],
    ] as const) {
      it(`takes mail over ${name}; an unknown user is refused for good`, async () => {
        const product = await new Product({
          mail: { relay: relay() },
          gateways: [{ ...GATEWAY, mailbox: 'john@office.example' }],
          incoming: { addressTag: { allow: ['office.example'] } },
        }).start();
        try {
          await text(product, `Grüße 👍 ${name}`);
          const { mails } = await mailsIn(dovecot.imapPort, 'john', ++count);
          expect(mails.at(-1)?.text.trim()).to.equal(`Grüße 👍 ${name}`);
          expect(mails.at(-1)?.defects).to.deep.equal([]);
          await text(product, '#nobody@office.example# hello');
          const line = await product.logged(/effect failed for good and was set aside/);
          expect(line).to.contain("550 5.1.1 <nobody@office.example> User doesn't exist");
        } finally {
          await product.dispose();
        }
      });
    }
  });
});
