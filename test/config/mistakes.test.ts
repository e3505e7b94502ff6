import { expect } from 'chai';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../lib/config/problem.ts';
import { headline, printProblem } from '../../lib/settings/problem.ts';
import { loadingText } from './loading.ts';

/** What is said about a setting that is wrong, by the file that has it. */
const CASES: readonly (readonly [name: string, text: string, ...problems: string[]])[] = [
  // Names
  ['a misspelt name', 'dataDri: x', '1:1: dataDri: unknown setting; did you mean "dataDir"?'],
  ['a name in another style', 'data_dir: x', '1:1: data_dir: unknown setting; did you mean "dataDir"?'],
  [
    'the beginning of a name',
    'gateways:\n  - { id: a, type: modem, device: /dev/ttyUSB0, baud: 9600 }',
    '2:49: gateways[0].baud: unknown setting; did you mean "baudRate"?',
  ],
  [
    'a name that belongs elsewhere',
    'queue: { relay: "smtp://h" }',
    '1:10: queue.relay: unknown setting; mail.relay is a setting, but not here',
  ],
  [
    'a name that is nothing at all',
    'http: { colour: red }',
    '1:9: http.colour: unknown setting; here there are listen',
  ],
  [
    'a setting of another kind of gateway',
    'gateways:\n  - { id: a, type: virtual, baudRate: 9600 }',
    '2:29: gateways[0].baudRate: unknown setting; gateways[].baudRate is a setting, but not here',
  ],
  [
    'a misspelt name of a required setting, told once',
    'gateways:\n  - id: a\n    type: modem\n    devcie: /dev/ttyUSB0',
    '4:5: gateways[0].devcie: unknown setting; did you mean "device"?',
  ],
  ['a setting that is set twice', 'dataDir: a\ndataDir: b', '2:1: dataDir: is set twice'],
  [
    'names that JavaScript objects have by themselves',
    'http: { __proto__: 1, constructor: 2 }',
    '1:9: http.__proto__: unknown setting; here there are listen',
    '1:23: http.constructor: unknown setting; here there are listen',
  ],
  // Types
  [
    'a number where text is wanted',
    'gateways:\n  - { id: a, type: modem, device: COM1, smsc: +15550000000 }',
    '2:47: gateways[0].smsc: must be text, but without quotes YAML reads it as a number; write "+15550000000"',
  ],
  [
    'a PIN without quotes, which is not repeated',
    'gateways:\n  - { id: a, type: modem, device: COM1, pin: 0123 }',
    '2:46: gateways[0].pin: must be text, but without quotes YAML reads it as a number; put it in quotes, so that no zero is lost',
  ],
  [
    'a port without an address',
    'http: { listen: 8025 }',
    '1:17: http.listen: "8025" is not an address and port; write 127.0.0.1:8025 for this machine alone, or 0.0.0.0:8025 for all',
  ],
  [
    'text where a number is wanted',
    'queue: { expireMinutes: 5d }',
    '1:25: queue.expireMinutes: must be a number, but is text; write it without quotes and without a unit',
  ],
  ['a fraction', 'text: { maxmsgs: 1.5 }', '1:18: text.maxmsgs: must be a whole number'],
  ['YAML 1.1’s yes', 'text: { smart: yes }', '1:16: text.smart: must be true or false, but is text'],
  [
    'one where a list is wanted',
    'accounts: { user: john }',
    '1:11: accounts: must be a list; begin each entry with "- "',
  ],
  ['text where a group is wanted', 'smtp: off', '1:7: smtp: must be a group of settings, but is text'],
  ['an empty entry of a list', 'accounts:\n  -\n', '2:4: accounts[0]: is empty'],
  ['a required setting', 'accounts: [{ gateway: phone }]', '1:12: accounts[0].user: is missing'],
  // Values
  [
    'a number that is too small',
    'accounts: [{ user: j, monthlyLimit: -1 }]',
    '1:37: accounts[0].monthlyLimit: must be at least 0',
  ],
  [
    'a name that cannot be one',
    'sql: { "my db": { type: sqlite, file: x.db } }',
    '1:17: sql.my db: "my db" is no name; write a letter, then letters, digits, - or _, 32 at most',
  ],
  ['a number that is too large', 'text: { maxmsgs: 200 }', '1:18: text.maxmsgs: must be at most 128'],
  ['an empty list', 'queue: { retry: [] }', '1:17: queue.retry: must not be empty'],
  [
    'none of the words that are known',
    'queue: { unknown: resent }',
    '1:19: queue.unknown: must be resend, fail or ask; did you mean "resend"?',
  ],
  [
    'a word far from those',
    'log: { level: 5 }',
    '1:15: log.level: must be debug, info, warn, error or silent',
  ],
  [
    'an unknown kind of gateway',
    'gateways: [{ id: a, type: modme }]',
    '1:27: gateways[0].type: knows no type "modme"; did you mean "modem"?',
  ],
  [
    'an unknown kind of gateway in quotes',
    'gateways: [{ id: a, type: "modme" }]',
    '1:27: gateways[0].type: knows no type "modme"; did you mean "modem"?',
  ],
  [
    'an unknown kind of database in quotes',
    "sql: { log: { type: 'sqlitee', file: x.db } }",
    '1:21: sql.log.type: knows no type "sqlitee"; did you mean "sqlite"?',
  ],
  [
    'an unknown kind of backend in quotes',
    'auth: { backends: [{ type: "ldapp" }] }',
    '1:28: auth.backends[0].type: knows no type "ldapp"; did you mean "ldap"?',
  ],
  [
    'an unknown word in quotes',
    'queue: { unknown: "resent" }',
    '1:19: queue.unknown: must be resend, fail or ask; did you mean "resend"?',
  ],
  [
    'a gateway without its kind',
    'gateways: [{ id: a }]',
    '1:12: gateways[0].type: is missing; use modem, http or virtual',
  ],
  [
    'a duration without unit',
    'queue: { dedupe: 90 }',
    '1:18: queue.dedupe: is not a duration; write it as 90s, 15m, 2h or 5d',
  ],
  ['no duration at all', 'queue: { keep: 0d }', '1:16: queue.keep: must be longer than nothing'],
  [
    'a size without unit',
    'smtp: { maxSize: 10 }',
    '1:18: smtp.maxSize: is too small; less than 1KB holds no mail',
  ],
  [
    'a size in an unknown unit',
    'smtp: { maxSize: 10 TB }',
    '1:18: smtp.maxSize: is not a size; write it as 10MB or 512KB',
  ],
  ['no minutes at all', 'queue: { expireMinutes: 0 }', '1:25: queue.expireMinutes: must be more than 0'],
  [
    'more minutes than a year has',
    'queue: { warnMinutes: 600000 }',
    '1:23: queue.warnMinutes: must be at most 525600',
  ],
  [
    'a rate without a time',
    'gateways: [{ id: a, type: virtual, rate: 30 }]',
    '1:42: gateways[0].rate: "30" is not a rate; write it as 5/s, 30/m, 500/h or 1/10s',
  ],
  [
    'a rate of nothing',
    'gateways: [{ id: a, type: virtual, rate: 0/m }]',
    '1:42: gateways[0].rate: must be more than nothing',
  ],
  [
    'a cap of nothing',
    'gateways: [{ id: a, type: virtual, dailyCap: 0 }]',
    '1:46: gateways[0].dailyCap: must be at least 1',
  ],
  [
    'one entry that is wrong, without a list around it',
    'smtp: { trusted: 300.0.0.0/8 }',
    '1:18: smtp.trusted: "300.0.0.0/8" is not an IP address or network; write it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32',
  ],
  [
    'one word that is wrong, without a list around it',
    'text: { automatic: lists }',
    '1:20: text.automatic: must be auto-generated, auto-replied, bounce, list or bulk; did you mean "list"?',
  ],
  [
    'an entry of a list that is wrong',
    'incoming: { mailbox: [desk@example.com, nobody] }',
    '1:41: incoming.mailbox[1]: "nobody" is not a mail address; write it as desk@example.com',
  ],
  ['a mailbox of nobody', 'incoming: { mailbox: [] }', '1:22: incoming.mailbox: must not be empty'],
  [
    'a question that names what there is not',
    'incoming: { replyLog: { conflictText: "Whom? {choice}" } }',
    '1:39: incoming.replyLog.conflictText: knows no {choice}; {choices} stands for whom the phone may mean',
  ],
  [
    'a country by its name',
    'country: Germany',
    '1:10: country: "Germany" is not the code of a country; write two letters such as US, DE or GB',
  ],
  [
    'the United Kingdom',
    'country: UK',
    '1:10: country: "UK" is not the code of a country; the code of the United Kingdom is GB',
  ],
  [
    'a misspelt time zone',
    'zone: Europe/Berlni',
    '1:7: zone: "Europe/Berlni" is not a time zone; did you mean "Europe/Berlin"?',
  ],
  [
    'an offset for a time zone',
    'zone: "+01:00"',
    '1:7: zone: "+01:00" is not a time zone; write its IANA name, such as America/New_York, Europe/Berlin or UTC',
  ],
  [
    'an address for a domain',
    'domains: [{ name: desk@example.com }]',
    '1:19: domains[0].name: is an address, not a domain; write only what follows the @',
  ],
  [
    'an umlaut in a domain',
    'domains: [{ name: sms.bücher.example }]',
    '1:19: domains[0].name: "sms.bücher.example" is not a domain name; write it as sms.xn--bcher-kva.example',
  ],
  ['no domain', 'domains: []', '1:10: domains: must not be empty'],
  [
    'a network with too many bits',
    'smtp: { trusted: [10.0.0.0/33] }',
    '1:19: smtp.trusted[0]: "/33" is not a prefix from /0 to /32; write it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32',
  ],
  [
    'a host name for a network',
    'smtp: { trusted: [mail.example.com] }',
    '1:19: smtp.trusted[0]: "mail.example.com" is not an IP address or network; write it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32',
  ],
  [
    'a bad listener among good ones',
    'smtp: { listen: ["127.0.0.1:25", "127.0.0.1:99999"] }',
    '1:34: smtp.listen[1]: 99999 is not a port; ports go up to 65535',
  ],
  [
    'a display name in an address',
    'mail: { from: Desk <desk@example.com> }',
    '1:15: mail.from: "Desk <desk@example.com>" is not a mail address; write it as desk@example.com',
  ],
  [
    'a template that loses the number',
    'gateways: [{ id: a, type: virtual, from: sms@d.example }]',
    '1:42: gateways[0].from: "sms@d.example" has no %s, so it does not say which phone wrote; write it as sms:%s@sms.example.com: %s stands for the number, without quotes or brackets',
  ],
  [
    'a place in the layout that there is not',
    'text: { template: "{subjekt}: {text}" }',
    '1:19: text.template: knows no {subjekt}; use {subject}, {from}, {text}, {size} or {attachments}',
  ],
  [
    'a layout without the mail',
    'text: { template: "alarm" }',
    '1:19: text.template: names no part of the mail, so every message would be the same; use {subject}, {from}, {text}, {size} or {attachments}',
  ],
  [
    'a day that the calendar does not have',
    'accounts: [{ user: j, expire: 2027-02-30 }]',
    '1:31: accounts[0].expire: "2027-02-30" is not a date; write it as 2027-01-31',
  ],
  [
    'a device without its folder',
    'gateways: [{ id: a, type: modem, device: ttyUSB0 }]',
    '1:42: gateways[0].device: "ttyUSB0" is not the device of a modem; write it as /dev/ttyUSB0, /dev/serial/by-id/..., COM16, tcp://host:port, imei:... or usb:VID:PID[:serial]',
  ],
  [
    'what is no AT command',
    'gateways: [{ id: a, type: modem, device: COM1, init: [AT, "CSQ"] }]',
    '1:59: gateways[0].init[1]: "CSQ" is not an AT command; write one as AT+CSCS="GSM"; the PIN has the setting "pin", and PDU mode is always used',
  ],
  [
    'the PIN among the AT commands',
    'gateways: [{ id: a, type: modem, device: COM1, init: ["AT+CPIN=1234"] }]',
    '1:55: gateways[0].init[0]: would show the PIN in the log; write one as AT+CSCS="GSM"; the PIN has the setting "pin", and PDU mode is always used',
  ],
  [
    'a step of an escalation that is not known',
    'gateways: [{ id: a, type: modem, device: COM1, escalate: [{ after: 3, do: rest }] }]',
    '1:75: gateways[0].escalate[0].do: must be reset, dtr, or a program with its arguments such as [uhubctl, -a, cycle]',
  ],
  [
    'an escalation that does nothing',
    'gateways: [{ id: a, type: modem, device: COM1, escalate: [{ after: 3 }] }]',
    '1:59: gateways[0].escalate[0].do: is missing',
  ],
  [
    'an escalation after no attempt',
    'gateways: [{ id: a, type: modem, device: COM1, escalate: [{ after: 0, do: dtr }] }]',
    '1:68: gateways[0].escalate[0].after: must be at least 1',
  ],
  [
    'a PIN with a letter',
    'gateways: [{ id: a, type: modem, device: COM1, pin: 12E4x }]',
    '1:53: gateways[0].pin: is not a PIN; a PIN has four to eight digits',
  ],
  [
    'an empty PIN',
    'gateways: [{ id: a, type: modem, device: COM1, pin: "" }]',
    '1:53: gateways[0].pin: must not be empty; leave the setting out',
  ],
  // What settings mean together
  [
    'two gateways with one id',
    'gateways:\n  - { id: a, type: virtual }\n  - { id: A, type: virtual }',
    '3:11: gateways[1].id: gateways[0] has this id already',
  ],
  [
    'two modems on one device',
    'gateways:\n  - { id: a, type: modem, device: COM1 }\n  - { id: b, type: modem, device: COM1 }',
    '3:35: gateways[1].device: gateways[0] has this device already',
  ],
  [
    'two accounts with one name',
    'accounts: [{ user: john }, { user: John }]',
    '1:36: accounts[1].user: accounts[0] has this name (case does not matter) already',
  ],
  [
    'an account on a gateway that there is not',
    'gateways: [{ id: modem1, type: virtual }]\naccounts: [{ user: j, gateway: modem }]',
    '2:32: accounts[0].gateway: there is no gateway "modem"; did you mean "modem1"?',
  ],
  [
    'two servers on one port',
    'smtp: { listen: "127.0.0.1:8025" }',
    'http.listen: 127.0.0.1:8025 is taken by smtp.listen',
  ],
  [
    'a server on all addresses and one on one of them',
    'smtp: { listen: "0.0.0.0:25" }\nhttp: { listen: "127.0.0.1:25" }',
    '2:17: http.listen: 127.0.0.1:25 is taken by smtp.listen (0.0.0.0:25)',
  ],
  [
    'TLS without a certificate',
    'smtp: { implicitTls: "0.0.0.0:465" }',
    '1:22: smtp.implicitTls: needs a certificate; set smtp.tls',
  ],
  // Syntax
  ['a tab', 'smtp:\n\tlisten: x', '2:1: a tab stands in the indentation; YAML is indented with spaces'],
  [
    'settings that do not line up',
    'gateways:\n  - id: a\n  type: virtual',
    '3:1: the indentation does not fit; settings of one level begin in one column',
  ],
  [
    'a brace that is not closed',
    'smtp: { listen: false\nhttp: { listen: false }',
    '2:1: a { or [ above is not closed; or this line needs more indentation',
  ],
  ['a quote that is not closed', 'dataDir: "x\n', '2:1: a quote is opened above or here and not closed'],
  [
    'a missing colon',
    'country: US\nzone UTC\n',
    '2:1: a colon is missing; write "name: value", with a space',
  ],
  [
    'a colon too many',
    'country: US: DE',
    '1:10: a second "name: value" begins on this line; text that contains ": " is put in quotes',
  ],
  [
    'an IPv6 address without quotes',
    'smtp:\n  listen: [::1]:25',
    '2:16: this does not fit here; text with special characters is put in quotes',
  ],
  [
    'a second document',
    'country: US\n---\n',
    '2:1: a second document begins here; a file is one YAML document',
  ],
  [
    'a tag',
    'dataDir: !!js/function x',
    '1:10: tags have no meaning here; leave out the word that begins with !',
  ],
  ['an alias of nothing', 'dataDir: *none', '1:10: dataDir: there is no anchor &none before this'],
  ['an alias that contains itself', 'accounts: &a [*a]', '1:15: accounts[0]: the alias *a contains itself'],
  ['a list for a file', '- a', 'the file must hold settings, such as "dataDir: ./data"'],
];

describe('a mistake in the configuration', () => {
  for (const [name, text, ...problems] of CASES) {
    it(`is told with its place: ${name}`, async () => {
      const places = problems.map((problem) => `mailsms.yaml:${/^\d/.test(problem) ? '' : ' '}${problem}`);
      expect(await loadingText(text).problems()).to.deep.equal(places);
    });
  }

  it('is called unknown where a kind is none at all', async () => {
    for (const type of ['5', '"fax"', 'fax', 'true']) {
      const [problem] = await loadingText(`gateways: [{ id: a, type: ${type} }]`).problems();
      expect(problem).to.contain(`gateways[0].type: knows no type "${type.replaceAll('"', '')}"; use `);
    }
  });

  it('does not hide the others: all are told at once, in the order of the file', async () => {
    const text = await readFile(new URL('../../fixtures/config/many-mistakes.yaml', import.meta.url), 'utf8');
    const marks = text
      .split('\n')
      .flatMap((line, index) => Array<number>((line.match(/!!/g) ?? []).length).fill(index + 1))
      .filter((line) => line > 1);
    const problems = await loadingText(text).fails();
    expect(problems.map(({ line }) => line)).to.deep.equal(marks);
  });

  it('is found in other settings too while one is wrong', async () => {
    const text =
      'gateways: [{ id: a, type: virtual, colour: red }]\naccounts: [{ user: j, gateway: b }]\nhttp: { listen: "127.0.0.1:2525" }';
    expect(await loadingText(text).problems()).to.deep.equal([
      'mailsms.yaml:1:36: gateways[0].colour: unknown setting; here there are id, type, active, description, from, mailbox, weight, prefixes, rate, dailyCap, reports and concatenation',
      'mailsms.yaml:2:32: accounts[0].gateway: there is no gateway "b"; there are a',
      'mailsms.yaml:3:17: http.listen: 127.0.0.1:2525 is taken by smtp.listen',
    ]);
  });

  it('is shown in its line, with a caret', async () => {
    const [problem] = await loadingText('smtp:\r\n  listen: "127.0.0.1:2525"\r\n  maxSise: 1MB\r\n').fails();
    if (problem === undefined) throw new Error('there is a problem');
    expect(printProblem(problem)).to.equal(
      [
        'mailsms.yaml:3:3: smtp.maxSise: unknown setting; did you mean "maxSize"?',
        '    3 |   maxSise: 1MB',
        '      |   ^',
      ].join('\n'),
    );
  });

  it('is shown with what is around it where the line is long', async () => {
    const accounts = Array.from({ length: 40 }, (_, index) => `{ user: user${index} }`);
    const [problem] = await loadingText(`accounts: [${accounts.join(', ')}, { usr: x }]`).fails();
    if (problem === undefined) throw new Error('there is a problem');
    const [said, line = '', caret = ''] = printProblem(problem).split('\n');
    expect(said).to.equal(`${headline(problem)}`);
    expect(line.length).to.be.lessThan(120);
    expect(line.slice(caret.indexOf('^'))).to.match(/^usr: x/);
  });

  it('ends with the aliases that multiply', async () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++) {
      lines.push(
        `a${i}: &a${i} [${Array<string>(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    }
    const problems = await loadingText(lines.join('\n')).problems();
    expect(problems.join('\n')).to.contain('the aliases make too many values');
  });

  it('is never more than that: whatever the file holds, it is a configuration or has problems', async () => {
    const texts = await Promise.all(
      ['first-issue', 'many-mistakes'].map((name) =>
        readFile(new URL(`../../fixtures/config/${name}.yaml`, import.meta.url), 'utf8'),
      ),
    );
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ': ',
      '-',
      '\n',
      ' ',
      '"',
      '*a',
      '&a',
      '0',
      'null',
      '~',
      '<<',
      '${',
    );
    const edit = fc.record({ at: fc.nat(1500), remove: fc.nat(12), insert: piece });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        async (text, edits) => {
          let edited = text;
          for (const { at, remove, insert } of edits) {
            const place = at % edited.length;
            edited = edited.slice(0, place) + insert + edited.slice(place + remove);
          }
          try {
            await loadingText(edited).load();
          } catch (error) {
            if (!(error instanceof ConfigError)) throw error;
            for (const problem of error.problems) {
              const lines = edited.split('\n').length;
              if (problem.line !== undefined) expect(problem.line).to.be.within(1, lines);
              printProblem(problem);
            }
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});
