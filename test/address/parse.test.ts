import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { AddressError } from '../../lib/address/errors.ts';
import { parseRecipient, type AddressOptions, type Recipient } from '../../lib/address/parse.ts';
import { opened, thrownBy } from './opened.ts';

interface Case {
  name: string;
  address: string;
  options?: Partial<AddressOptions>;
  kind?: Recipient['kind'];
  domain?: string;
  local?: string;
  numbers?: string[];
  parameters?: Record<string, unknown>;
  redacted?: string;
  error?: { part: string; position: number; told?: string };
}

const { options, cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/address/recipients.json', import.meta.url), 'utf8'),
) as { options: AddressOptions; cases: Case[] };

describe('recipient addresses', () => {
  for (const each of cases) {
    it(`${each.name}: <${JSON.stringify(each.address).slice(1, -1)}>`, () => {
      const read = (): Recipient => parseRecipient(each.address, { ...options, ...each.options });
      if (each.error !== undefined) {
        const error = thrownBy(read);
        expect(error).to.include(each.error);
        expect([error.smtp, error.enhanced, error.temporary]).to.deep.equal([553, '5.1.3', false]);
        return;
      }
      const found = read();
      expect(found.kind).to.equal(each.kind ?? 'sms');
      if (each.domain !== undefined) expect(found.domain).to.equal(each.domain);
      if (each.redacted !== undefined) expect(found.redacted).to.equal(each.redacted);
      if (found.kind === 'sms') {
        expect(found.numbers).to.deep.equal(each.numbers);
        expect(opened(found.parameters)).to.deep.equal(each.parameters ?? {});
      } else {
        expect(found.local).to.equal(each.local);
      }
    });
  }
});

interface Seen {
  program: string;
  given: 'A' | 'Q';
  address: string;
  refused?: string;
}

const wire = JSON.parse(
  readFileSync(new URL('../../fixtures/address/on-the-wire.json', import.meta.url), 'utf8'),
) as { parameters: Record<string, unknown>; seen: Seen[] };

describe('one address as mail programs send it', () => {
  for (const { program, given, address, refused } of wire.seen) {
    it(`${program}, given ${given}: <${address}>`, () => {
      if (refused !== undefined) {
        expect(thrownBy(() => parseRecipient(address, options)).told).to.contain(refused);
        return;
      }
      const found = parseRecipient(address, options);
      expect(found).to.include({ kind: 'sms', redacted: '"sms:+15551234567?user=u&pass=***"@sms.test' });
      if (found.kind === 'sms') expect(opened(found.parameters)).to.deep.equal(wire.parameters);
    });
  }
});

describe('what an address error tells', () => {
  it('is one line of printable ASCII that fits into an SMTP reply, however long the address', () => {
    const long = 'é'.repeat(5000);
    for (const address of [
      `sms:${long}@sms.test`,
      `sms:+15551234567?${long}=1@sms.test`,
      `"${long}`,
      `+1/${long}@sms.test`,
    ]) {
      const { told } = thrownBy(() => parseRecipient(address, options));
      expect(told).to.match(/^[ -~]{1,400}$/);
    }
  });

  it('does not repeat a password, wherever the address breaks', () => {
    const password = 'hunter2';
    for (const address of [
      `sms:+15551234567&pass=${password}@sms.test`,
      `sms:+15551234567;pass=${password}@sms.test`,
      `sms:+1555x?pass=${password}@sms.test`,
      `sms:+15551234567?pass=a&${password}=1@sms.test`,
      `sms:+15551234567?pass=a&pid=${password}@sms.test`,
      `sms:+15551234567?pass=a&${password}@sms.test`,
      `sms:+15551234567?pass:${password}@sms.test`,
      `sms:+15551234567?pass=${password}%ff@sms.test`,
      `sms:+15551234567?pass=${password}%00@sms.test`,
      `sms:+15551234567?pass=x@${password}/`,
      `sms:+15551234567?pass=${password}&pass=${password}@sms.test`,
      `"sms:+15551234567?pass=${password}@sms.test`,
      `"sms:+15551234567?pass=${password}"x@sms.test`,
      `sms:+15551234567/pass=${password}@sms.test`,
      `sms=15551234567=pass=${password}=x@sms.test`,
      `sms%3A+15551234567%3Fpass%3D${password}%26x%3D1@sms.test`,
    ]) {
      const error = thrownBy(() => parseRecipient(address, options));
      expect(error, address).to.be.instanceOf(AddressError);
      expect(
        `${error.message} ${error.told} ${error.detail} ${error.part} ${JSON.stringify(error)}`,
        address,
      ).not.to.contain(password);
    }
  });
});
