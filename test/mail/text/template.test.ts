import { expect } from 'chai';
import fc from 'fast-check';
import { calendarLine } from '../../../lib/mail/text/calendar.ts';
import { extractText } from '../../../lib/mail/text/extract.ts';
import { shortenLinks, withoutLinkSoup } from '../../../lib/mail/text/links.ts';
import { renderTemplate } from '../../../lib/mail/text/template.ts';

const fields = {
  subject: 'Alarm',
  from: 'a@b.c',
  text: 'Pump is off',
  size: 2048,
  attachments: ['x.pdf', 'image/png'],
};

describe('templates', () => {
  const cases: [string, string, string][] = [
    ['the text', '{text}', 'Pump is off'],
    ['subject and text', '{subject}: {text}', 'Alarm: Pump is off'],
    ['everything', '{from} {size} [{attachments}]', 'a@b.c 2 KB [x.pdf, image/png]'],
    ['a name it does not know', '{text} {body}', 'Pump is off {body}'],
    ['a name twice', '{subject} {subject}', 'Alarm Alarm'],
  ];
  for (const [name, template, expected] of cases) {
    it(name, () => expect(renderTemplate(template, fields)).to.equal(expected));
  }

  it('takes the subject for an empty text, unless the template has it already', () => {
    expect(renderTemplate('{text}', { ...fields, text: '' })).to.equal('Alarm');
    expect(renderTemplate('Note: {text}', { ...fields, text: '' })).to.equal('Note: Alarm');
    expect(renderTemplate('{subject}: {text}', { ...fields, text: '' })).to.equal('Alarm:');
  });

  it('puts values in once and as they are', () => {
    const tricky = { ...fields, subject: '{text} $& $1', text: '{from}' };
    expect(renderTemplate('{subject}|{text}', tricky)).to.equal('{text} $& $1|{from}');
  });

  it('lay out an extracted mail', async () => {
    const raw = Buffer.from('From: Ann <a@b.c>\nSubject: Alarm\n\nPump\n');
    const mail = await extractText(raw, { template: '{subject} from {from}: {text} ({size})' });
    expect(mail.text).to.equal('Alarm from a@b.c: Pump (39 B)');
    expect(mail.body).to.equal('Pump');
  });
});

describe('calendars on one line', () => {
  const event = (...lines: string[]): string =>
    ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n');
  const cases: [string, string, string][] = [
    ['a time in UTC', event('SUMMARY:Call', 'DTSTART:20250708T200000Z'), 'Call, 2025-07-08 20:00 UTC'],
    [
      'over midnight',
      event('SUMMARY:Work', 'DTSTART:20250708T220000', 'DTEND:20250709T010000'),
      'Work, 2025-07-08 22:00 - 2025-07-09 01:00',
    ],
    [
      'a whole day',
      event('SUMMARY:Fair', 'DTSTART;VALUE=DATE:20250708', 'DTEND;VALUE=DATE:20250709'),
      'Fair, 2025-07-08',
    ],
    [
      'several whole days',
      event('SUMMARY:Fair', 'DTSTART;VALUE=DATE:20250228', 'DTEND;VALUE=DATE:20250302'),
      'Fair, 2025-02-28 - 2025-03-01',
    ],
    [
      'a length in place of an end',
      event('SUMMARY:Call', 'DTSTART:20250708T233000Z', 'DURATION:PT1H15M'),
      'Call, 2025-07-08 23:30 - 2025-07-09 00:45 UTC',
    ],
    [
      'whole days by their length',
      event('SUMMARY:Fair', 'DTSTART;VALUE=DATE:20250708', 'DURATION:P3D'),
      'Fair, 2025-07-08 - 2025-07-10',
    ],
    [
      'a length that is none',
      event('SUMMARY:Call', 'DTSTART:20250708T090000', 'DURATION:soon'),
      'Call, 2025-07-08 09:00',
    ],
    [
      'what comes again',
      event('SUMMARY:Shift', 'DTSTART:20250708T090000', 'RRULE:FREQ=WEEKLY;BYDAY=TU', 'LOCATION:Hall 2'),
      'Shift, 2025-07-08 09:00, every week, Hall 2',
    ],
    [
      'what comes again seldom',
      event('SUMMARY:Check', 'DTSTART;VALUE=DATE:20250708', 'RRULE:INTERVAL=3;FREQ=MONTHLY'),
      'Check, 2025-07-08, every 3 months',
    ],
    ['a folded line and escapes', event('SUMMARY:A\\, B\\nC and', '  D'), 'A, B C and D'],
    ['a language on the summary', event('SUMMARY;LANGUAGE="de:AT";X=y:Treffen'), 'Treffen'],
    ['nothing', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR', ''],
    ['no calendar', 'hello', ''],
  ];
  for (const [name, text, expected] of cases) {
    it(name, () => expect(calendarLine(text)).to.equal(expected));
  }

  it('reads any values', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^\+?P[\dWDTHM]{0,12}$/),
      fc.stringMatching(/^\d{8}(T\d{6}Z?)?$/),
    );
    fc.assert(
      fc.property(text, text, text, (start, end, length) => {
        const line = calendarLine(
          event('SUMMARY:x', `DTSTART:${start}`, `DTEND:${end}`, `DURATION:${length}`),
        );
        expect(line).to.match(/^x/);
        expect(calendarLine(event('SUMMARY:x', `DTSTART:${start}`, `DURATION:${length}`))).to.match(/^x/);
      }),
    );
  });

  it('says that an event is cancelled', () => {
    expect(
      calendarLine(event('SUMMARY:Call').replace('BEGIN:VEVENT', 'METHOD:CANCEL\r\nBEGIN:VEVENT')),
    ).to.equal('Cancelled: Call');
  });
});

describe('links in plain text', () => {
  const long = `https://click.example.com/${'x'.repeat(80)}`;
  const cases: [string, string, string][] = [
    ['glued to a word', 'the plan<https://a.example/p>.', 'the plan (https://a.example/p).'],
    ['the same as the word', 'www.a.example<http://www.a.example/>', 'www.a.example'],
    ['a mail address', 'a@b.c<mailto:a@b.c>', 'a@b.c'],
    ['a telephone number that says it', '+1 555 0100<tel:+15550100>', '+1 555 0100'],
    ['a telephone number behind a word', 'call<tel:+15550100>', 'call (+15550100)'],
    ['a long one', `Unsubscribe<${long}>`, 'Unsubscribe'],
    ['set off already', 'See <https://a.example/p>', 'See <https://a.example/p>'],
    ['a comparison', 'a<b', 'a<b'],
  ];
  for (const [name, text, expected] of cases) it(name, () => expect(shortenLinks(text)).to.equal(expected));

  it('where only glued ones are wanted, leaves those that a person may have written', () => {
    const written = 'See <https://a.example/p> and x <https://a.example/q>';
    expect(shortenLinks(written, 'glued')).to.equal(written);
  });

  it('three long ones are a newsletter, two are not, and nothing but links is left as it is', () => {
    expect(withoutLinkSoup(`Sale\n${long}${long.slice(8)}`)).to.contain(long);
    const longer = `${long}${'y'.repeat(40)}`;
    const soup = `Sale\n${longer}\nnow <${longer}>\n${longer}`;
    expect(withoutLinkSoup(soup).split(/\s+/)).to.deep.equal(['Sale', 'now', '']);
    const only = `${longer}\n${longer}\n${longer}`;
    expect(withoutLinkSoup(only)).to.equal(only);
  });
});
