import { expect } from 'chai';
import fc from 'fast-check';
import { Secret } from '../../lib/base/secret.ts';
import { AddressError, forbiddenAt } from '../../lib/address/errors.ts';
import { normaliseNumber } from '../../lib/address/number.ts';
import { parseParameters, type Parameters } from '../../lib/address/parameters.ts';
import { parseRecipient, type AddressOptions, type Recipient } from '../../lib/address/parse.ts';
import { fromTemplate, printAddress, quoteLocal } from '../../lib/address/print.ts';
import { redactAddress, unquoteLocal } from '../../lib/address/quoting.ts';
import { opened } from './opened.ts';

const options: AddressOptions = {
  domains: [
    { name: 'sms.test', country: 'DE' },
    { name: 'vtext.com', carrier: 'US' },
    { name: 'bücher.example' },
  ],
  userAt: true,
};

/** Any UTF-16 at all: control characters, NUL, halves of surrogate pairs. */
const anything = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff)), { maxLength: 60 })
  .map((units) => String.fromCharCode(...units));

/** Pieces of addresses in any order, which come closer to the grammar than noise does. */
const pieces = fc
  .array(
    fc.oneof(
      {
        weight: 9,
        arbitrary: fc.constantFrom(
          'sms',
          'SMS',
          ':',
          '%3A',
          '%3a',
          '+',
          '%2B',
          '.',
          '=',
          '//',
          '/',
          '"',
          '\\',
          '?',
          '%3F',
          '&',
          '%26',
          '%3D',
          ',',
          '+15551234567',
          '5551234567',
          '12345',
          '00',
          '(0)',
          '%',
          '%25',
          '%40',
          '%0d',
          '%C3',
          '%A9',
          '/TYPE=PLMN',
          '@',
          '@sms.test',
          '@vtext.com',
          '@BÜCHER.example',
          '@[::1]',
          'user',
          'pass',
          'maxmsgs',
          'value=',
          'at=2030-01-31',
          'john%icewarp.com',
          ' ',
          '\u00a0',
          '１',
          '\r\n',
          '\0',
          '\ud83d',
          '\ude00',
          '<',
          '>',
        ),
      },
      { weight: 1, arbitrary: anything },
    ),
    { maxLength: 14 },
  )
  .map((found) => found.join(''));

const hostile = fc.oneof(anything, pieces, fc.string({ unit: 'binary', maxLength: 80 }));

/** What a value may be: anything without control characters and halves of surrogate pairs, and with what hurts. */
const value = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc
      .array(fc.constantFrom(...'"\\@%/?&=+;,:. \'<>()#*!é😀'.split(''), '%41', '%0D', '..', '&pass='), {
        minLength: 1,
      })
      .map((found) => found.join('')),
  )
  .filter((text) => forbiddenAt(text) < 0);

const octet = fc.nat(255);
const parameters = fc
  .record(
    {
      user: value,
      pass: value,
      maxmsgs: fc.integer({ min: 1, max: 128 }),
      binary: fc.boolean(),
      udh: fc.oneof(fc.base64String({ minLength: 4, maxLength: 40 }), fc.stringMatching(/^[0-9A-F]{2,40}$/)),
      pid: octet,
      dcs: octet,
      sender: fc.oneof(fc.stringMatching(/^\+?[0-9]{3,15}$/), fc.stringMatching(/^[A-Za-z&!][ -~]{0,10}$/)),
      authenticated: fc.boolean(),
      reply: fc.emailAddress().filter((address) => !address.includes('#') && address.length <= 254),
      id: value,
      value: fc.array(value, { minLength: 1, maxLength: 3 }),
      msgid: value,
      flash: fc.boolean(),
      validity: fc.integer({ min: 1, max: 635040 }),
      priority: fc.integer({ min: -9, max: 9 }),
      at: fc.integer({ min: 0, max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) }),
      report: fc.boolean(),
      key: value,
    },
    { requiredKeys: [] },
  )
  .map(({ pass, ...rest }): Parameters => (pass === undefined ? rest : { ...rest, pass: new Secret(pass) }));

const number = fc.oneof(fc.stringMatching(/^\+[1-9][0-9]{6,14}$/), fc.stringMatching(/^[1-9][0-9]{2,5}$/));
const numbers = fc.uniqueArray(number, { minLength: 1, maxLength: 5 });

/** What `read` returns, or undefined where it threw an AddressError; any other error passes. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    expect(error.told).to.match(/^[ -~]{1,400}$/);
    return undefined;
  }
}

describe('every address', () => {
  it('that is printed parses to what was printed, in every style and with every parameter', () => {
    const style = fc.constantFrom('quoted', 'bare', 'encoded', 'equals' as const);
    fc.assert(
      fc.property(numbers, parameters, style, fc.boolean(), (given, accompanying, spelt, userAt) => {
        const address = printAddress(given, accompanying, 'sms.test', spelt, 'open');
        const found = parseRecipient(address, { ...options, userAt });
        expect(found.kind).to.equal('sms');
        if (found.kind !== 'sms') return;
        expect(found.numbers).to.deep.equal(given);
        expect(opened(found.parameters)).to.deep.equal(opened(accompanying));
      }),
      { numRuns: 2000 },
    );
  });

  it('that is read is printed again as it was read, without its password', () => {
    fc.assert(
      fc.property(pieces, (local) => {
        const found = attempt(() => parseRecipient(`${local}@sms.test`, options));
        if (found?.kind !== 'sms') return;
        const again = parseRecipient(found.redacted, options);
        expect(again).to.deep.include({ kind: 'sms', numbers: found.numbers, redacted: found.redacted });
      }),
      { numRuns: 2000 },
    );
  });

  it('is read or refused with an AddressError, whatever it is', () => {
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom('', '@sms.test', '@bücher.example', '@elsewhere.test'),
        (text, domain) => {
          for (const address of [
            text + domain,
            `sms:${text}${domain}`,
            `"sms:+15551234567?${text}"${domain}`,
          ]) {
            const found = attempt((): Recipient => parseRecipient(address, options));
            if (found === undefined) continue;
            expect(forbiddenAt(found.redacted)).to.equal(-1);
            if (found.kind === 'sms') {
              for (const each of found.numbers) expect(each).to.match(/^(?:\+[1-9]\d{6,14}|[1-9]\d{2,5})$/);
              for (const each of Object.values(opened(found.parameters)).flat()) {
                if (typeof each === 'string') expect(forbiddenAt(each)).to.equal(-1);
              }
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('that is refused has the error somewhere in it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          parseRecipient(`${text}@sms.test`, options);
        } catch (error) {
          expect(error).to.be.instanceOf(AddressError);
          if (error instanceof AddressError) expect(error.position).to.be.within(0, text.length + 9);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps its password to itself, wherever it breaks', () => {
    const password = fc.stringMatching(/^[#-~]{0,6}Qx7[#-~]{0,6}$/).filter((text) => !text.includes('@'));
    fc.assert(
      fc.property(password, pieces, pieces, (secret, before, after) => {
        const address = `sms:+15551234567${before}?user=u&pass=${secret}&${after}@sms.test`;
        const shown = [redactAddress(address)];
        try {
          shown.push(parseRecipient(address, options).redacted);
        } catch (error) {
          if (error instanceof AddressError)
            shown.push(error.message, error.told, error.part, String(error.detail));
        }
        expect(shown.join(' ')).not.to.contain('Qx7');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('every other entry', () => {
  it('throws nothing but AddressErrors', () => {
    fc.assert(
      fc.property(hostile, hostile, (text, other) => {
        attempt(() => normaliseNumber(text));
        attempt(() => normaliseNumber(text, 'US'));
        attempt(() => normaliseNumber('1712345678', other));
        attempt(() => parseParameters(text));
        attempt(() => parseParameters(text, { userAt: true, style: 'equals' }));
        attempt(() => fromTemplate(text, other));
        attempt(() => quoteLocal(text));
        attempt(() => unquoteLocal(text));
        redactAddress(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('quotes any local part so that it can be unquoted', () => {
    fc.assert(
      fc.property(value, (local) => {
        expect(unquoteLocal(quoteLocal(local))).to.equal(local);
      }),
    );
  });

  it('makes a From of any sender: one line of ASCII with one at sign', () => {
    fc.assert(
      fc.property(hostile, (sender) => {
        expect(fromTemplate('sms:%s@sms.test', sender)).to.match(/^"sms:[!#-?A-[\]-~]*"@sms\.test$/);
      }),
    );
  });
});

/** A quadratic step takes minutes on these; mocha's time-out ends it. */
describe('an address of 100 kB', () => {
  const long = (piece: string): string => piece.repeat(Math.ceil(1e5 / piece.length));
  const repeated = [
    'a',
    '1',
    '+',
    '-',
    '(0',
    '( 0',
    '/',
    '/a',
    '/TYPE=PLMN',
    ',',
    '1,',
    '%',
    '%2',
    '%25',
    '%3f',
    '%3A',
    '%C3',
    '%C3%A9',
    '&',
    '=',
    '&=',
    'value=a&',
    'value=&a=',
    'a=b=',
    '?',
    '"',
    '\\"',
    '@',
    '@a,',
    '.',
    'a.',
    ' ',
    'é',
    '😀',
    '\u200b',
    'sms:',
    'pass',
    'pass%',
    'pass%25',
    '%25',
    'ſ',
  ];
  for (const piece of repeated) {
    it(`of ${JSON.stringify(piece)} is read or refused in linear time`, () => {
      const text = long(piece);
      for (const address of [text, `${text}@sms.test`, `"${text}"@sms.test`, `a@${text}`]) {
        attempt(() => parseRecipient(address, options));
      }
      for (const head of [
        'sms:',
        'sms=',
        'sms=1',
        'sms:+15551234567?',
        'sms:+15551234567?user=',
        'sms=+15551234567=user=',
        '@a:',
        '+',
      ]) {
        attempt(() => parseRecipient(`${head}${text}@sms.test`, options));
      }
      attempt(() => normaliseNumber(text, 'DE'));
      attempt(() => fromTemplate('sms:%s@sms.test', text));
      redactAddress(text);
    });
  }
});
