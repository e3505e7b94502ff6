import { expect } from 'chai';
import { Office, type ReadMail, needsOffice } from '../support/office.ts';

const PHONE = '+15551234567';
const SMS = `"sms:${PHONE}"@sms.example.com`;

describe('reports are read by programs', () => {
  let office: Office;

  before(needsOffice);
  before(async () => {
    office = await Office.start();
  });
  after(() => office?.stop());

  let seen = 0;
  /** The next report in John's INBOX. */
  const report = async (): Promise<ReadMail> => {
    const { mails } = await office.mails('john', ++seen);
    const mail = mails[seen - 1];
    if (mail === undefined) throw new Error('no report');
    expect(mail.type).to.equal('multipart/report');
    expect(mail.defects).to.deep.equal([]);
    expect(mail.fields['return-path']).to.equal('<>');
    expect(mail.fields['auto-submitted']).to.match(/^auto-/);
    return mail;
  };
  let count = 0;
  const write = async (
    text: string,
    options: { mail?: readonly string[]; rcpt?: readonly string[]; to?: string; from?: string } = {},
  ): Promise<string> => {
    const id = `<r${++count}@office.example>`;
    await office.send({
      from: options.from ?? 'john@office.example',
      to: [options.to ?? SMS],
      raw: `From: john@office.example\r\nTo: ${SMS}\r\nSubject: Pump\r\nMessage-ID: ${id}\r\n\r\n${text}\r\n`,
      mailOptions: options.mail ?? [],
      rcptOptions: options.rcpt ?? [],
    });
    return id;
  };
  const sent = async (parts: number) => {
    const before = office.modem.sent.length;
    return {
      parts: async () => (await office.modem.waitForSent(before + parts)).slice(before),
    };
  };

  it('delivered, when all parts are, whatever the order of their status reports', async () => {
    const next = await sent(2);
    const id = await write('x'.repeat(200), {
      mail: ['RET=HDRS', 'ENVID=order+2B7'],
      rcpt: ['NOTIFY=SUCCESS', 'ORCPT=rfc822;pump@office.example'],
    });
    const parts = await next.parts();
    for (const part of [...parts].reverse()) {
      office.modem.injectReport({ reference: part.reference, number: PHONE });
    }
    const mail = await report();
    const [message, recipient] = mail.status;
    expect(message).to.deep.include({ 'original-envelope-id': 'order+7' });
    expect(recipient).to.deep.include({ action: 'delivered', status: '2.0.0' });
    expect(recipient?.['original-recipient']).to.equal('rfc822;pump@office.example');
    expect(mail.fields['in-reply-to']).to.equal(id);
    // RET=HDRS: the header, and not the text.
    expect(mail.types).to.include('text/rfc822-headers');
    expect(mail.original).to.contain('Subject: Pump');
    expect(mail.original + mail.text).not.to.contain('xxxx');
  });

  it('failed, when one part was not; with RET=FULL the whole mail is inside', async () => {
    const next = await sent(2);
    await write('y'.repeat(200), { mail: ['RET=FULL'], rcpt: ['NOTIFY=SUCCESS,FAILURE'] });
    const [first, second] = await next.parts();
    office.modem.injectReport({ reference: first?.reference ?? 0, number: PHONE });
    office.modem.injectReport({ reference: second?.reference ?? 0, number: PHONE }, 0x46);
    const mail = await report();
    const [, recipient] = mail.status;
    expect(recipient).to.deep.include({ action: 'failed', 'x-sms-parts-delivered': '1/2' });
    expect(recipient?.status).to.equal('5.4.7');
    expect(mail.text).to.contain('1 of its 2 parts did reach the phone.');
    expect(mail.text).to.contain('Reason: the phone could not be reached before the message expired.');
    expect(mail.types).to.include('message/rfc822');
    expect(mail.original).to.contain('yyyy');
  });

  it('NOTIFY=NEVER: none; a status report that comes late, or twice, makes no second one', async () => {
    let next = await sent(1);
    await write('never', { rcpt: ['NOTIFY=NEVER'] });
    const [silent] = await next.parts();
    office.modem.injectReport({ reference: silent?.reference ?? 0, number: PHONE }, 0x46);
    next = await sent(1);
    await write('once', { rcpt: ['NOTIFY=SUCCESS'] });
    const [part] = await next.parts();
    for (let i = 0; i < 2; i++) {
      office.modem.injectReport({ reference: part?.reference ?? 0, number: PHONE });
    }
    expect((await report()).status[1]).to.deep.include({ action: 'delivered' });
    // Another mail's report is the next one in the mailbox, so nothing came between.
    next = await sent(1);
    await write('next', { rcpt: ['NOTIFY=SUCCESS'] });
    const [last] = await next.parts();
    office.modem.injectReport({ reference: last?.reference ?? 0, number: PHONE });
    expect((await report()).original).to.contain('next');
  });

  it('what is refused at our door comes back as a report of Postfix, with our words', async () => {
    await write('x', { to: '"sms:+1555x234567"@sms.example.com' });
    const mail = await report();
    expect(mail.status[1]).to.deep.include({ action: 'failed', status: '5.1.3' });
  });

  it('a bounce to a phone ends there: nobody is told, and nothing is sent', async () => {
    const before = office.modem.sent.length;
    await write('x', { from: '' });
    const next = await sent(1);
    await write('after that', { rcpt: ['NOTIFY=SUCCESS'] });
    const [part] = await next.parts();
    expect(office.modem.sent).to.have.length(before + 1);
    office.modem.injectReport({ reference: part?.reference ?? 0, number: PHONE });
    expect((await report()).original).to.contain('after that');
  });
});
