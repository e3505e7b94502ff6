import { expect } from 'chai';
import { splitInternetMail } from '../../../lib/sms/internet-mail.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { decoded, firstPart, numberOf, type Check, type Vector } from './vector.ts';

interface Expected {
  readonly udh?: {
    readonly concat?: { ref: number; count: number; seq: number; bits: number };
    readonly ports?: { dst: number; src: number; bits: number };
  };
  readonly text?: string;
  readonly smsc?: string;
  readonly number?: string;
  readonly email_from?: string;
  readonly email_body?: string;
  readonly segments?: number;
  readonly septets?: number;
  readonly shift_table?: number;
}

export const android: Check = (vector) => {
  const expected = vector.expected as Expected;
  if (vector.direction === 'split') return split(vector, expected);
  const tpdu = decoded(vector);
  if (tpdu.type !== 'deliver') throw new Error(`decoded as ${tpdu.type}`);
  const { concat, ports } = expected.udh ?? {};
  if (concat) {
    expect(tpdu.concat).to.deep.equal({
      ref: concat.ref,
      total: concat.count,
      seq: concat.seq,
      bits: concat.bits,
    });
  }
  if (ports)
    expect(tpdu.ports).to.deep.equal({ destination: ports.dst, source: ports.src, bits: ports.bits });
  if (expected.text !== undefined) expect(tpdu.text).to.equal(expected.text);
  if (expected.smsc !== undefined) expect(tpdu.smsc?.number).to.equal(expected.smsc);
  if (expected.number !== undefined) expect(numberOf(tpdu)).to.equal(expected.number);
  if (expected.email_from !== undefined) {
    const mail = splitInternetMail(tpdu.text ?? '');
    expect(mail?.address).to.equal(expected.email_from);
    expect(mail?.body).to.equal(expected.email_body);
  }
  return undefined;
};

function split(vector: Vector, expected: Expected): undefined {
  const input = vector['input'] as {
    text: string;
    single_shift_tables?: string[];
    locking_shift_tables?: string[];
  };
  const result = segment(input.text, {
    nationalShifts: { single: input.single_shift_tables ?? [], locking: input.locking_shift_tables ?? [] },
  });
  expect(result.parts).to.have.length(expected.segments ?? 0);
  expect(result.encoding).to.equal('gsm7');
  expect(result.unitsUsed).to.equal(expected.septets);
  if (expected.shift_table === 1) {
    expect(result.shifts).to.deep.equal({ single: 'turkish' });
    expect([...(firstPart(result.parts).udh ?? [])].slice(-3)).to.deep.equal([0x24, 1, 1]);
  }
}
