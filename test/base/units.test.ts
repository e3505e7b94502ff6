import { expect } from 'chai';
import { parseDuration, parseSize, printDuration } from '../../lib/base/units.ts';

describe('durations', () => {
  const cases: [text: string, ms: number | undefined][] = [
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['5d', 432_000_000],
    ['1w', 604_800_000],
    ['250ms', 250],
    ['1.5h', 5_400_000],
    ['90', undefined],
    ['-1s', undefined],
    ['1y', undefined],
    ['', undefined],
  ];
  for (const [text, ms] of cases) {
    it(`"${text}" is ${ms ?? 'no duration'}`, () => {
      expect(parseDuration(text)).to.equal(ms);
    });
  }

  it('are printed as people say them', () => {
    expect([250, 30_000, 900_000, 7_200_000, 432_000_000].map(printDuration)).to.deep.equal([
      '250 ms',
      '30 s',
      '15 min',
      '2 h',
      '5 d',
    ]);
  });
});

describe('sizes', () => {
  it('are counted in units of 1024', () => {
    expect([parseSize('10MB'), parseSize('1 kb'), parseSize('7B')]).to.deep.equal([10_485_760, 1024, 7]);
  });

  it('need a unit', () => {
    expect([parseSize('10'), parseSize('MB'), parseSize('ten MB')]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
