import { expect } from 'chai';
import fc from 'fast-check';
import { Fault } from '../../lib/base/errors.ts';
import { parsePathCommand, recipientOf, senderOf } from '../../lib/servers/smtp/command.ts';
import { type TestServer, startServer } from '../support/smtp.ts';
import { dialogue } from '../support/wire.ts';

/** What programs really send (see docs on addresses), and what must reach the door of it. */
const ARRIVE: readonly { name: string; path: string; as?: string }[] = [
  { name: 'as the reference prints it', path: 'sms:+15551234567?user=u&pass=p@sms.test' },
  { name: 'quoted', path: '"sms:+15551234567?user=u&pass=p"@sms.test' },
  { name: 'with its prefix lost', path: '+15551234567?user=u&pass=p@sms.test' },
  { name: 'percent-encoded', path: 'sms%3A+15551234567%3Fuser%3Du%26pass%3Dp@sms.test' },
  { name: 'a plain number', path: '+15551234567@sms.test' },
  { name: 'with several numbers', path: 'sms:+15551234567,+15557654321@sms.test' },
  { name: 'quoted with a space', path: '"sms:(0) 555 123"@sms.test' },
  { name: 'unquoted with a space', path: 'sms:(0) 555 123@sms.test' },
  { name: 'quoted with escapes', path: '"sms:+1555?value=a\\"b\\\\c"@sms.test' },
  { name: 'quoted with an at sign', path: '"sms:+1555?user=john@icewarp.com&pass=1"@sms.test' },
  { name: 'quoted with brackets', path: '"sms:+1555?value=<b>"@sms.test' },
  { name: 'with a slash', path: '+15551234567/TYPE=PLMN@sms.test' },
  { name: 'with dots in a row', path: 'sms..15551234567.@sms.test' },
  { name: 'with another spelling', path: 'sms=15551234567=maxmsgs=3@sms.test' },
  { name: 'at an address literal', path: '+15551234567@[127.0.0.1]' },
  { name: 'at a domain in Unicode', path: '+15551234567@smš.example' },
  { name: 'at a domain in ACE form', path: '+15551234567@xn--sm-lka.example' },
  { name: 'without a domain', path: 'postmaster' },
  { name: 'with a source route', path: '@a.example,@b.example:+1555@sms.test', as: '+1555@sms.test' },
  {
    name: 'with a source route before sms:',
    path: '@a.example:sms:+1555@sms.test',
    as: 'sms:+1555@sms.test',
  },
  { name: 'a VERP bounce address with quotes inside', path: 'list+b-"sms:+1555?a=b"=sms.test@lists.example' },
  { name: 'longer than 256 octets', path: `"sms:+1555?udh=${'ab'.repeat(140)}"@sms.test` },
];

const REFUSED: readonly { name: string; line: string | Buffer; answer: string }[] = [
  { name: 'nothing before the @', line: 'RCPT TO:<@sms.test>', answer: '553 5.1.3 there is nothing before' },
  { name: 'empty quotes', line: 'RCPT TO:<""@sms.test>', answer: '553 5.1.3 there is nothing before' },
  { name: 'an empty address', line: 'RCPT TO:<>', answer: '501 5.1.3 the recipient address is empty' },
  { name: 'no address', line: 'RCPT TO:', answer: '501 5.1.3 the address is missing' },
  { name: 'no colon', line: 'RCPT TO <a@sms.test>', answer: '501 5.5.4 the syntax is RCPT TO:<address>' },
  { name: 'another verb', line: 'RCPT FROM:<a@sms.test>', answer: '501 5.5.4 the syntax is' },
  { name: 'no closing bracket', line: 'RCPT TO:<a@sms.test', answer: '501 5.1.3 the address has no closing' },
  { name: 'open quotes', line: 'RCPT TO:<"a@sms.test>', answer: '501 5.1.3 the quotes' },
  {
    name: 'quotes closed behind a backslash',
    line: 'RCPT TO:<"a\\"@sms.test>',
    answer: '501 5.1.3 the quotes',
  },
  { name: 'nested brackets', line: 'RCPT TO:<<a@sms.test>>', answer: '501 5.1.3 the address has a "<"' },
  { name: 'text behind the bracket', line: 'RCPT TO:<a@sms.test>b', answer: '501 5.1.3 something follows' },
  {
    name: 'a bare carriage return',
    line: 'RCPT TO:<"a\rb"@sms.test>',
    answer: '501 5.1.3 the address has a con',
  },
  { name: 'a NUL', line: 'RCPT TO:<a\0b@sms.test>', answer: '501 5.1.3 the address has a control character' },
  {
    name: 'a tab',
    line: 'RCPT TO:<"a\tb"@sms.test>',
    answer: '501 5.1.3 the address has a control character',
  },
  { name: 'a turned writing direction', line: 'RCPT TO:<a\u202eb@sms.test>', answer: '501 5.1.3' },
  {
    name: 'octets that are not UTF-8',
    line: Buffer.from('RCPT TO:<\xff@sms.test>', 'latin1'),
    answer: '501 5.1.3 the command is not valid UTF-8',
  },
  { name: 'an unknown parameter', line: 'RCPT TO:<a@sms.test> FOO=1', answer: '555 5.5.4 the parameter FOO' },
  {
    name: 'a parameter twice',
    line: 'RCPT TO:<a@b> NOTIFY=DELAY NOTIFY=DELAY',
    answer: '501 5.5.4 NOTIFY is',
  },
  {
    name: 'a malformed parameter',
    line: 'RCPT TO:<a@b> =x',
    answer: '501 5.5.4 a parameter is not of the form',
  },
];

describe('SMTP addresses', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer();
  });
  afterEach(() => server.stop());

  it('reach the door as they stood on the wire', async () => {
    const client = await server.greeted();
    await dialogue(client, 'C: MAIL FROM:<a@b.example>\nS: 250');
    for (const { name, path } of ARRIVE) {
      expect(await client.command(`RCPT TO:<${path}>`), name).to.deep.equal(['250 2.1.5 recipient ok']);
    }
    expect(server.door.asked.map((asked) => asked.address)).to.deep.equal(ARRIVE.map((c) => c.as ?? c.path));
  });

  for (const { name, line, answer } of REFUSED) {
    it(`are refused with the reason: ${name}`, async () => {
      const client = await server.greeted();
      await dialogue(client, 'C: MAIL FROM:<a@b.example>\nS: 250');
      client.write(Buffer.concat([Buffer.from(line), Buffer.from('\r\n')]));
      expect((await client.reply()).join()).to.satisfy(
        (heard: string) => heard.startsWith(answer),
        `the answer should begin with "${answer}"`,
      );
      expect(server.door.asked).to.deep.equal([]);
      await dialogue(client, 'C: RCPT TO:<+15551234567@sms.test>\nS: 250 2.1.5');
    });
  }

  it('may come without brackets and with a space, as simple devices write them', async () => {
    await dialogue(
      await server.greeted(),
      `C: mail from: ups@office.example
       S: 250 2.1.0
       C: rcpt to: +15551234567@sms.test
       S: 250 2.1.5
       C: DATA
       S: 354
       C: .
       S: 250`,
    );
    expect(server.door.mails[0]?.sender).to.equal('ups@office.example');
  });

  it('can not put a second command into one line', async () => {
    const client = await server.greeted();
    await dialogue(client, 'C: MAIL FROM:<a@b.example>\nS: 250');
    await dialogue(client, 'C: RCPT TO:<a%0d%0aRCPT TO:<b>@sms.test>\nS: 501 5.1.3');
    await dialogue(client, 'C: RCPT TO:<a%0d%0ab@sms.test>\nS: 250 2.1.5');
    expect(server.door.asked.map((asked) => asked.address)).to.deep.equal(['a%0d%0ab@sms.test']);
  });

  it('answer no octet of an address that could split a line', async () => {
    const client = await server.greeted();
    await dialogue(client, 'C: MAIL FROM:<a@b.example>\nS: 250');
    client.send('RCPT TO:<foreign\u00e9%0d%0a@elsewhere.example>');
    expect(await client.readLine()).to.equal('550 5.7.1 no relay to foreign?%0d%0a@elsewhere.example');
  });
});

describe('SMTP sender', () => {
  for (const [path, sender] of [
    ['', undefined],
    ['a@b.example', 'a@b.example'],
    ['"a b"@b.example', '"a b"@b.example'],
    ['jörg@büro.example', 'jörg@büro.example'],
    ['a@[192.0.2.1]', 'a@[192.0.2.1]'],
    ['a@[IPv6:2001:db8::1]', 'a@[IPv6:2001:db8::1]'],
    ['list+b-"sms:+1555?a=b"=sms.test@lists.example', 'list+b-"sms:+1555?a=b"=sms.test@lists.example'],
    ['nagios@host_1', 'nagios@host_1'],
  ] as const) {
    it(`may be <${path}>`, () => expect(senderOf(path)).to.equal(sender));
  }

  for (const path of [
    'root',
    '@b.example',
    'a@',
    'a@b..example',
    'a@b example',
    'a b@c.example',
    'a@b.example, c@d.example',
    'a@b.example:25',
    `${'a'.repeat(250)}@b.example`,
  ]) {
    it(`may not be <${path.slice(0, 40)}>`, () => {
      expect(() => senderOf(path))
        .to.throw(Fault)
        .with.property('code', 'smtp.sender');
    });
  }
});

describe('SMTP path commands', () => {
  it('end in an address or a Fault, whatever they are', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '"',
      '\\',
      '@',
      ':',
      ' ',
      '\r',
      'a',
      'sms:',
      '+1',
      ',',
      '=',
      'é',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          const { path } = parsePathCommand('RCPT TO', Buffer.from(`RCPT TO:${pieces.join('')}`));
          recipientOf(path);
          expect(path).to.not.match(/[\x00-\x1f\x7f]/);
        } catch (error) {
          expect(error).to.be.instanceOf(Fault);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('keep any quoted local part', () => {
    const text = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).filter((s) => s.length > 0);
    fc.assert(
      fc.property(text, (local) => {
        const path = `"${local.replace(/["\\]/g, '\\$&')}"@sms.test`;
        const line = Buffer.from(`RCPT TO:<${path}> NOTIFY=NEVER`);
        expect(parsePathCommand('RCPT TO', line)).to.deep.equal({
          path,
          parameters: new Map([['NOTIFY', 'NEVER']]),
        });
      }),
    );
  });
});
