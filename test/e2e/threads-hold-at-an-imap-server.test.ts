import { expect } from 'chai';
import { type Mailbox, Office, needsOffice } from '../support/office.ts';

const PHONE = '+15551234567';
const OTHER = '+15557654321';

/** The texts of each thread. Mails of one moment overtake each other in a relay: their order says nothing. */
const conversations = ({ threads, mails }: Mailbox): string[][] => {
  const found: string[][] = [];
  let depth = 0;
  for (const [token] of threads.matchAll(/[()]|\d+/g)) {
    if (token === '(' && depth++ === 0) found.push([]);
    else if (token === ')') depth--;
    else if (token !== '(')
      found.at(-1)?.push(mails[Number(token) - 1]?.text.trimEnd() ?? `no mail ${token}`);
  }
  return found.map((texts) => texts.sort());
};

describe('threads hold at an IMAP server', () => {
  let office: Office;

  before(needsOffice);
  before(async () => {
    office = await Office.start();
  });
  after(() => office?.stop());

  /** A mail to the phone, with a copy in the writer's own INBOX, as mail clients can be set. */
  const write = (user: string, id: string, text: string, fields = '', phone = PHONE): Promise<unknown> => {
    const sms = `"sms:${phone}"@sms.example.com`;
    return office.send({
      from: `${user}@office.example`,
      to: [sms, `${user}@office.example`],
      raw: `From: ${user}@office.example\r\nTo: ${sms}\r\nSubject: Pump of ${phone}\r\nMessage-ID: <${id}@office.example>\r\n${fields}\r\n${text}\r\n`,
    });
  };

  it('mail, text, answer, mail, answer: one thread of four', async () => {
    await write('john', 'm1', 'Pump 3 is down, can you come?');
    await office.modem.waitForSent(1);
    await office.mails('john', 1);
    office.modem.injectText(PHONE, 'On my way 👍', { timestamp: '2026-11-23T10:00:00+01:00' });
    const { mails } = await office.mails('john', 2);
    const answer = mails[1];
    expect(answer?.text.trimEnd()).to.equal('On my way 👍');
    expect(answer?.fields['in-reply-to']).to.equal('<m1@office.example>');
    expect(answer?.fields['date']).to.equal('Mon, 23 Nov 2026 10:00:00 +0100');
    expect(answer?.fields['x-sms-timestamp']).to.equal('2026-11-23T10:00:00+01:00');
    expect(answer?.defects).to.deep.equal([]);

    const id = answer?.messageId ?? '';
    await write('john', 'm2', 'Thanks', `In-Reply-To: ${id}\r\nReferences: <m1@office.example> ${id}\r\n`);
    const sent = await office.modem.waitForSent(2);
    expect(sent[1]).to.deep.include({ number: PHONE, text: 'Thanks' });
    await office.mails('john', 3);
    office.modem.injectText(PHONE, 'Done');
    const { threads, mails: all } = await office.mails('john', 4);
    expect(all[3]?.text.trimEnd()).to.equal('Done');
    expect(threads).to.equal('(1 2 3 4)');
  });

  it('two senders and one phone: each answer stands in its own thread', async () => {
    const before = office.modem.sent.length;
    await write('john', 'j1', 'first', '', OTHER);
    await office.modem.waitForSent(before + 1);
    await write('ann', 'a1', 'second', '', OTHER);
    await office.modem.waitForSent(before + 2);
    office.modem.injectText(OTHER, 'yes');
    const question = (await office.modem.waitForSent(before + 3)).at(-1);
    const choice = (user: string): string =>
      new RegExp(`(\\d) ${user}@`).exec(question?.text ?? '')?.[1] ?? '';
    office.modem.injectText(OTHER, `${choice('ann')} for Ann`);
    const ann = await office.mails('ann', 3);
    expect(conversations(ann)).to.deep.equal([['for Ann', 'second', 'yes']]);
    // His question is there, and no answer to it.
    const john = await office.mails('john', 5);
    expect(conversations(john)).to.have.deep.members([
      ['Done', 'On my way 👍', 'Pump 3 is down, can you come?', 'Thanks'],
      ['first'],
    ]);
  });
});
