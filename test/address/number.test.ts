import { expect } from 'chai';
import fc from 'fast-check';
import { getCountries, getCountryCallingCode, getExampleNumber } from 'libphonenumber-js/min';
import examples from 'libphonenumber-js/mobile/examples';
import { readFileSync } from 'node:fs';
import { normaliseNumber } from '../../lib/address/number.ts';
import { thrownBy } from './opened.ts';

const { good, bad } = JSON.parse(
  readFileSync(new URL('../../fixtures/address/numbers.json', import.meta.url), 'utf8'),
) as {
  good: { name: string; raw: string; country?: string; expect: string }[];
  bad: { name: string; raw: string; country?: string; position: number; told: string }[];
};

describe('phone numbers', () => {
  for (const each of good) {
    it(`reads ${each.name}: ${each.raw}`, () => {
      expect(normaliseNumber(each.raw, each.country)).to.equal(each.expect);
    });
  }

  for (const each of bad) {
    it(`refuses ${each.name}: ${JSON.stringify(each.raw)}`, () => {
      expect(thrownBy(() => normaliseNumber(each.raw, each.country))).to.include({
        position: each.position,
        told: each.told,
      });
    });
  }

  it('reads a mobile number of every country, national, without its plus and with 00', () => {
    const wrong: string[] = [];
    for (const country of getCountries()) {
      const example = getExampleNumber(country, examples);
      if (example === undefined) continue;
      const { number, nationalNumber } = example;
      const code = getCountryCallingCode(country);
      const spellings = [
        example.formatNational(),
        nationalNumber,
        code + nationalNumber,
        `00${number.slice(1)}`,
      ];
      for (const raw of spellings) {
        const read = normaliseNumber(raw, country);
        if (read !== number) wrong.push(`${country} ${raw}: ${read}, not ${number}`);
      }
    }
    expect(wrong).to.deep.equal([]);
  });

  it('leaves what it has read as it is', () => {
    const countries = fc.constantFrom(...getCountries());
    const digits = fc.stringMatching(/^\+?[0-9]{3,15}$/);
    fc.assert(
      fc.property(digits, countries, countries, (raw, first, second) => {
        let read: string;
        try {
          read = normaliseNumber(raw, first);
        } catch {
          return;
        }
        if (read.startsWith('+')) expect(normaliseNumber(read, second)).to.equal(read);
        else expect(normaliseNumber(read, first)).to.equal(read);
      }),
      { numRuns: 2000 },
    );
  });
});
