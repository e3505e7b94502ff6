import { expect } from 'chai';
import fc from 'fast-check';
import { Pattern } from '../../lib/rules/match/regex.ts';
import { regexCost, steps } from '../../lib/rules/match/regex-cost.ts';

const degree = (source: string): number => regexCost(source).degree;

describe('the cost of a regular expression', () => {
  const cases: readonly (readonly [source: string, degree: number])[] = [
    ['abc', 1],
    ['^abc', 0],
    ['^(?!.*@)(.*)$', 2],
    ['^(\\+1)(.*)', 1],
    ['(.[?[\\d]*)(?!@)', 2],
    ['(\\+15551234567)|(\\+15551238866)', 1],
    ['^a|b', 1],
    ['^.*.*.*$', 3],
    ['^(?:abc)+$', 1],
    ['^[^\\]]*\\]$', 1],
    ['^(a)\\1$', 1],
    ['^(a+)?$', 1],
    ['^(a+){2,3}$', 3],
    ['(a+)+', Infinity],
    ['(a|b)*', Infinity],
    ['(a?){2,}', Infinity],
    ['(?:(?:x{1,9}){1,9})+', Infinity],
  ];
  for (const [source, expected] of cases) {
    it(`${source} is of degree ${expected}`, () => {
      expect(degree(source)).to.equal(expected);
    });
  }

  it('counts choices without an unbounded quantifier too', () => {
    expect(steps(regexCost(`^${'(a|a)'.repeat(40)}b`), 10)).to.be.greaterThan(Math.log(1e9));
    expect(steps(regexCost(`^${'a?'.repeat(40)}b`), 10)).to.be.greaterThan(Math.log(1e9));
    expect(steps(regexCost('^(a{1,30}){1,30}$'), 10)).to.be.greaterThan(Math.log(1e9));
  });
});

describe('a regular expression', () => {
  const evil: readonly (readonly [source: string, text: string])[] = [
    ['^(a+)+$', `${'a'.repeat(60)}!`],
    ['(x+x+)+y', 'x'.repeat(60)],
    ['^(a|a)*$', `${'a'.repeat(60)}!`],
    ['^(?=(a+)+b)', 'a'.repeat(60)],
    ['^([a-z]+)*\\1$', `${'a'.repeat(60)}!`],
    [`^${'(a|a)'.repeat(50)}b`, 'a'.repeat(60)],
    [`${'a?'.repeat(24)}${'a'.repeat(24)}`, 'a'.repeat(23)],
    ['.*.*.*.*.*.*=.*', 'a'.repeat(5000)],
    ['\\s+$', `${' '.repeat(60_000)}x`],
  ];
  for (const [source, text] of evil) {
    it(`${source.slice(0, 40)} ends within its budget`, () => {
      const budget = { left: 60 };
      expect(new Pattern(source, { caseSensitive: true }).exec(text, budget)).to.be.oneOf(['timeout', null]);
      // Once it is spent no other slow pattern is tried.
      if (budget.left <= 0) {
        expect(new Pattern('(b|b)*c', { caseSensitive: true }).exec(text, budget)).to.equal('timeout');
      }
    });
  }

  const found: readonly (readonly [
    source: string,
    text: string,
    caseSensitive: boolean,
    match: readonly unknown[] | null,
  ])[] = [
    ['^(?!.*@)(.*)$', '+1555', false, ['+1555', '+1555']],
    ['^(?!.*@)(.*)$', '+1555@us', false, null],
    ['ALARM', 'alarm', false, ['alarm']],
    ['ALARM', 'alarm', true, null],
    ['(?i)ALARM', 'alarm', true, ['alarm']],
    ['(?s)a.b', 'a\nb', true, ['a\nb']],
    ['a.b', 'a\nb', true, null],
    ['(?m)^b$', 'a\nb', true, ['b']],
    ['^\\p{Lu}', 'Ä', true, ['Ä']],
    ['^.$', '\u{1f600}', true, ['\u{1f600}']],
    ['\\-\\"', '-"', true, ['-"']],
    ['(a|b)+c', 'xabac', true, ['abac', 'a']],
  ];
  for (const [source, text, caseSensitive, match] of found) {
    it(`${source} ${match === null ? 'is not found' : 'is found'} in ${JSON.stringify(text)}`, () => {
      const result = new Pattern(source, { caseSensitive }).exec(text, { left: 250 });
      if (match === null) expect(result).to.equal(null);
      else expect(result === null || result === 'timeout' ? result : [...result]).to.deep.equal(match);
    });
  }

  for (const source of ['(', '[', 'a**', '(?<n', '\\']) {
    it(`${source} is refused`, () => {
      expect(() => new Pattern(source, { caseSensitive: true })).to.throw();
    });
  }

  for (const source of [
    'a?'.repeat(25),
    'a{0,3}'.repeat(9),
    '(?:a?b?c?){3}'.repeat(3),
    '(?:(?:a?){3}){3}'.repeat(3),
  ]) {
    it(`${source.slice(0, 30)} has too many optional parts`, () => {
      expect(() => new Pattern(source, { caseSensitive: true })).to.throw('at most 24 optional parts');
    });
  }

  it('longer than 2000 characters is refused', () => {
    expect(() => new Pattern('a'.repeat(2001), { caseSensitive: true })).to.throw('at most 2000');
  });

  it('always has a cost, and finds what JavaScript finds where it is in time', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      '\\d',
      '[ab]',
      '(a)',
      '(?:b|c)',
      '(?=a)',
      '(?!b)',
      '^',
      '$',
      '|',
      '(',
      ')',
      '*',
      '+',
      '?',
      '{2}',
      '{1,3}',
      '{2,}',
      '\\1',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), fc.stringMatching(/^[abc1]{0,12}$/), (pieces, text) => {
        const source = pieces.join('');
        let plain: RegExp;
        try {
          plain = new RegExp(source, 'gu');
        } catch {
          return;
        }
        expect(steps(regexCost(source), text.length)).to.be.at.least(0);
        const match = new Pattern(source, { caseSensitive: true }).exec(text, { left: 250 });
        if (match !== 'timeout') expect(match).to.deep.equal(plain.exec(text));
      }),
      { numRuns: 2000 },
    );
  });
});
