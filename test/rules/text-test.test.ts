import { expect } from 'chai';
import { outgoing, applies } from './message.ts';
import { wildcard } from '../../lib/rules/match/wildcard.ts';
import { inNetwork, parseAddress, parseNetwork } from '../../lib/rules/match/cidr.ts';
import { listLines, listsNamed } from '../../lib/rules/lists-named.ts';

const lists = (name: string): readonly string[] | undefined =>
  name === 'known' ? ['+15551230001', 'Jane'] : undefined;

function holds(test: string, text: string): boolean {
  return applies(`{ body: ${test} }`, outgoing({ text }), { lists });
}

describe('comparing a text', () => {
  const cases: readonly (readonly [test: string, text: string, expected: boolean])[] = [
    ['{ contains: alarm }', 'big ALARM now', true],
    ['{ contains: alarm, case: true }', 'big ALARM now', false],
    ['{ contains: alarm, not: true }', 'quiet', true],
    ['{ contains: [a1, b2] }', 'x b2 x', true],
    ['{ contains: [a1, b2] }', 'x c3 x', false],
    ['{ contains: cat, words: true }', 'concatenate', false],
    ['{ contains: cat, words: true }', 'concatenate the cat', true],
    ['{ contains: über, words: true }', 'darüber', false],
    ['{ contains: [cat, dog], words: true }', 'hotdogs', false],
    ['{ is: yes }', 'YES', true],
    ['{ is: yes }', 'yes please', false],
    ['{ is: [yes, no] }', 'No', true],
    ['{ starts: re }', 'Re: x', true],
    ['{ starts: re, words: true }', 'report', false],
    ['{ ends: done }', 'all done', true],
    ['{ ends: one, words: true }', 'all done', false],
    ['{ wildcard: "a?c*" }', 'abcdef', true],
    ['{ wildcard: "a?c" }', 'abcd', false],
    ["{ regex: '^a.c$' }", 'ABC', true],
    ["{ regex: '^a.c$', case: true }", 'ABC', false],
    ["{ regex: ['^x', 'c$'] }", 'abc', true],
    ["{ regex: '^x', not: true }", 'abc', true],
    ['{ contains: { list: known } }', 'from jane with love', true],
    ['{ is: { list: known } }', '+15551230001', true],
    ['{ is: { list: known } }', '+155512300011', false],
    ['{ is: { list: known }, case: true }', 'jane', false],
    ['{ starts: { list: known }, not: true }', 'x', true],
  ];
  for (const [test, text, expected] of cases) {
    it(`${test} ${expected ? 'holds' : 'does not hold'} for "${text}"`, () => {
      expect(holds(test, text)).to.equal(expected);
    });
  }
});

describe('a wildcard', () => {
  const cases: readonly (readonly [text: string, pattern: string, expected: boolean])[] = [
    ['', '', true],
    ['', '*', true],
    ['', '?', false],
    ['abc', '*', true],
    ['abc', 'a*c', true],
    ['abc', '*b', false],
    ['aXbXc', '*X*', true],
    ['mississippi', 'm*iss*pi', true],
    ['mississippi', 'm*issi*i?i', false],
    ['a.b', 'a.b', true],
    ['aab', 'a.b', false],
  ];
  for (const [text, pattern, expected] of cases) {
    it(`${pattern} ${expected ? 'is' : 'is not'} like "${text}"`, () => {
      expect(wildcard(text, pattern)).to.equal(expected);
    });
  }

  it('takes no longer than the product of the lengths', () => {
    expect(wildcard('a'.repeat(20_000), `${'a*'.repeat(200)}b`)).to.equal(false);
  });
});

describe('an IP network', () => {
  const inside: readonly (readonly [address: string, network: string, expected: boolean])[] = [
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.0.0.127', '10.0.0.0/25', true],
    ['10.0.0.128', '10.0.0.0/25', false],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['2001:db8::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', true],
    ['[::1]', '::1', true],
    ['fe80::1%eth0', 'fe80::/10', true],
    ['1.2.3.4', '0.0.0.0/0', true],
    ['::1', '0.0.0.0/0', false],
  ];
  for (const [address, network, expected] of inside) {
    it(`${network} ${expected ? 'has' : 'does not have'} ${address}`, () => {
      const parsed = parseNetwork(network) ?? expect.fail('no network');
      expect(inNetwork(parseAddress(address) ?? expect.fail('no address'), parsed)).to.equal(expected);
    });
  }
  for (const bad of [
    '',
    'x',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4/33',
    '::1/129',
    '1::2::3',
    '1:2:3',
    '1.2.3.4/8/8',
    ':::',
    '1.2.3.4/',
  ]) {
    it(`is not ${JSON.stringify(bad)}`, () => {
      expect(parseNetwork(bad)).to.equal(undefined);
    });
  }
});

describe('a list', () => {
  it('has one text in a line, without comments', () => {
    expect(listLines('# known\r\n+1555\n\n  Jane \n')).to.deep.equal(['+1555', 'Jane']);
  });

  it('is found wherever rules name it', () => {
    const rules = [
      {
        when: {
          any: [{ body: { is: { list: 'a' } } }, { not: { from: { contains: { list: './b.txt' } } } }],
        },
      },
    ];
    expect(listsNamed(rules)).to.deep.equal(['a', './b.txt']);
  });
});
