import { expect } from 'chai';
import { addressOf, encodeAddress, encodeSmsc, readAddress, readSmsc } from '../../lib/sms/address.ts';
import { decodeDcs, encodeDcs } from '../../lib/sms/dcs.ts';
import { DecodeError, EncodeError } from '../../lib/sms/errors.ts';
import { failureName } from '../../lib/sms/failure.ts';
import { fromHex, toHex } from '../../lib/sms/hex.ts';
import { pidName } from '../../lib/sms/pid.ts';
import { Reader } from '../../lib/sms/reader.ts';
import { isFinalStatus, statusClass, statusName } from '../../lib/sms/status.ts';
import { decodeTimestamp, encodeTimestamp } from '../../lib/sms/timestamp.ts';
import { encodeValidity, readValidity, relativeMinutes, relativeValue } from '../../lib/sms/validity.ts';

describe('hexadecimal', () => {
  const bad = [
    ['12G4', 1, '"G"'],
    ['1', 0, 'one digit'],
    ['12 34', 1, '" "'],
    ['123', 1, 'one digit'],
    ['12é4', 1, '"é"'],
    ['12x', 1, '"x"'],
  ] as const;
  for (const [text, offset, reason] of bad) {
    it(`names the octet that ${JSON.stringify(text)} goes wrong at`, () => {
      expect(() => fromHex(text))
        .to.throw(DecodeError, reason)
        .that.includes({ field: 'hex', offset });
    });
  }

  it('reads both cases and writes upper case', () => {
    expect(toHex(fromHex('00ffAbCd'))).to.equal('00FFABCD');
  });
});

describe('TP-DCS', () => {
  const codings = [
    [0x00, { group: 'general', alphabet: 'gsm7', compressed: false }],
    [0x04, { group: 'general', alphabet: '8bit' }],
    [0x08, { group: 'general', alphabet: 'ucs2' }],
    [0x0c, { group: 'general', alphabet: 'gsm7' }],
    [0x10, { group: 'general', alphabet: 'gsm7', class: 0 }],
    [0x1a, { group: 'general', alphabet: 'ucs2', class: 2 }],
    [0x22, { group: 'general', alphabet: 'gsm7', compressed: true }],
    [0x53, { group: 'marked-for-deletion', alphabet: 'gsm7', class: 3 }],
    [0x80, { group: 'reserved', alphabet: 'gsm7' }],
    [0xbf, { group: 'reserved', alphabet: 'gsm7' }],
    [
      0xc8,
      {
        group: 'message-waiting',
        alphabet: 'gsm7',
        waiting: { active: true, kind: 'voicemail', store: false },
      },
    ],
    [
      0xd1,
      { group: 'message-waiting', alphabet: 'gsm7', waiting: { active: false, kind: 'fax', store: true } },
    ],
    [
      0xea,
      { group: 'message-waiting', alphabet: 'ucs2', waiting: { active: true, kind: 'email', store: true } },
    ],
    [0xf0, { group: 'data-coding-class', alphabet: 'gsm7', class: 0 }],
    [0xf5, { group: 'data-coding-class', alphabet: '8bit', class: 1 }],
  ] as const;
  for (const [raw, wanted] of codings) {
    it(`reads ${raw.toString(16).padStart(2, '0')}`, () => {
      expect(decodeDcs(raw)).to.deep.include({ raw, ...wanted });
      expect(decodeDcs(raw).class).to.equal('class' in wanted ? wanted.class : undefined);
    });
  }

  it('reads all 256 values, and writes again what the general and waiting groups mean', () => {
    for (let raw = 0; raw < 256; raw++) {
      const coding = decodeDcs(raw);
      expect(coding.raw).to.equal(raw);
      if (coding.group === 'reserved' || coding.group === 'data-coding-class') continue;
      const markedForDeletion = coding.group === 'marked-for-deletion';
      const again = decodeDcs(encodeDcs({ ...coding, markedForDeletion }));
      expect({ ...again, raw }).to.deep.equal(coding);
    }
  });

  it('refuses a waiting indication with a class, and a UCS-2 one to be discarded', () => {
    const waiting = { active: true, kind: 'fax', store: false } as const;
    expect(() => encodeDcs({ alphabet: 'gsm7', class: 1, waiting })).to.throw(EncodeError);
    expect(() => encodeDcs({ alphabet: 'ucs2', waiting })).to.throw(EncodeError);
  });
});

describe('TP-PID', () => {
  const names = [
    [0x00, 'plain short message'],
    [0x22, 'group 3 telefax'],
    [0x32, 'Internet electronic mail'],
    [0x3f, 'GSM or UMTS mobile station'],
    [0x40, 'short message type 0 (acknowledged and discarded)'],
    [0x41, 'replace short message type 1'],
    [0x47, 'replace short message type 7'],
    [0x5f, 'return call'],
    [0x7f, '(U)SIM data download'],
    [0x60, 'reserved'],
    [0xc0, 'SC specific'],
  ] as const;
  for (const [pid, name] of names) {
    it(`calls ${pid.toString(16)} ${name}`, () => {
      expect(pidName(pid)).to.equal(name);
    });
  }
});

describe('TP-ST and TP-FCS', () => {
  const statuses = [
    [0x00, 'delivered', true],
    [0x01, 'delivered', true],
    [0x1f, 'delivered', true],
    [0x03, 'abandoned', true],
    [0x20, 'temporary', false],
    [0x30, 'temporary', false],
    [0x46, 'permanent', true],
    [0x5f, 'permanent', true],
    [0x60, 'abandoned', true],
    [0x63, 'abandoned', true],
    [0xab, 'abandoned', true],
  ] as const;
  for (const [status, kind, final] of statuses) {
    it(`takes status ${status.toString(16)} as ${kind}`, () => {
      expect(statusClass(status)).to.equal(kind);
      expect(isFinalStatus(status)).to.equal(final);
    });
  }

  it('names statuses and causes', () => {
    expect(statusName(0x46)).to.equal('validity period expired');
    expect(statusName(0x80)).to.include('reserved');
    expect(statusName(0x32)).to.equal('specific to the SC');
    expect(failureName(0xd3)).to.equal('memory capacity exceeded');
    expect(failureName(0xe1)).to.equal('specific to an application');
    expect(failureName(0x12)).to.equal('reserved');
  });
});

describe('addresses', () => {
  const cases = [
    ['an international number', '0B915155214365F7', '+15551234567', 'international'],
    ['a short code', '05812143F5', '12345', 'unknown'],
    ['a national number', '0AA11092997856', '0129998765', 'national'],
    ['every semi-octet', '0F811032547698BADCFE', '0123456789*#abc', 'unknown'],
    ['no digits at all', '0081', '', 'unknown'],
  ] as const;
  for (const [name, hex, number, type] of cases) {
    it(`read and write ${name}`, () => {
      const address = readAddress(new Reader(fromHex(hex)), 'originator');
      expect(address).to.include({ number, type });
      expect(toHex(encodeAddress(address))).to.equal(hex);
    });
  }

  it('carry a name with spaces, escapes and eleven characters', () => {
    for (const name of ['My Bank', 'A', 'InternetSMS', 'a[]{}€', 'Ünicö']) {
      const octets = encodeAddress(name);
      expect(readAddress(new Reader(octets), 'originator')).to.include({
        number: name,
        type: 'alphanumeric',
        ton: 5,
      });
    }
  });

  it('find the digits where networks put the fill into the wrong half, leave it out or pad with more', () => {
    const number = (hex: string) => readAddress(new Reader(fromHex(hex)), 'originator').number;
    expect(number('058121435F')).to.equal('12345');
    expect(number('0581214305')).to.equal('12345');
    expect(number('06812143F5')).to.equal('12345');
    expect(number('088121F3FFFF')).to.equal('123');
  });

  it('name the octet where they end too early', () => {
    expect(() => readAddress(new Reader(fromHex('0B91')), 'originator'))
      .to.throw(DecodeError)
      .that.includes({ field: 'originator.digits', offset: 2 });
    expect(() => readAddress(new Reader(fromHex('0B')), 'originator'))
      .to.throw(DecodeError)
      .that.includes({ field: 'originator', offset: 0 });
  });

  it('refuse what is no number', () => {
    expect(() => encodeAddress('')).not.to.throw();
    expect(() => encodeAddress('+12d4')).to.throw(EncodeError, '"d"');
    expect(() => encodeAddress('twelve chars')).to.throw(EncodeError, '11');
    expect(() => encodeAddress('Привет')).to.throw(EncodeError);
    expect(() => encodeAddress('1'.repeat(21))).to.throw(EncodeError, '20');
    expect(() => encodeSmsc('MyBank')).to.throw(EncodeError);
  });

  it('count the service centre in octets', () => {
    expect(toHex(encodeSmsc('+358405202090'))).to.equal('0791534850020209');
    expect(toHex(encodeSmsc())).to.equal('00');
    expect(readSmsc(new Reader(fromHex('07915348500202F0')))?.number).to.equal('+35840520200');
    expect(readSmsc(new Reader(fromHex('00')))).to.equal(undefined);
  });

  it('are the same read back as `addressOf` says', () => {
    for (const input of ['+15551234567', '12345', 'My Bank', { number: '0123', ton: 2, npi: 1 }]) {
      const address = addressOf(input);
      expect(readAddress(new Reader(encodeAddress(input)), 'address')).to.deep.equal(address);
    }
  });
});

describe('time stamps', () => {
  const good = [
    ['2008-08-13T12:07:22+01:00', '80803121702240'],
    ['2007-04-12T23:25:42-08:00', '7040213252242B'],
    ['2024-02-29T23:59:59+05:45', '42209232959532'],
    ['1999-12-31T00:00:00-03:30', '99211300000049'],
    ['2015-11-27T00:00:00+00:00', '51117200000000'],
  ] as const;
  for (const [iso, hex] of good) {
    it(`reads and writes ${iso}`, () => {
      const timestamp = decodeTimestamp(fromHex(hex));
      expect(timestamp).to.include({ iso, valid: true, epochMs: Date.parse(iso), raw: hex });
      expect(toHex(encodeTimestamp(iso))).to.equal(hex);
      expect(toHex(encodeTimestamp(timestamp))).to.equal(hex);
    });
  }

  const odd = [
    ['a digit that is none, as 0', '4220A2329595F2', { valid: false, epochMs: undefined }],
    ['a month 13', '42319232959500', { valid: false, epochMs: undefined }],
    ['30 February', '42200332959500', { valid: false, epochMs: undefined }],
    ['nothing but zeros', '00000000000000', { valid: false, epochMs: undefined }],
    ['hour 24', '42209242000000', { valid: false, epochMs: undefined }],
  ] as const;
  for (const [name, hex, wanted] of odd) {
    it(`keeps and flags ${name}`, () => {
      const timestamp = decodeTimestamp(fromHex(hex));
      expect(timestamp.valid).to.equal(wanted.valid);
      expect(toHex(encodeTimestamp(timestamp))).to.equal(hex);
    });
  }

  it('takes a bad digit in the zone for 0 and still knows the time', () => {
    const timestamp = decodeTimestamp(fromHex('718013111245A0'));
    expect(timestamp).to.include({ iso: '2017-08-31T11:21:54+00:00', valid: false });
    expect(timestamp.epochMs).to.equal(Date.parse('2017-08-31T11:21:54Z'));
  });

  for (const bad of [
    '2024-01-01',
    '2024-13-01T00:00:00Z',
    '2024-01-01T00:00:00+01:10',
    '2024-01-01T00:00:00+20:00',
  ]) {
    it(`refuses to write ${bad}`, () => {
      expect(() => encodeTimestamp(bad)).to.throw(EncodeError);
    });
  }
});

describe('validity periods', () => {
  const relative = [
    [0, 5],
    [143, 12 * 60],
    [144, 12 * 60 + 30],
    [167, 24 * 60],
    [168, 2 * 24 * 60],
    [196, 30 * 24 * 60],
    [197, 5 * 7 * 24 * 60],
    [255, 63 * 7 * 24 * 60],
  ] as const;
  for (const [raw, minutes] of relative) {
    it(`takes ${raw} for ${minutes} minutes and back`, () => {
      expect(relativeMinutes(raw)).to.equal(minutes);
      expect(relativeValue(minutes)).to.equal(raw);
    });
  }

  it('rounds up, and stops at 63 weeks', () => {
    for (let minutes = 1; minutes < 500_000; minutes += 37) {
      const value = relativeValue(minutes);
      expect(relativeMinutes(value)).to.be.at.least(minutes);
      if (value > 0) expect(relativeMinutes(value - 1)).to.be.below(minutes);
    }
    expect(relativeValue(1e9)).to.equal(255);
    expect(() => relativeValue(-1)).to.throw(EncodeError);
    expect(() => relativeValue(NaN)).to.throw(EncodeError);
  });

  const enhanced = [
    ['none', '00000000000000', undefined, false],
    ['relative', '01A70000000000', 86_400, false],
    ['seconds', '027B0000000000', 123, false],
    ['hours, minutes and seconds', '03213254000000', 12 * 3600 + 23 * 60 + 45, false],
    ['a single shot', '40000000000000', undefined, true],
    ['an extended indicator', 'C1008B00000000', 42_000, true],
  ] as const;
  for (const [name, hex, seconds, singleShot] of enhanced) {
    it(`reads the enhanced format: ${name}`, () => {
      const validity = readValidity(new Reader(fromHex(hex)), 1);
      expect(validity).to.include({ format: 'enhanced', singleShot });
      expect(validity?.format === 'enhanced' ? validity.seconds : NaN).to.equal(seconds);
      expect(toHex(encodeValidity(validity).octets)).to.equal(hex);
    });
  }

  it('writes seconds in the smallest enhanced form that has them', () => {
    expect(toHex(encodeValidity({ seconds: 123 }).octets)).to.equal('027B0000000000');
    expect(toHex(encodeValidity({ seconds: 44_625, singleShot: true }).octets)).to.equal('43213254000000');
    expect(() => encodeValidity({ seconds: 360_000 })).to.throw(EncodeError);
  });

  it('names the octet of a reserved indicator and of digits that are none', () => {
    expect(() => readValidity(new Reader(fromHex('05000000000000')), 1))
      .to.throw(DecodeError)
      .with.property('offset', 0);
    expect(() => readValidity(new Reader(fromHex('03A13254000000')), 1))
      .to.throw(DecodeError)
      .with.property('offset', 1);
  });
});
