import { expect } from 'chai';
import fc from 'fast-check';
import type { AddressInput } from '../../lib/sms/address.ts';
import { segmentBinary } from '../../lib/sms/binary.ts';
import { encodeCommand } from '../../lib/sms/command.ts';
import { encodeDeliver } from '../../lib/sms/deliver.ts';
import { DecodeError } from '../../lib/sms/errors.ts';
import { fromHex, toHex } from '../../lib/sms/hex.ts';
import { DEFAULT_TABLE, EXTENSION_TABLE, NONE } from '../../lib/sms/national.ts';
import { assemble, createReassembly, reassemble, type DeliverPart } from '../../lib/sms/reassembly.ts';
import { encodeDeliverReport, encodeSubmitReport } from '../../lib/sms/reports.ts';
import { segment } from '../../lib/sms/segment.ts';
import { packSeptets, packUssd, unpackSeptets, unpackUssd } from '../../lib/sms/septets.ts';
import { encodeStatusReport } from '../../lib/sms/status-report.ts';
import { encodeSubmit } from '../../lib/sms/submit.ts';
import { decodeTpdu, type Direction, type Tpdu } from '../../lib/sms/tpdu.ts';
import { encodeUdh } from '../../lib/sms/udh.ts';

const octet = fc.integer({ min: 0, max: 255 });
const gsmCharacter = fc.constantFrom(...`${DEFAULT_TABLE}${EXTENSION_TABLE}`.replaceAll(NONE, ''));
const gsmText = (maxLength: number) => fc.string({ unit: gsmCharacter, maxLength });
const anyText = (maxLength: number) =>
  fc.oneof(
    gsmText(maxLength),
    fc.string({ unit: 'grapheme', maxLength }),
    fc.string({ unit: 'binary', maxLength }),
  );

const digits = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength });
const number: fc.Arbitrary<AddressInput> = fc.oneof(
  digits(20).map((text) => `+${text}`),
  fc.string({ unit: fc.constantFrom(...'0123456789*#'), minLength: 1, maxLength: 20 }),
  fc.record({
    number: fc.string({ unit: fc.constantFrom(...'0123456789*#abc'), minLength: 1, maxLength: 20 }),
    ton: fc.constantFrom(0, 2, 3, 4, 6, 7),
    npi: fc.integer({ min: 0, max: 15 }),
  }),
  fc
    .string({ unit: fc.constantFrom(...'ABCxyz @ÄØ_-.'), minLength: 1, maxLength: 10 })
    .map((text) => `Z${text}`),
);

const time = fc
  .record({
    ms: fc.integer({ min: Date.UTC(1990, 0, 2), max: Date.UTC(2089, 11, 30) }),
    quarters: fc.integer({ min: -79, max: 79 }),
  })
  .map(({ ms, quarters }) => {
    const local = new Date(Math.floor(ms / 1000) * 1000 + quarters * 900_000).toISOString().slice(0, 19);
    const size = Math.abs(quarters) * 15;
    const two = (value: number): string => String(value).padStart(2, '0');
    return `${local}${quarters < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  });

const header = fc
  .array(fc.record({ id: fc.integer({ min: 0x80, max: 0xff }), data: fc.uint8Array({ maxLength: 6 }) }), {
    maxLength: 3,
  })
  .map((elements) => (elements.length === 0 ? undefined : encodeUdh(elements)));

const content = fc.oneof(
  fc.record({ text: gsmText(30), udh: header }),
  fc.record({
    text: fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.slice(0, 40)),
    udh: header,
  }),
  fc.record({ data: fc.uint8Array({ maxLength: 100 }), udh: header }),
);

const flag = fc.boolean();
const validity = fc.oneof(
  fc.constant(undefined),
  octet.map((raw) => ({ format: 'relative' as const, raw, minutes: 0 })),
  time.map((until) => ({ until })),
  fc.record({ seconds: fc.integer({ min: 1, max: 359_999 }), singleShot: flag }),
);

function back(tpdu: Uint8Array, direction: Direction): Tpdu {
  return decodeTpdu(tpdu, { smsc: false, direction });
}

/** The part of a decoded TPDU that an encoder takes again. */
function contentOf(tpdu: Tpdu): {
  text?: string;
  data?: Uint8Array;
  udh?: Uint8Array;
  dcs: number | undefined;
} {
  const { udh, data } = tpdu;
  const text = 'text' in tpdu ? tpdu.text : undefined;
  const dcs = 'dcs' in tpdu ? tpdu.dcs?.raw : undefined;
  return {
    ...(text !== undefined && { text }),
    ...(data && { data }),
    ...(udh && { udh }),
    dcs,
  };
}

describe('decoding after encoding', () => {
  it('gives back a DELIVER', () => {
    fc.assert(
      fc.property(
        number,
        time,
        content,
        octet,
        flag,
        flag,
        flag,
        (originator, timestamp, body, pid, moreMessages, statusReport, replyPath) => {
          const flags = { moreMessages, statusReport, replyPath };
          const octets = encodeDeliver({ originator, timestamp, pid, ...flags, ...body });
          const tpdu = back(octets, 'to-mobile');
          if (tpdu.type !== 'deliver') throw new Error(tpdu.type);
          expect(tpdu).to.deep.include({ pid, ...flags });
          expect(tpdu.timestamp).to.include({ iso: timestamp.replace('-00:00', '+00:00'), valid: true });
          for (const [key, value] of Object.entries(body))
            expect(tpdu).to.deep.include(value === undefined ? {} : { [key]: value });
          const again = encodeDeliver({ ...tpdu, ...contentOf(tpdu) });
          expect(toHex(again)).to.equal(toHex(octets));
        },
      ),
    );
  });

  it('gives back a SUBMIT', () => {
    fc.assert(
      fc.property(
        number,
        anyText(60),
        validity,
        octet,
        flag,
        flag,
        flag,
        (destination, text, period, reference, a, b, c) => {
          const flags = { statusReport: a, rejectDuplicates: b, replyPath: c };
          const [part] = segment(text).parts;
          if (part === undefined) throw new Error('no part');
          const octets = encodeSubmit({
            destination,
            segment: part,
            validity: period,
            messageReference: reference,
            ...flags,
          });
          const tpdu = back(octets, 'from-mobile');
          if (tpdu.type !== 'submit') throw new Error(tpdu.type);
          expect(tpdu).to.deep.include({ reference, ...flags });
          const again = encodeSubmit({
            ...tpdu,
            ...flags,
            segment: part,
            messageReference: reference,
            dcs: tpdu.dcs.raw,
          });
          expect(toHex(again)).to.equal(toHex(octets));
        },
      ),
    );
  });

  it('gives back a STATUS-REPORT', () => {
    fc.assert(
      fc.property(
        octet,
        number,
        time,
        time,
        octet,
        fc.option(content, { nil: {} }),
        flag,
        (reference, recipient, timestamp, discharge, status, body, forCommand) => {
          const octets = encodeStatusReport({
            reference,
            recipient,
            timestamp,
            discharge,
            status,
            forCommand,
            ...body,
          });
          const tpdu = back(octets, 'to-mobile');
          if (tpdu.type !== 'status-report') throw new Error(tpdu.type);
          expect(tpdu).to.deep.include({ reference, status, forCommand });
          expect(toHex(encodeStatusReport({ ...tpdu, ...contentOf(tpdu) }))).to.equal(toHex(octets));
        },
      ),
    );
  });

  it('gives back a DELIVER-REPORT and a SUBMIT-REPORT', () => {
    const cause = fc.option(fc.integer({ min: 8, max: 255 }), { nil: undefined });
    fc.assert(
      fc.property(
        cause,
        fc.option(octet, { nil: undefined }),
        fc.option(content, { nil: {} }),
        time,
        (failureCause, pid, body, timestamp) => {
          const deliver = encodeDeliverReport({ failureCause, pid, ...body });
          const one = back(deliver, 'from-mobile');
          if (one.type !== 'deliver-report') throw new Error(one.type);
          expect([one.failureCause, one.pid]).to.deep.equal([failureCause, pid]);
          expect(toHex(encodeDeliverReport({ ...one, ...contentOf(one) }))).to.equal(toHex(deliver));
          const submit = encodeSubmitReport({ failureCause, pid, timestamp, ...body });
          const other = back(submit, 'to-mobile');
          if (other.type !== 'submit-report') throw new Error(other.type);
          expect(toHex(encodeSubmitReport({ ...other, ...contentOf(other) }))).to.equal(toHex(submit));
        },
      ),
    );
  });

  it('gives back a COMMAND', () => {
    fc.assert(
      fc.property(
        number,
        octet,
        octet,
        octet,
        fc.uint8Array({ maxLength: 100 }),
        header,
        flag,
        (destination, command, messageNumber, pid, data, udh, statusReport) => {
          const octets = encodeCommand({ destination, command, messageNumber, pid, data, udh, statusReport });
          const tpdu = back(octets, 'from-mobile');
          if (tpdu.type !== 'command') throw new Error(tpdu.type);
          expect(tpdu).to.deep.include({ command, messageNumber, pid, statusReport, data });
          expect(toHex(encodeCommand(tpdu))).to.equal(toHex(octets));
        },
      ),
    );
  });

  it('gives back septets, with any fill bits', () => {
    const septets = fc.uint8Array({ max: 127, maxLength: 200 });
    fc.assert(
      fc.property(septets, fc.integer({ min: 0, max: 6 }), (values, fill) => {
        expect([...unpackSeptets(packSeptets(values, fill), fill, values.length)]).to.deep.equal([...values]);
      }),
    );
    fc.assert(
      fc.property(septets, (values) => {
        const found = [...unpackUssd(packUssd(values))];
        // One CR at the end is a filler where it ends the last octet: it may be sent and not come back.
        const wanted = [...values];
        if (wanted.length % 8 === 1 && wanted.at(-1) === 13 && wanted.at(-2) === 13) wanted.pop();
        expect(found).to.deep.equal(wanted);
      }),
    );
  });
});

describe('segments', () => {
  const options = fc.record({
    referenceBits: fc.constantFrom(8 as const, 16 as const),
    reference: fc.integer({ min: 0, max: 65_535 }),
    nationalShifts: fc.constantFrom(true, false, ['turkish', 'hindi']),
    smart: flag,
  });
  const national = fc.string({ unit: fc.constantFrom(...'ğşıİçãõêñकखगतमي پभا১২'), maxLength: 300 });

  it('reassemble to the text that was said to be sent, in any order', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText(700), national),
        options,
        fc.infiniteStream(fc.nat()),
        (text, chosen, order) => {
          const result = segment(text, chosen);
          expect(result.truncated).to.equal(false);
          if (result.replaced.length === 0) expect(result.text).to.equal(text);
          const parts = result.parts.map((part): DeliverPart => {
            expect(part.userData.length).to.be.at.most(140);
            const tpdu = back(
              encodeDeliver({ originator: '+1', timestamp: '2024-01-01T00:00:00Z', segment: part }),
              'to-mobile',
            );
            if (tpdu.type !== 'deliver') throw new Error(tpdu.type);
            return tpdu;
          });
          const keyed = parts.map((part) => [order.next().value as number, part] as const);
          keyed.sort(([a], [b]) => a - b);
          const state = createReassembly({ timeoutMs: 1 });
          const done = keyed.flatMap(([, part]) => reassemble(state, part, 0).done);
          expect(done).to.have.length(1);
          expect(assemble(done[0]?.parts ?? [])).to.deep.include({ text: result.text, missing: [] });
        },
      ),
    );
  });

  it('never end inside a surrogate pair, and fill no part beyond its room', () => {
    fc.assert(
      fc.property(anyText(400), fc.integer({ min: 1, max: 5 }), (text, maxParts) => {
        const result = segment(text, { maxParts });
        expect(result.parts.length).to.be.at.most(maxParts);
        expect(text.startsWith(result.text)).to.equal(true);
        expect(result.unitsLeft).to.be.within(0, result.unitsPerPart);
        const next = text.charCodeAt(result.text.length);
        const lastUnit = result.text.charCodeAt(result.text.length - 1);
        const inside = (lastUnit & 0xfc00) === 0xd800 && (next & 0xfc00) === 0xdc00;
        expect(inside).to.equal(false);
      }),
    );
  });

  it('carry octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), octet, (data, reference) => {
        const { parts } = segmentBinary(data, { reference, ports: { destination: 1, source: 2 } });
        const tpdus = parts.map((part) => {
          const tpdu = back(encodeSubmit({ destination: '1', segment: part }), 'from-mobile');
          if (tpdu.type !== 'submit') throw new Error(tpdu.type);
          return { ...tpdu, originator: tpdu.destination };
        });
        expect(Buffer.compare(assemble(tpdus).data ?? new Uint8Array(0), data)).to.equal(0);
      }),
    );
  });
});

describe('whatever comes in', () => {
  const directions = ['to-mobile', 'from-mobile'] as const;

  function survives(octets: Uint8Array): void {
    for (const direction of directions) {
      for (const lenient of [false, true]) {
        for (const smsc of [false, true]) {
          try {
            decodeTpdu(octets, { direction, lenient, smsc });
          } catch (error) {
            expect(error).to.be.instanceOf(DecodeError);
            const { field, offset, reason } = error as DecodeError;
            expect(field).to.match(/^[a-z.-]+$/);
            expect(offset).to.be.within(0, octets.length);
            expect(reason).to.be.a('string').and.not.equal('');
          }
        }
      }
    }
  }

  it('decodes or throws a DecodeError with field, octet and reason', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survives), { numRuns: 2000 });
  });

  it('does so for good PDUs with octets changed, put in or left out', () => {
    const good = segment('Grüße '.repeat(60)).parts.map((part) =>
      encodeSubmit({ destination: '+15551234567', segment: part, validity: 5 }),
    );
    const mutation = fc.record({
      at: fc.nat(170),
      value: octet,
      kind: fc.constantFrom('set', 'insert', 'drop', 'cut'),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...good),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        (pdu, mutations) => {
          const octets = [...pdu];
          for (const { at, value, kind } of mutations) {
            const place = at % (octets.length + 1);
            if (kind === 'set') octets[Math.min(place, octets.length - 1)] = value;
            else if (kind === 'insert') octets.splice(place, 0, value);
            else if (kind === 'drop') octets.splice(place, 1);
            else octets.length = place;
          }
          survives(Uint8Array.from(octets));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is hexadecimal or a DecodeError', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(toHex(fromHex(text))).to.equal(text.toUpperCase());
        } catch (error) {
          expect(error).to.be.instanceOf(DecodeError);
        }
      }),
    );
  });
});
