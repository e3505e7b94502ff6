import { expect } from 'chai';
import { parseDuration, parseRate, parseSize, printDuration, printRate } from '../../lib/base/units.ts';

describe('durations', () => {
  const cases: [text: string, ms: number | undefined][] = [
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['5d', 432_000_000],
    ['1w', 604_800_000],
    ['250ms', 250],
    ['1.5h', 5_400_000],
    ['90sec', 90_000],
    ['15 min', 900_000],
    ['1 hour', 3_600_000],
    ['2 days', 172_800_000],
    ['3 weeks', 1_814_400_000],
    ['10M', undefined],
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
  const cases: [text: string, octets: number | undefined][] = [
    ['10MB', 10_485_760],
    ['10M', 10_485_760],
    ['10MiB', 10_485_760],
    ['10 m', 10_485_760],
    ['1 kb', 1024],
    ['1.5K', 1536],
    ['2G', 2_147_483_648],
    ['7B', 7],
    ['1048576', 1_048_576],
    ['MB', undefined],
    ['ten MB', undefined],
    ['10TB', undefined],
    ['10 M B', undefined],
  ];
  for (const [text, octets] of cases) {
    it(`"${text}" is ${octets ?? 'no size'}`, () => {
      expect(parseSize(text)).to.equal(octets);
    });
  }
});

describe('rates', () => {
  const cases: [text: string, rate: { count: number; ms: number } | undefined, printed?: string][] = [
    ['30/m', { count: 30, ms: 60_000 }],
    ['5/s', { count: 5, ms: 1000 }],
    ['1/10s', { count: 1, ms: 10_000 }],
    ['500/2h', { count: 500, ms: 7_200_000 }],
    ['30 / minute', { count: 30, ms: 60_000 }, '30/m'],
    ['1/90s', { count: 1, ms: 90_000 }],
    ['1/250ms', { count: 1, ms: 250 }],
    ['30', undefined],
    ['/m', undefined],
    ['30/y', undefined],
    ['-1/s', undefined],
  ];
  for (const [text, rate, printed = text] of cases) {
    it(`"${text}" is ${rate === undefined ? 'no rate' : `${rate.count} in ${rate.ms} ms`}`, () => {
      expect(parseRate(text)).to.deep.equal(rate);
      if (rate !== undefined) expect(printRate(rate)).to.equal(printed);
    });
  }
});
