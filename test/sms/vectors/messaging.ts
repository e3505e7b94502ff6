import { expect } from 'chai';
import { segmentBinary } from '../../../lib/sms/binary.ts';
import type { MessageClass } from '../../../lib/sms/dcs.ts';
import { DecodeError } from '../../../lib/sms/errors.ts';
import { fromHex } from '../../../lib/sms/hex.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { encodeSubmit } from '../../../lib/sms/submit.ts';
import { decodeTpdu } from '../../../lib/sms/tpdu.ts';
import { concatOf, decodeUdh } from '../../../lib/sms/udh.ts';
import { encodeValidity, relativeValue } from '../../../lib/sms/validity.ts';
import { decoded, numberOf, pduOf, textOf, type Check, type Vector } from './vector.ts';

interface Input {
  readonly number: string;
  readonly text: string;
  readonly csca?: string;
  readonly fmt?: string;
  readonly klass?: string;
  readonly rand_id?: string;
  readonly validity?: string;
  readonly request_status?: string;
}

export const messaging: Check = (vector) => {
  const { expected } = vector;
  switch (vector.direction ?? '') {
    case 'absolute_validity': {
      const [time, zone] = vector['input'] as [string, string];
      const iso = zone === 'UTC' ? `${time}Z` : time;
      expect([...encodeValidity({ until: iso }).octets]).to.deep.equal(expected['value']);
      return undefined;
    }
    case 'relative_validity': {
      const [{ seconds }] = vector['input'] as [{ seconds: number }];
      expect(relativeValue(seconds / 60)).to.equal(expected['value']);
      return undefined;
    }
    case 'UDH': {
      const concat = concatOf(decodeUdh(fromHex((vector['input'] as [string])[0])));
      expect(concat).to.include({
        seq: expected['concat.seq'],
        total: expected['concat.cnt'],
        ref: expected['concat.ref'],
      });
      return undefined;
    }
    case 'encode':
      return encode(vector);
    default:
      return decode(vector);
  }
};

function encode(vector: Vector): undefined {
  const input = vector['input'] as Input;
  const days = /^(\d+) days/.exec(input.validity ?? '')?.[1];
  const { parts } =
    input.fmt === '4'
      ? segmentBinary(Buffer.from(input.text, 'latin1'))
      : segment(input.text, { reference: Number(input.rand_id ?? 0) });
  const [first] = parts;
  if (first === undefined) throw new Error('no parts');
  const tpdu = encodeSubmit({
    destination: input.number,
    segment: first,
    class: input.klass === undefined ? undefined : (Number(input.klass) as MessageClass),
    validity: days === undefined ? undefined : Number(days) * 24 * 60,
    statusReport: input.request_status === 'True',
  });
  expect(pduOf(input.csca, tpdu)).to.equal(vector.expected['pdu']);
  if (vector.expected['to_pdu()[0].length'] !== undefined) {
    expect(tpdu).to.have.length(vector.expected['to_pdu()[0].length'] as number);
  }
  return undefined;
}

function decode(vector: Vector): undefined {
  const { expected } = vector;
  // The one PDU that ends before its length says is read by the suite's "not strict" mode only.
  const lenient = vector.test.endsWith('_no_strict');
  const pdu = vector.pdu ?? '';
  if (lenient) expect(() => decodeTpdu(fromHex(pdu))).to.throw(DecodeError);
  const whole = pdu.slice(0, pdu.length & ~1);
  const tpdu = decoded({ ...vector, pdu: whole }, { lenient });
  if (expected['text'] !== undefined) expect(textOf(tpdu)).to.equal(expected['text']);
  if (expected['number'] !== undefined) expect(numberOf(tpdu)).to.equal(expected['number']);
  if (expected['csca'] !== undefined) expect(tpdu.smsc?.number).to.equal(expected['csca']);
  if (expected['udh.concat.ref'] !== undefined && tpdu.type === 'deliver') {
    expect(tpdu.concat).to.include({
      ref: expected['udh.concat.ref'],
      total: expected['udh.concat.cnt'],
      seq: expected['udh.concat.seq'],
    });
  }
  if (expected['date'] !== undefined && tpdu.type === 'deliver')
    expect(utc(tpdu.timestamp)).to.equal(expected['date']);
  const report = expected['sr'] as
    { status: number; scts: string; dt: string; recipient: string } | undefined;
  if (report !== undefined) {
    if (tpdu.type !== 'status-report') throw new Error(`decoded as ${tpdu.type}`);
    expect(tpdu.reference).to.equal(expected['data[ref]']);
    expect(tpdu.status).to.equal(report.status);
    expect(tpdu.timestamp.iso.slice(0, 19)).to.equal(report.scts);
    expect(tpdu.discharge.iso.slice(0, 19)).to.equal(report.dt);
    expect(tpdu.recipient.number).to.equal(report.recipient);
  }
}

/** The suite gives the times of a DELIVER in UTC, without saying so, and those of a report as they stand. */
function utc(timestamp: { epochMs?: number }): string {
  return new Date(timestamp.epochMs ?? NaN).toISOString().slice(0, 19);
}
