import { expect } from 'chai';
import fc from 'fast-check';
import { readDelphiDate, writeDelphiDate } from '../../lib/icewarp/delphi.ts';
import { readLine } from '../../lib/icewarp/line.ts';
import { printFinding } from '../../lib/icewarp/problem.ts';

const read = (text: string, level = false) => {
  const { row, bad, notes } = readLine(text, {
    file: 'f',
    line: 7,
    level,
    isGateway: (name) => name === 'modem1',
  });
  return { row, bad: bad.map(printFinding), notes: notes.map(printFinding) };
};

describe('a line of sms.dat, smsusers.dat or smsstat.dat', () => {
  it('has ten fields', () => {
    expect(read('john: p w :modem1: John Doe :100:12:1795400000:80:46752:1')).to.deep.equal({
      row: {
        user: 'john',
        password: ' p w ',
        gateway: 'modem1',
        description: ' John Doe ',
        maxsend: 100,
        sent: 12,
        lastsent: 1_795_400_000_000,
        prevsent: 80,
        expire: '2027-12-31',
        inactive: true,
      },
      bad: [],
      notes: [],
    });
  });

  it('may leave all of them blank', () => {
    const { row, bad, notes } = read(':::::::::');
    expect({ bad, notes }).to.deep.equal({ bad: [], notes: [] });
    expect(row).to.deep.include({
      user: '',
      maxsend: 0,
      lastsent: undefined,
      expire: undefined,
      inactive: false,
    });
  });

  it('that is too short is filled with blanks, and that is told', () => {
    const { row, notes } = read('short:pw::Short:5');
    expect(row).to.deep.include({ user: 'short', maxsend: 5, sent: 0, inactive: false });
    expect(notes).to.deep.equal([
      'f:7:18: 5 fields instead of 10: sent, lastsent, prevsent, expire, inactive taken as blank',
    ]);
  });

  const BAD: readonly (readonly [name: string, line: string, told: string])[] = [
    ['a word for a number', 'a:b:::many:0:0:0:0:0', 'f:7:7: maxsend: "many" is no whole number'],
    ['a negative limit', 'a:b:::-1:0:0:0:0:0', 'f:7:7: maxsend: "-1" is no whole number'],
    ['a fraction of a message', 'a:b:::1.5:0:0:0:0:0', 'f:7:7: maxsend: "1.5" is no whole number'],
    [
      'a word for a date',
      'a:b:::0:0:0:0:soon:0',
      'f:7:15: expire: "soon" is no Delphi date (days since 1899-12-30)',
    ],
    [
      'a unix time for a Delphi date',
      'a:b:::0:0:0:0:1795400000:0',
      'f:7:15: expire: "1795400000" lies beyond the year 9999 as a Delphi date; it looks like a unix time',
    ],
    [
      'a day that is none',
      'a:b:::0:0:0:0:2026-02-30:0',
      'f:7:15: expire: "2026-02-30" is not a day of the calendar',
    ],
    [
      'a Delphi date for a unix time',
      'a:b:::0:3:46347.5:0:0:0',
      'f:7:11: lastsent: "46347.5" is no unix time; it looks like a Delphi date',
    ],
    ['no flag', 'a:b:::0:0:0:0:0:maybe', 'f:7:17: inactive: "maybe" is neither 0 nor 1'],
    ['a control character', 'a\u0007:b:::0:0:0:0:0:0', 'f:7:1: user: holds a control character'],
  ];
  for (const [name, line, told] of BAD) {
    it(`is refused for ${name}, and says where`, () => {
      const { row, bad } = read(line);
      expect(row).to.equal(undefined);
      expect(bad).to.deep.equal([told]);
    });
  }

  it('tells of everything that is wrong in it', () => {
    expect(read('a:b:::x:y:z:0:0:0').bad).to.have.length(3);
  });
});

describe('a colon too many', () => {
  it("is the description's where the field before it is blank or a gateway", () => {
    for (const gateway of ['', 'modem1']) {
      const { row, notes } = read(`a:b:${gateway}:Office: second: floor:5:0:0:0:0:0`);
      expect(row).to.deep.include({
        password: 'b',
        gateway,
        description: 'Office: second: floor',
        maxsend: 5,
      });
      expect(notes).to.have.length(1);
      expect(notes[0]).to.contain('read as "Office: second: floor"');
    }
  });

  it("is the description's in the file of a level, where there is no password", () => {
    expect(read('::::a:b:5:0:0:0:0:0', true).row).to.deep.include({ description: ':a:b', maxsend: 5 });
  });

  const REFUSED: readonly (readonly [name: string, line: string, told: RegExp])[] = [
    [
      'it may be the password that holds it',
      'a:b:c:modem1:d:5:0:0:0:0:0',
      /whether the password or the description/,
    ],
    ['both readings fit', 'a:b:::modem1:d:5:0:0:0:0:0:0', /whether the password or the description/],
    ['numbers are no numbers', 'a:b::d:5:0:0:0:0:0:x', /the last six are not all numbers/],
  ];
  for (const [name, line, told] of REFUSED) {
    it(`is refused where ${name}`, () => {
      const { row, bad } = read(line);
      expect(row).to.equal(undefined);
      expect(bad.join()).to.match(told);
    });
  }
});

describe("Delphi's dates", () => {
  const CASES: readonly (readonly [written: string, day: string])[] = [
    ['1', '1899-12-31'],
    ['2', '1900-01-01'],
    ['25569', '1970-01-01'],
    ['46752', '2027-12-31'],
    ['2958465', '9999-12-31'],
  ];
  for (const [written, day] of CASES) {
    it(`${written} is ${day}`, () => {
      expect(readDelphiDate(written)).to.deep.equal({ kind: 'day', day, time: false });
      expect(writeDelphiDate(day)).to.equal(Number(written));
    });
  }

  it('0 and nothing are none', () => {
    for (const none of ['', ' ', '0', '0.0', '0,00'])
      expect(readDelphiDate(none)).to.deep.equal({ kind: 'none' });
  });

  it('fractions are times of the day, after a point or a comma', () => {
    for (const written of ['46752.75', '46752,75']) {
      expect(readDelphiDate(written)).to.deep.equal({ kind: 'day', day: '2027-12-31', time: true });
    }
  });

  it('days as people write them are taken', () => {
    expect(readDelphiDate('2027/12/31')).to.deep.equal({ kind: 'day', day: '2027-12-31', time: false });
  });

  it('every day from 1899-12-31 on is the same after writing and reading', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_958_465 }), (days) => {
        const date = readDelphiDate(String(days));
        expect(date.kind === 'day' && writeDelphiDate(date.day)).to.equal(days);
      }),
    );
  });
});
