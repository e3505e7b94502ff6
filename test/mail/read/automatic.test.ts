import { expect } from 'chai';
import { automatic, automaticKind } from '../../../lib/mail/read/automatic.ts';
import { extractText } from '../../../lib/mail/text/extract.ts';
import type { MailHeaders } from '../../../lib/mail/read/mail-headers.ts';

async function headersOf(lines: string): Promise<MailHeaders> {
  const mail = await extractText(Buffer.from(`From: a@example.com\n${lines}\n\ntext\n`));
  return mail.headers;
}

describe('automatic mail', () => {
  const cases: [string, string, string | undefined, string | undefined][] = [
    ['a mail by a person', 'Subject: hi', 'a@example.com', undefined],
    ['the null sender', 'Subject: hi', '', 'bounce'],
    ['no sender known', 'Subject: hi', undefined, 'bounce'],
    ['a null Return-Path', 'Return-Path: <>', 'a@example.com', 'bounce'],
    ['an ordinary Return-Path', 'Return-Path: <a@example.com>', 'a@example.com', undefined],
    ['a delivery report', 'Content-Type: multipart/report; report-type=delivery-status', 'a@b.c', 'bounce'],
    [
      'a read receipt',
      'Content-Type: multipart/report; report-type="disposition-notification"',
      '',
      'auto-replied',
    ],
    ['Auto-Submitted: no', 'Auto-Submitted: no', 'a@example.com', undefined],
    ['Auto-Submitted: No, with a comment', 'Auto-Submitted: No (a person)', 'a@example.com', undefined],
    ['a vacation notice', 'Auto-Submitted: auto-replied (vacation)', 'a@example.com', 'auto-replied'],
    ['an alert', 'Auto-Submitted: auto-generated', 'a@example.com', 'auto-generated'],
    [
      'an alert with a parameter',
      'Auto-Submitted: Auto-Generated; owner-email="x@y"',
      'a@b.c',
      'auto-generated',
    ],
    ['a Sieve notification', 'Auto-Submitted: auto-notified; owner-email="x@y"', 'a@b.c', 'auto-generated'],
    ['a keyword of the future', 'Auto-Submitted: auto-whatever', 'a@example.com', 'auto-generated'],
    [
      'an alert that wants no answers',
      'Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All',
      'a@b.c',
      'auto-generated',
    ],
    [
      'an absence notice of Exchange',
      'Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: <1@b.c>',
      'a@b.c',
      'auto-replied',
    ],
    ['X-Auto-Response-Suppress alone', 'X-Auto-Response-Suppress: All', 'a@example.com', undefined],
    ['X-Autoreply', 'X-Autoreply: yes', 'a@example.com', 'auto-replied'],
    ['X-Autorespond', 'X-Autorespond: gone fishing', 'a@example.com', 'auto-replied'],
    ['X-Autoreply: no', 'X-Autoreply: no', 'a@example.com', undefined],
    ['Precedence: auto_reply', 'Precedence: auto_reply', 'a@example.com', 'auto-replied'],
    ['Precedence: bulk', 'Precedence: Bulk', 'a@example.com', 'bulk'],
    ['Precedence: junk', 'Precedence: junk', 'a@example.com', 'bulk'],
    ['Precedence: list', 'Precedence: list', 'a@example.com', 'list'],
    ['Precedence: first-class', 'Precedence: first-class', 'a@example.com', undefined],
    ['a mailing list', 'List-Id: <dev.example.com>\nPrecedence: bulk', 'a@example.com', 'list'],
    ['a newsletter', 'List-Unsubscribe: <mailto:x@example.com>', 'a@example.com', 'list'],
    ['an alert through a list', 'Auto-Submitted: auto-generated\nList-Id: <x.y>', 'a@b.c', 'auto-generated'],
  ];
  for (const [name, lines, envelopeFrom, kind] of cases) {
    it(`${name}: ${kind ?? 'not automatic'}`, async () => {
      expect(automaticKind(await headersOf(lines), envelopeFrom)).to.equal(kind);
    });
  }

  it('says which header gave it away', async () => {
    expect(automatic(await headersOf('Precedence: bulk'), 'a@b.c')?.because).to.equal('Precedence: bulk');
    expect(automatic(await headersOf('X-Autoreply: yes'), 'a@b.c')?.because).to.equal('x-autoreply');
    expect(automatic(await headersOf('Subject: x'), '')?.because).to.equal('MAIL FROM:<>');
  });
});
