import { expect } from 'chai';
import { laneFor, serves, waitingFor } from '../../lib/routing/lanes.ts';

const us = { id: 'us', prefixes: ['+1'] };
const de = { id: 'de', prefixes: ['+49', '+43'] };
const any = { id: 'any', prefixes: [] };

describe('lanes', () => {
  const cases: [name: string, lane: string | undefined, expected: string | undefined][] = [
    ['a pinned message has its gateway alone', laneFor('+15551234567', 'de', [us, de]), '=de'],
    ['a number that all may take', laneFor('+15551234567', undefined, [any, us]), '*'],
    ['a number that one may take', laneFor('+4917012345', undefined, [us, de]), 'de'],
    ['a number that some may take, in one spelling', laneFor('+4312345', undefined, [us, de, any]), 'any,de'],
    ['a number that none may take', laneFor('+33123456789', undefined, [us, de]), undefined],
    [
      'a longer prefix takes fewer numbers',
      laneFor('+4398765', undefined, [de, { id: 'at', prefixes: ['+431'] }]),
      'de',
    ],
  ];
  for (const [name, lane, expected] of cases) {
    it(name, () => {
      expect(lane).to.equal(expected);
    });
  }

  it('every gateway that may take a number serves its lane, and no other does', () => {
    const lane = laneFor('+4312345', undefined, [us, de, any]) ?? '';
    expect(['us', 'de', 'any'].map((id) => serves(id, lane))).to.deep.equal([false, true, true]);
    expect(['us', 'de', 'any'].map((id) => serves(id, '=us'))).to.deep.equal([true, false, false]);
    expect(['us', 'de', 'any'].map((id) => serves(id, '*'))).to.deep.equal([true, true, true]);
  });

  it('a gateway whose id begins like another does not serve its lane', () => {
    expect(serves('modem1', '=modem10')).to.equal(false);
    expect(serves('modem1', 'modem10,modem2')).to.equal(false);
  });

  it('what waits for a gateway is what waits in the lanes it serves', () => {
    const lanes = { '*': 1, '=us': 10, '=de': 100, 'de,us': 1000, 'any,de': 10_000 };
    expect(['us', 'de', 'any'].map((id) => waitingFor(id, lanes))).to.deep.equal([1011, 11_101, 10_001]);
    expect(waitingFor('us', {})).to.equal(0);
  });
});
