import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { Secret } from '../../lib/base/secret.ts';
import {
  mergeParameters,
  parseParameters,
  printParameters,
  readParameters,
} from '../../lib/address/parameters.ts';
import type { Pair } from '../../lib/address/query.ts';
import { opened, thrownBy } from './opened.ts';

const { good, bad } = JSON.parse(
  readFileSync(new URL('../../fixtures/address/parameters.json', import.meta.url), 'utf8'),
) as {
  good: { name: string; query: string; expect: Record<string, unknown> }[];
  bad: { name: string; query: string; position: number; part?: string; told?: string }[];
};

describe('parameters', () => {
  for (const each of good) {
    it(`reads ${each.name}: ${each.query}`, () => {
      expect(opened(parseParameters(each.query))).to.deep.equal(each.expect);
    });

    it(`prints ${each.name} so that it reads the same again`, () => {
      const printed = printParameters(parseParameters(each.query), 'open');
      expect(opened(parseParameters(printed))).to.deep.equal(each.expect);
    });
  }

  for (const { name, query, ...expected } of bad) {
    it(`refuses ${name}: ${query}`, () => {
      expect(thrownBy(() => parseParameters(query))).to.include(expected);
    });
  }

  it('prints in the order of the table, with the password hidden unless it is asked for', () => {
    const parameters = parseParameters('maxmsgs=3&pass=a%26b&user=j%40x');
    expect(printParameters(parameters)).to.equal('user=j%40x&pass=***&maxmsgs=3');
    expect(printParameters(parameters, 'open')).to.equal('user=j%40x&pass=a%26b&maxmsgs=3');
    expect(inspect(parameters)).not.to.contain('a&b');
    expect(JSON.stringify(parameters)).not.to.contain('a&b');
  });

  it('lets what is laid over decide', () => {
    const base = { maxmsgs: 7, id: 'modem1', value: ['a'] };
    expect(mergeParameters(base, { maxmsgs: 3, value: ['b'] })).to.deep.equal({
      maxmsgs: 3,
      id: 'modem1',
      value: ['b'],
    });
  });
});

describe('parameters from decoded pairs', () => {
  const pairs = (query: string): Pair[] =>
    [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }));

  it('reads an HTTP query', () => {
    const parameters = readParameters(pairs('user=john&pass=a%40b&maxmsgs=3&value=&unicode=1&udh='));
    expect(opened(parameters)).to.deep.equal({
      user: 'john',
      pass: 'a@b',
      maxmsgs: 3,
      value: ['&unicode=1'],
    });
    expect(parameters.pass).to.be.instanceOf(Secret);
  });

  it('reads % and / as the at sign of a user where the option is on', () => {
    const read = (query: string, userAt: boolean): unknown => readParameters(pairs(query), { userAt }).user;
    expect(read('user=john%25icewarp.com', true)).to.equal('john@icewarp.com');
    expect(read('user=john/icewarp.com', true)).to.equal('john@icewarp.com');
    expect(read('user=a/b%40c', true)).to.equal('a/b@c');
    expect(read('user=john/icewarp.com', false)).to.equal('john/icewarp.com');
  });

  it('counts the pairs for the position in an error', () => {
    expect(thrownBy(() => readParameters(pairs('flash=1&id=x&maxmsg=3')))).to.include({ position: 2 });
    expect(thrownBy(() => readParameters(pairs('flash=1&id=a%0Db')))).to.include({
      part: 'parameter id',
      position: 1,
    });
  });

  it('refuses half a surrogate pair', () => {
    expect(thrownBy(() => readParameters([{ name: 'id', value: 'a\ud800' }])).part).to.equal('parameter id');
  });
});
