import { expect } from 'chai';
import fc from 'fast-check';
import type { RuleMessage } from '../../lib/rules/message.ts';
import { VARIABLE_NAMES } from '../../lib/rules/variables.ts';
import { incoming, outgoing, rulesFrom } from './message.ts';

function text(template: string, message: RuleMessage = outgoing()): string | undefined {
  const set = rulesFrom(
    `rules:\n  - title: t\n    when: { subject: { regex: '(\\w+) (\\w+)' } }\n    do: { text: ${JSON.stringify(template)} }\n`,
  );
  return set.decide(message).verdict.body;
}

const FULL = outgoing({
  headers: [
    { name: 'From', value: '"Doe, Jane" <jane@example.com>' },
    { name: 'Subject', value: 'Server down' },
    { name: 'Cc', value: 'c@example.com' },
    { name: 'X-Host', value: 'db1' },
  ],
  gateway: 'us',
  parameters: ['udh', 'pid', 'dcs', 'maxmsgs', 'msgid', 'reply', 'value'].map((name, index) => ({
    name,
    value: `${index}`,
  })),
  attachments: ['a.pdf', '', 'b.pdf'],
  priority: 3,
});

const VALUES: Readonly<Record<string, string>> = {
  number: '+15551234567',
  data: 'The server is down.',
  text: 'The server is down.',
  body: 'The server is down.',
  ':body': 'The server is down.',
  from: '"Doe, Jane" <jane@example.com>',
  ':from': '"Doe, Jane" <jane@example.com>',
  ':from_email': 'jane@example.com',
  ':from_alias': 'jane',
  ':from_domain': 'example.com',
  to: '+15551234567@us&udh=0&pid=1&dcs=2&maxmsgs=3&msgid=4&reply=5&value=6',
  ':to': '+15551234567@us&udh=0&pid=1&dcs=2&maxmsgs=3&msgid=4&reply=5&value=6',
  ':to_email': '+15551234567@us&udh=0&pid=1&dcs=2&maxmsgs=3&msgid=4&reply=5&value=6',
  ':to_alias': '+15551234567',
  ':to_domain': 'us&udh=0&pid=1&dcs=2&maxmsgs=3&msgid=4&reply=5&value=6',
  cc: 'c@example.com',
  subject: 'Server down',
  ':subject': 'Server down',
  sender: 'jane@example.com',
  sender_email: 'jane@example.com',
  sender_phonealias: '+15559990000',
  recipient: '"sms:+15551234567"@sms.example.com',
  user: 'jane',
  gateway: 'us',
  country: 'US',
  date: '2026-11-23',
  time: '12:00',
  weekday: 'mon',
  size: '900',
  parts: '1',
  encoding: 'gsm7',
  binary: '0',
  priority: '3',
  attachments: 'a.pdf, b.pdf',
  remote: '192.0.2.7',
  direction: 'outgoing',
  id: 'm1',
  effectid: 'rule.m1.0',
  udh: '0',
  pid: '1',
  dcs: '2',
  maxmsgs: '3',
  msgid: '4',
  reply: '5',
  value: '6',
  match: 'Server down',
  match1: 'Server',
  match2: 'down',
  match3: '',
  match4: '',
  match5: '',
  match6: '',
  match7: '',
  match8: '',
  match9: '',
};

describe('a variable', () => {
  for (const name of VARIABLE_NAMES) {
    it(`%${name}% is ${JSON.stringify(VALUES[name])}`, () => {
      expect(text(`[%${name}%]`, FULL)).to.equal(`[${VALUES[name] ?? ''}]`);
    });
  }

  const others: readonly (readonly [template: string, expected: string])[] = [
    ['%%subject%%', 'Server down'],
    ['%%SUBJECT%%', 'Server down'],
    ['%%x-host%%/%%X-None%%', 'db1/'],
    ['%%constructor%%/%%toString%%', '/'],
    ['%%body%%', 'The server is down.'],
    ['%%sender%%', 'jane@example.com'],
    ['%number;interprefix=00%', '0015551234567'],
    ['%subject;cut=6;upper%', 'SERVER'],
    ['%subject;lower%', 'server down'],
    ['%subject;b64%', 'U2VydmVyIGRvd24='],
    ['%match1;hex%', '536572766572'],
    ['100% of 5%', '100% of 5%'],
    ['%2Fa%20b', '%2Fa%20b'],
    ['%%', '%%'],
  ];
  for (const [template, expected] of others) {
    it(`${template} is ${JSON.stringify(expected)}`, () => {
      expect(text(template, FULL)).to.equal(expected);
    });
  }

  it('is the number of a phone in From', () => {
    for (const from of [
      'sms:+1555@d.example',
      '"sms:+1555"@d.example',
      'Jane <"sms:+1555"@d.example>',
      '+1555',
      'sms:+1555',
    ]) {
      const headers = [
        { name: 'From', value: from },
        { name: 'Subject', value: 'a b' },
      ];
      expect(text('%:from_alias%', incoming({ headers }))).to.equal('+1555');
    }
  });

  it('is not read again in what a value brings', () => {
    const headers = [{ name: 'Subject', value: '%%from%% %number%' }];
    expect(text('%%subject%%', outgoing({ headers: [...headers, { name: 'From', value: 'x' }] }))).to.equal(
      undefined,
    );
    const message = outgoing({ text: '%number% %%subject%% $1' });
    expect(text('%data%', message)).to.equal('%number% %%subject%% $1');
  });

  it('of a pattern holds for its own rule only', () => {
    const set = rulesFrom(`
rules:
  - { title: a, when: { subject: { regex: '(\\w+)' } }, do: { priority: 1 } }
  - { title: b, do: { text: '[%match1%]' } }
`);
    expect(set.decide(outgoing()).verdict.body).to.equal('[]');
  });
});

describe('safety of what a message brings', () => {
  const evil = fc.string({
    unit: fc.constantFrom(
      'a',
      '1',
      '\r',
      '\n',
      '\0',
      '\u2028',
      '\x85',
      '%',
      '&',
      '=',
      '@',
      ' ',
      '"',
      "'",
      '<',
      '\ud800',
      '+',
      ';',
      '$1',
    ),
    maxLength: 20,
  });
  const set = rulesFrom(
    `
rules:
  - title: all
    when: { subject: { regex: '([^]*)' } }
    do:
      - setHeader: { name: X-A, value: '%%subject%% %match1%' }
      - addHeader: { name: X-B, value: '%data%' }
      - rewrite: { in: X-A, regex: '^([^]*)$', with: '$1%%from%%' }
      - parameters: { sender: '%%subject%%', value: '%data%' }
      - rewrite: { in: To, regex: '^(.*)$', with: '$1&msgid=%%subject%%&reply=%%from%%' }
      - setHeader: { name: To, value: '%%to%%' }
      - sender: '%%from%%'
      - forward: ['%%from%%', '%data%', '%match1%']
      - send: { to: '%%from%%', from: '%data%', subject: '%%subject%%', text: '%data%' }
      - respond: { text: '%data%', subject: '%%subject%%' }
      - url: { post: 'https://x.example/%data%?s=%%subject%%', headers: [{ name: X-C, value: '%%subject%%' }], body: '%data%' }
      - program: { run: [x, '%data%'] }
      - folder: '%%from%%/%data%'
      - reject: '%%subject%% %data%'
  `.replace('  `', ''),
  );
  const kept = rulesFrom(`
rules:
  - title: all
    do:
      - setHeader: { name: X-A, value: '%%subject%%' }
      - rewrite: { in: X-A, regex: '^([^]*)$', with: '$1%data%' }
      - parameters: { sender: '%%subject%%', value: '%data%' }
      - rewrite: { in: To, regex: '^(.*)$', with: '$1&msgid=%%subject%%&reply=%%from%%' }
      - sender: '%%from%%'
      - forward: ['%%from%%', '%data%']
      - send: { to: a@b.example, subject: '%%subject%%', text: '%data%' }
      - respond: { text: '%data%', subject: '%%subject%%' }
      - url: { post: 'https://x.example/%data%?s=%%subject%%', headers: [{ name: X-C, value: '%%subject%%' }], body: '%data%' }
      - program: { run: [x, '%data%'] }
`);
  const BROKEN = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;

  it('gets no control character into a header, an address, a parameter, a URL or an answer', () => {
    fc.assert(
      fc.property(evil, evil, evil, (subject, from, body) => {
        const headers = [
          { name: 'From', value: from },
          { name: 'Subject', value: subject },
        ];
        const message = outgoing({ headers, text: body, sender: from });
        const rejected = set.decide(message).verdict;
        expect(rejected.text).not.to.match(BROKEN);
        expect(rejected.effects).to.deep.equal([]);
        const { verdict } = kept.decide(message);
        const fields = [...(verdict.headers ?? [])];
        const lines = [verdict.to?.text ?? '', verdict.sender === from ? '' : (verdict.sender ?? '')];
        if (verdict.to?.kind === 'phone') {
          expect(verdict.to.number).to.equal('+15551234567');
          expect(verdict.to).not.to.have.property('gateway');
          expect(verdict.to.parameters.map(({ name }) => name)).to.satisfy((names: string[]) =>
            names.every((name) => ['sender', 'value', 'msgid', 'reply'].includes(name)),
          );
          lines.push(...verdict.to.parameters.map(({ value }) => value));
        }
        for (const effect of verdict.effects) {
          if (effect.kind === 'forward') {
            fields.push(...effect.payload.message.headers);
            lines.push(
              effect.payload.to,
              effect.payload.message.subject,
              effect.payload.message.sender ?? '',
            );
          } else if (effect.kind === 'send' || effect.kind === 'respond') {
            lines.push(effect.payload.to, effect.payload.subject);
          } else if (effect.kind === 'url') {
            fields.push(...effect.payload.headers);
            lines.push(effect.payload.url);
            expect(effect.payload.url).to.match(/^https:\/\/x\.example\/[\x21-\x7e]*\?s=[\x21-\x7e]*$/);
            expect(new URL(effect.payload.url).host).to.equal('x.example');
          } else if (effect.kind === 'program') {
            expect(JSON.stringify(effect.payload)).not.to.contain('\\u0000');
            expect(effect.payload.program[1]).to.satisfy((each: string) => !each.startsWith('-'));
          }
        }
        lines.push(...fields.flatMap(({ name, value }) => [name, value]));
        expect(lines.filter((each) => BROKEN.test(each))).to.deep.equal([]);
      }),
      { numRuns: 300 },
    );
  });
});
