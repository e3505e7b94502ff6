import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { composeReport } from '../../../lib/mail/write/report.ts';
import type { ReportFields } from '../../../lib/mail/write/report.ts';

const failed: ReportFields = {
  action: 'failed',
  reportingMta: 'sms.example.com',
  from: 'MAILER-DAEMON@sms.example.com',
  to: 'john@example.com',
  messageId: '<r1@sms.example.com>',
  date: Date.UTC(2025, 6, 1, 9, 0, 0),
  arrival: Date.UTC(2025, 6, 1, 8, 52, 37),
  recipient: 'sms:+15551234567?user=john&pass=geheim@sms.example.com',
  number: '+15551234567',
  status: '5.1.1',
  diagnostic: '+CMS ERROR: 38 Network out of order',
  cause: 'the mobile network does not know the number',
  gateway: 'modem1',
  envelopeId: 'QQ314159',
  originalRecipient: 'rfc822;"sms:+2B15551234567?pass=3Dgeheim"@sms.example.com',
  originalHeaders:
    'From: John <john@example.com>\r\nTo: "sms:+15551234567?user=john&pass=geheim"@sms.example.com\r\n' +
    'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: multipart/mixed;\r\n boundary=x\r\nMessage-ID: <m@example.com>',
  originalMessageId: '<m@example.com>',
  originalSubject: 'Grüße',
  originalText: 'Komme später.\nGruß',
};

function raw(report: ReportFields): string {
  return Buffer.from(composeReport(report).raw).toString('utf8');
}

/** Python's email package as the independent reader: structure and values as JSON. */
const READER = `
import sys, json, email
from email import policy
def lf(text): return text.replace('\\r\\n', '\\n')
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=policy.default)
parts = list(m.iter_parts())
status = [dict((k.lower(), str(v)) for k, v in block.items()) for block in parts[1].get_payload()]
third = parts[2]
out = {
  'type': m.get_content_type(), 'report': m['content-type'].params.get('report-type'),
  'subject': str(m['subject']), 'from': str(m['from']), 'to': str(m['to']), 'auto': str(m['auto-submitted']),
  'inReplyTo': m['in-reply-to'] and str(m['in-reply-to']),
  'types': [p.get_content_type() for p in parts], 'text': lf(parts[0].get_content()), 'status': status,
  'defects': [repr(d) for p in m.walk() for d in p.defects],
}
if third.get_content_type() == 'message/rfc822':
    inner = third.get_content()
    out['original'] = {'headers': dict((k.lower(), str(v)) for k, v in inner.items()), 'text': lf(inner.get_content())}
else:
    out['original'] = {'header': lf(third.get_payload())}
json.dump(out, sys.stdout)
`;

interface Read {
  readonly type: string;
  readonly report: string;
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly auto: string;
  readonly inReplyTo: string | null;
  readonly types: readonly string[];
  readonly text: string;
  readonly status: readonly Record<string, string>[];
  readonly defects: readonly string[];
  readonly original: {
    readonly headers?: Record<string, string>;
    readonly text?: string;
    readonly header?: string;
  };
}

function readByPython(report: ReportFields): Read {
  const run = spawnSync('python3', ['-c', READER], { input: composeReport(report).raw, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Read;
}

describe('a delivery report', () => {
  describe("as Python's email package reads it", () => {
    before(function () {
      if (spawnSync('python3', ['-c', 'import email.policy']).status === 0) return;
      this.test!.title += ' (skipped: there is no python3 here)';
      this.skip();
    });

    it('is a multipart/report of three parts without defects', () => {
      const read = readByPython(failed);
      expect(read).to.deep.include({
        type: 'multipart/report',
        report: 'delivery-status',
        subject: 'Undelivered: SMS to +15551234567',
        from: 'Mail Delivery System <MAILER-DAEMON@sms.example.com>',
        to: 'john@example.com',
        auto: 'auto-replied',
        inReplyTo: '<m@example.com>',
        types: ['text/plain', 'message/delivery-status', 'message/rfc822'],
        defects: [],
      });
    });

    it('has a status block for the message and one for the recipient', () => {
      const { status } = readByPython(failed);
      expect(status).to.deep.equal([
        {
          'reporting-mta': 'dns; sms.example.com',
          'original-envelope-id': 'QQ314159',
          'arrival-date': 'Tue, 1 Jul 2025 08:52:37 +0000',
        },
        {
          'original-recipient': 'rfc822;"sms:+2B15551234567?pass=***"@sms.example.com',
          'final-recipient': 'rfc822; "sms:+15551234567?user=john&pass=***"@sms.example.com',
          action: 'failed',
          status: '5.1.1',
          'diagnostic-code': 'X-SMS; +CMS ERROR: 38 Network out of order',
          'x-sms-number': '+15551234567',
          'x-sms-gateway': 'modem1',
        },
      ]);
    });

    it('tells a person what happened, why, and what to do', () => {
      expect(readByPython({ ...failed, offsetAt: () => 120 }).text).to.equal(
        `Your text message to +15551234567 could not be delivered.

Reason: the mobile network does not know the number.

Please check the number. Write it with its country code, as in +15551234567.

Sent: Tue, 1 Jul 2025 10:52 +0200
Subject of your mail: Grüße
Gateway: modem1
It said: +CMS ERROR: 38 Network out of order
Status: 5.1.1

Your text was:

Komme später.
Gruß
`,
      );
    });

    it('carries the original header and text, its own encoding in place of the original one', () => {
      const { original } = readByPython(failed);
      expect(original.text).to.equal('Komme später.\nGruß\n');
      expect(original.headers).to.deep.include({
        from: 'John <john@example.com>',
        to: '"sms:+15551234567?user=john&pass=***"@sms.example.com',
        subject: 'Grüße',
        'message-id': '<m@example.com>',
        'content-type': 'text/plain; charset="utf-8"',
      });
    });

    it('carries the header only where RET=HDRS asked for it', () => {
      const read = readByPython({ ...failed, ret: 'hdrs' });
      expect(read.types[2]).to.equal('text/rfc822-headers');
      expect(read.original.header).to.include('Content-Type: multipart/mixed;\n boundary=x');
      expect(read.text).not.to.include('Komme');
      expect(read.defects).to.deep.equal([]);
    });

    it('says that the network has confirmed some parts only', () => {
      const read = readByPython({
        ...failed,
        action: 'relayed',
        status: '2.0.0',
        partial: { delivered: 1, total: 2 },
      });
      expect(read.subject).to.equal('Unconfirmed: SMS to +15551234567');
      expect(read.status[1]).to.deep.include({
        action: 'relayed',
        status: '2.0.0',
        'x-sms-parts-delivered': '1/2',
      });
      expect(read.text).to.match(/has not confirmed that it reached the phone\. 1 of its 2 parts did/);
    });

    it('says until when a delayed message is tried', () => {
      const read = readByPython({
        ...failed,
        action: 'delayed',
        status: '4.4.1',
        lastAttempt: Date.UTC(2025, 6, 1, 8, 59),
        retryUntil: Date.UTC(2025, 6, 6, 8, 52, 37),
      });
      expect(read.subject).to.equal('Delayed: SMS to +15551234567');
      expect(read.status[1]).to.deep.include({
        action: 'delayed',
        status: '4.4.1',
        'last-attempt-date': 'Tue, 1 Jul 2025 08:59:00 +0000',
        'will-retry-until': 'Sun, 6 Jul 2025 08:52:37 +0000',
      });
      expect(read.text).to.include('tried again until Sun, 6 Jul 2025 08:52 +0000.');
    });

    it('does not say that it failed where nobody knows', () => {
      const { text, subject } = readByPython({ ...failed, status: '4.4.0', uncertain: true });
      expect(subject).to.equal('Unconfirmed: SMS to +15551234567');
      expect(text).to.match(/^Your text message to \+15551234567 may not have been delivered\.\n/);
      expect(text).to.include('It may have arrived all the same.');
    });

    const advised: readonly (readonly [status: string, words: string])[] = [
      ['5.1.3', 'Please check the number.'],
      ['5.3.3', 'show this report to the administrator'],
      ['5.4.7', 'could not be reached in time. It is not tried again. You may send it again.'],
      ['5.6.1', 'You may change the message and send it again.'],
      ['5.7.1', 'Please ask the administrator of this service.'],
      ['5.0.0', 'It is not tried again. You may send it again.'],
    ];
    for (const [status, words] of advised) {
      it(`says what can be done about ${status}`, () => {
        expect(readByPython({ ...failed, status }).text).to.include(words);
      });
    }

    it('says that a message was delivered', () => {
      const { diagnostic: _diagnostic, cause: _cause, ...rest } = failed;
      const read = readByPython({ ...rest, action: 'delivered', status: '2.0.0' });
      expect(read.text).to.match(/^Your text message to \+15551234567 was delivered to the phone\.\n/);
      expect(read.status[1]).to.deep.include({ action: 'delivered', status: '2.0.0' });
      expect(read.status[1]).not.to.have.property('diagnostic-code');
    });

    it('tells a partial delivery', () => {
      const read = readByPython({ ...failed, partial: { delivered: 2, total: 3 } });
      expect(read.text).to.include('2 of its 3 parts did reach the phone.');
      expect(read.status[1]).to.deep.include({ 'x-sms-parts-delivered': '2/3' });
    });

    it('makes a header from what is known where the original one is not', () => {
      const { originalHeaders: _gone, ...rest } = failed;
      const { original, defects } = readByPython(rest);
      expect(original.headers).to.deep.include({
        to: '"sms:+15551234567?user=john&pass=***"@sms.example.com',
        subject: 'Grüße',
        'message-id': '<m@example.com>',
      });
      expect(defects).to.deep.equal([]);
    });
  });

  it('shows the password nowhere', () => {
    for (const ret of ['full', 'hdrs'] as const) expect(raw({ ...failed, ret })).not.to.include('geheim');
  });

  it('has a status of its class whatever the caller gives', () => {
    expect(raw({ ...failed, status: '9.9 nonsense' })).to.match(/^Status: 5\.0\.0\r$/m);
  });

  it('uses a boundary that no part contains', () => {
    const first = /boundary="([^"]+)"/.exec(raw(failed))?.[1] ?? '';
    const second = /boundary="([^"]+)"/.exec(raw({ ...failed, originalText: `--${first}--` }))?.[1] ?? '';
    expect(second).not.to.equal(first);
  });

  it('for any values, has the same lines of header and status', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        'x\r\nBcc: evil@example.com',
        'x\n\nStatus: 2.0.0',
        '\r\n.\r\n',
        '--report-r1smsexamplecom=0--',
      ),
    );
    const names = (text: string): (string | undefined)[] => {
      const unfolded = text.replace(/\r\n(?=[ \t])/g, '');
      const head = unfolded.slice(0, unfolded.indexOf('\r\n\r\n'));
      const at = unfolded.indexOf('Content-Type: message/delivery-status');
      const status = unfolded.slice(at, unfolded.indexOf('\r\n--', at));
      return [...head.split('\r\n'), ...status.split('\r\n')].map((line) => line.split(':')[0]);
    };
    const expected = names(raw(failed));
    await fc.assert(
      fc.asyncProperty(value, value, value, value, async (one, two, three, four) => {
        const report = {
          ...failed,
          diagnostic: `d${one}`,
          cause: two,
          gateway: `g${three}`,
          number: `+${four}`,
          recipient: `r${one}@${two}`,
          to: `${three}@${four}`,
          originalRecipient: `rfc822;o${two}`,
          envelopeId: `e${four}`,
          reportingMta: `m${one}`,
          originalText: three,
          originalSubject: four,
          originalHeaders: `A: ${one}`,
        };
        expect(names(raw(report))).to.deep.equal(expected);
      }),
      { numRuns: 300 },
    );
  });
});
