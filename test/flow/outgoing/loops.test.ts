import { expect } from 'chai';
import { Fault } from '../../../lib/base/errors.ts';
import { Loops } from '../../../lib/flow/outgoing/loops.ts';
import { readHeaderBlock } from '../../../lib/mail/read/headers.ts';
import { interpretHeaders } from '../../../lib/mail/read/mail-headers.ts';
import { ManualClock } from '../../support/clock.ts';

const MINUTE = 60_000;
const SETTINGS = {
  hostname: 'sms.example.com',
  maxHops: 100,
  automatic: ['auto-generated'],
  answersPerNumber: 2,
};
const PHONE = '+15551234567';
const ANSWER = 'In-Reply-To: <sms.01@sms.example.com>';

const headersOf = (...lines: readonly string[]) =>
  interpretHeaders(readHeaderBlock(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), 10_000).fields);

/** `taken`, or the code of the fault. */
const outcome = (act: () => void): string => {
  try {
    act();
    return 'taken';
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
};

describe('the guard against loops', () => {
  describe('looks at the header:', () => {
    const cases: readonly (readonly [name: string, expected: string, ...lines: readonly string[]])[] = [
      ['a mail by a person', 'taken', 'Subject: x'],
      ['an answer by a person', 'taken', ANSWER],
      ['our own name', 'mail.loop', 'X-Mailsms-Loop: sms.example.com'],
      ['our own name, in capitals', 'mail.loop', 'X-Mailsms-Loop: SMS.EXAMPLE.COM'],
      ['ours among others', 'mail.loop', 'X-Mailsms-Loop: b.example', 'X-Mailsms-Loop: sms.example.com'],
      ["another gateway's name", 'taken', 'X-Mailsms-Loop: b.example.com'],
      ['an alert', 'taken', 'Auto-Submitted: auto-generated'],
      ['an alert in a thread of alerts', 'taken', 'Auto-Submitted: auto-generated', 'References: <1@nagios>'],
      ['an alert that answers a text', 'mail.automatic', 'Auto-Submitted: auto-generated', ANSWER],
      [
        'one in whose references a text is',
        'mail.automatic',
        'Auto-Submitted: auto-generated',
        'References: <a@b> <sms.7@sms.example.com>',
      ],
      ['an automatic answer', 'mail.automatic', 'Auto-Submitted: auto-replied'],
    ];
    for (const [name, expected, ...lines] of cases) {
      it(`${name}: ${expected}`, () => {
        const loops = new Loops(SETTINGS, new ManualClock());
        expect(outcome(() => loops.check(headersOf(...lines), 'john@office.example'))).to.equal(expected);
      });
    }
  });

  describe('counts answers', () => {
    let clock: ManualClock;
    let loops: Loops;
    beforeEach(() => {
      clock = new ManualClock();
      loops = new Loops(SETTINGS, clock);
    });
    const answer = (lines: readonly string[] = [ANSWER], sender = 'john@office.example', number = PHONE) =>
      outcome(() => loops.answer({ sender, extracted: { headers: headersOf(...lines) } }, number));

    it('by one sender to one phone, within an hour', async () => {
      expect([answer(), answer(), answer()]).to.deep.equal(['taken', 'taken', 'mail.loop']);
      expect(answer([ANSWER], 'JOHN@office.example')).to.equal('mail.loop');
      expect(answer([ANSWER], 'ann@office.example')).to.equal('taken');
      expect(answer([ANSWER], 'john@office.example', '+15550000000')).to.equal('taken');
      await clock.advance(60 * MINUTE - 1);
      expect(answer()).to.equal('mail.loop');
      await clock.advance(1);
      expect(answer()).to.equal('taken');
    });

    it('and says what it would answer without counting', async () => {
      const mail = { sender: 'john@office.example', extracted: { headers: headersOf(ANSWER) } };
      const may = () => outcome(() => loops.mayAnswer(mail, PHONE));
      expect([may(), may(), may(), answer(), answer()]).to.deep.equal(Array(5).fill('taken'));
      expect([may(), answer()]).to.deep.equal(['mail.loop', 'mail.loop']);
    });

    it('and texts that another gateway has made mails of', () => {
      const text = ['X-Mailsms-Loop: b.example', 'Message-ID: <sms.9@b.example>'];
      expect([answer(text), answer(text), answer(text)]).to.deep.equal(['taken', 'taken', 'mail.loop']);
    });

    it("but no new mails, and none that another gateway's list hands on", () => {
      for (let i = 0; i < 5; i++) {
        expect(answer(['Message-ID: <new@office.example>'])).to.equal('taken');
        expect(answer(['X-Mailsms-Loop: b.example', 'Message-ID: <alarm@nagios>'])).to.equal('taken');
        expect(answer(['In-Reply-To: <sms.9@b.example>'])).to.equal('taken');
      }
    });
  });
});
