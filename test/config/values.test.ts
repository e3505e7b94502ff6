import { expect } from 'chai';
import fc from 'fast-check';
import { isHostName } from '../../lib/settings/names.ts';
import { parseHostPort, printHostPort } from '../../lib/servers/listen.ts';
import { parseRelay, printRelay } from '../../lib/mailer/relay-url.ts';
import { startOfDay } from '../../lib/base/calendar.ts';
import { BadValue } from '../../lib/settings/values.ts';

describe('an address to listen on', () => {
  const good: readonly (readonly [text: string, host: string, port: number])[] = [
    ['127.0.0.1:2525', '127.0.0.1', 2525],
    ['0.0.0.0:25', '0.0.0.0', 25],
    ['[::1]:25', '::1', 25],
    ['[::]:0', '::', 0],
    ['localhost:8025', 'localhost', 8025],
    ['mx.example.com:65535', 'mx.example.com', 65535],
  ];
  for (const [text, host, port] of good) {
    it(`is read and printed: ${text}`, () => {
      expect(parseHostPort(text)).to.deep.equal({ host, port });
      expect(printHostPort({ host, port })).to.equal(text);
    });
  }

  const bad: readonly (readonly [text: string, message: string, hint: RegExp])[] = [
    ['25', '"25" is not an address and port', /127\.0\.0\.1:25 /],
    ['127.0.0.1', '"127.0.0.1" is not an address and port', /127\.0\.0\.1:2525/],
    ['::1', '"::1" is not an address and port', /\[::1\]:25/],
    [':25', 'has no address', /0\.0\.0\.0:25 .* \[::\]:25/],
    ['*:25', 'has no address', /0\.0\.0\.0:25/],
    ['256.0.0.1:25', '"256.0.0.1" is not an address', /0\.0\.0\.0:25/],
    ['[127.0.0.1]:25', '"127.0.0.1" is not an address', /0\.0\.0\.0:25/],
    ['127.0.0.1:70000', '70000 is not a port', /65535/],
    ['unix:/run/sock', '"unix:/run/sock" is not an address and port', /127\.0\.0\.1/],
  ];
  for (const [text, message, hint] of bad) {
    it(`is refused with a hint: ${text}`, () => {
      const error = caught(() => parseHostPort(text));
      expect(error.message).to.equal(message);
      expect(error.hint).to.match(hint);
    });
  }
});

describe('the URL of a relay', () => {
  const good: readonly (readonly [text: string, relay: object])[] = [
    ['smtp://mail.example.com', { protocol: 'smtp', host: 'mail.example.com', port: 25 }],
    ['smtps://mail.example.com', { protocol: 'smtps', host: 'mail.example.com', port: 465 }],
    ['lmtp://mail.example.com', { protocol: 'lmtp', host: 'mail.example.com', port: 24 }],
    ['lmtp:///run/dovecot/lmtp', { protocol: 'lmtp', host: 'localhost', port: 0, path: '/run/dovecot/lmtp' }],
    ['SMTP://mail.example.com:587/', { protocol: 'smtp', host: 'mail.example.com', port: 587 }],
    ['smtp://192.0.2.1:80', { protocol: 'smtp', host: '192.0.2.1', port: 80 }],
    ['smtp://[2001:db8::1]:25', { protocol: 'smtp', host: '2001:db8::1', port: 25 }],
    ['smtp://[2001:db8::1]', { protocol: 'smtp', host: '2001:db8::1', port: 25 }],
  ];
  for (const [text, relay] of good) {
    it(`is read: ${text}`, () => {
      expect(parseRelay(text)).to.deep.equal(relay);
      expect(parseRelay(printRelay(parseRelay(text)))).to.deep.equal(relay);
    });
  }

  it('has user and password percent-decoded, and prints no password', () => {
    const relay = parseRelay('smtps://sms%40example.com:p%40ss%2Fw%3Ard@mail.example.com');
    expect(relay.user).to.equal('sms@example.com');
    expect(relay.password?.open()).to.equal('p@ss/w:rd');
    expect(printRelay(relay)).to.equal('smtps://sms%40example.com:***@mail.example.com:465');
  });

  it('takes every user and password that is percent-encoded', () => {
    // Lone surrogates have no percent-encoding.
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(text, text, (user, password) => {
        const relay = parseRelay(
          `smtp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@h.example:25`,
        );
        expect(relay.user).to.equal(user);
        expect(relay.password?.open()).to.equal(password);
      }),
    );
  });

  const bad: readonly (readonly [text: string, message: string])[] = [
    ['mail.example.com', 'is not a URL'],
    ['mail.example.com:25', 'is not a URL'],
    ['smpt://mail.example.com', '"smpt:" is not a way to hand mail over'],
    ['http://mail.example.com', '"http:" is not a way to hand mail over'],
    ['smtp://', 'is not a URL'],
    ['smtp://mail.example.com:70000', '70000 is not a port'],
    ['smtp://mail.example.com/path', 'has something behind the host'],
    ['smtp://mail.example.com?tls=no', 'has something behind the host'],
    ['smtp://user@mail.example.com', 'has a user but no password'],
    ['smtp://:pass@mail.example.com', 'has a password but no user'],
    ['smtp://user:50%@mail.example.com', 'has a % that is not an escape'],
    ['smtp://mail example.com', 'is not a URL'],
  ];
  for (const [text, message] of bad) {
    it(`is refused: ${text}`, () => {
      expect(caught(() => parseRelay(text)).message).to.equal(message);
    });
  }

  it('never fails with anything else, nor says the password', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (tail) => {
        try {
          parseRelay(`smtp://user:hunter2${tail}`);
        } catch (error) {
          if (!(error instanceof BadValue)) throw error;
          expect(`${error.message} ${error.hint}`).not.to.contain('hunter2');
        }
      }),
    );
  });
});

describe('a host name', () => {
  for (const [name, good] of [
    ['sms.example.com', true],
    ['localhost', true],
    ['a_b.example', true],
    ['1and1.example', true],
    ['xn--bcher-kva.example', true],
    ['', false],
    ['a..b', false],
    ['a.', false],
    ['-a.example', false],
    ['a-.example', false],
    ['192.0.2.1', false],
    ['a b', false],
    [`${'a'.repeat(64)}.example`, false],
    [`${'a.'.repeat(127)}example`, false],
  ] as const) {
    it(`is ${good ? '' : 'not '}"${name.slice(0, 30)}"`, () => {
      expect(isHostName(name)).to.equal(good);
    });
  }
});

describe('the start of a day', () => {
  for (const [day, zone, start] of [
    ['2027-01-31', 'UTC', '2027-01-31T00:00:00Z'],
    ['2027-01-31', 'Europe/Berlin', '2027-01-30T23:00:00Z'],
    ['2027-07-01', 'Europe/Berlin', '2027-06-30T22:00:00Z'],
    ['2027-01-31', 'America/New_York', '2027-01-31T05:00:00Z'],
    ['2027-01-31', 'Pacific/Kiritimati', '2027-01-30T10:00:00Z'],
    ['2027-01-31', 'Etc/GMT+12', '2027-01-31T12:00:00Z'],
    // The clock goes from 24:00 to 1:00.
    ['2024-09-08', 'America/Santiago', '2024-09-08T04:00:00Z'],
  ] as const) {
    it(`is found for ${day} in ${zone}`, () => {
      expect(new Date(startOfDay(day, zone)).toISOString()).to.equal(start.replace('Z', '.000Z'));
    });
  }
});

function caught(run: () => unknown): BadValue {
  try {
    run();
  } catch (error) {
    if (error instanceof BadValue) return error;
    throw error;
  }
  throw new Error('it was taken');
}
