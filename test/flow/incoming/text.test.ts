import { expect } from 'chai';
import { incomingText } from '../../../lib/flow/incoming/text.ts';
import { segmentBinary } from '../../../lib/sms/binary.ts';
import { encodeDeliver } from '../../../lib/sms/deliver.ts';
import { fromHex } from '../../../lib/sms/hex.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { decodeTpdu } from '../../../lib/sms/tpdu.ts';
import type { IncomingBody, IncomingMessage, IncomingPart } from '../../../lib/store/records.ts';

const PHONE = '+15551234567';

/** A message as `receive` keeps it: the PDU with its SMSC octets, and what was read of it. */
function message(tpdus: readonly Uint8Array[], total = tpdus.length): IncomingMessage {
  const parts = tpdus.map((tpdu, index): IncomingPart => {
    const pdu = Uint8Array.of(0, ...tpdu);
    const read = decodeTpdu(pdu, { lenient: true });
    if (read.type !== 'deliver') throw new Error(`a ${read.type}`);
    const { text, data = new Uint8Array(), concat } = read;
    return {
      ...part(text === undefined ? { kind: 'binary', data } : { kind: 'text', text }, `p${index}`),
      pdu,
      ...(concat === undefined ? {} : { concat: { key: 'k', total: concat.total, sequence: concat.seq } }),
    };
  });
  return whole(parts, total);
}

function part(body: IncomingBody, id = 'p'): IncomingPart {
  return { id, gateway: 'a', fingerprint: id, number: PHONE, received: 0, body };
}

function whole(parts: readonly IncomingPart[], total = parts.length): IncomingMessage {
  return { id: 'm', gateway: 'a', number: PHONE, received: 0, parts, total, state: 'arrived', trace: [] };
}

function delivers(fields: Omit<Parameters<typeof encodeDeliver>[0], 'originator' | 'timestamp'>): Uint8Array {
  return encodeDeliver({ originator: PHONE, timestamp: '2026-11-23T10:00:00+01:00', ...fields });
}

/** Octets to an application port, in as many parts as they need. */
function toPort(port: number, data: Uint8Array): Uint8Array[] {
  const udh = Uint8Array.of(5, 4, port >> 8, port & 0xff, 0, 0);
  return segmentBinary(data, { udh, maxParts: 20, reference: 3 }).parts.map((each) =>
    delivers({ segment: each }),
  );
}

describe('a message from a phone as text', () => {
  it('is its text', () => {
    const parts = segment('Grüße! '.repeat(60).trim(), { reference: 1 }).parts;
    expect(incomingText(message(parts.map((each) => delivers({ segment: each }))))).to.deep.equal({
      text: 'Grüße! '.repeat(60).trim(),
      encoding: 'gsm7',
      missing: [],
      attachments: [],
    });
  });

  const card =
    'BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Zo=C3=AB\r\nTEL;CELL:+15550100\r\nEND:VCARD\r\n';

  it('names a contact card and attaches it, octet for octet', () => {
    const octets = Buffer.from(card);
    const { text, attachments, encoding, port } = incomingText(message(toPort(9204, octets)));
    expect(text).to.equal(
      `Contact: Zoë Müller, +15550100\nContact card, ${octets.length} octets, attached as contact.vcf.`,
    );
    expect({ encoding, port }).to.deep.equal({ encoding: '8bit', port: 9204 });
    expect(attachments).to.have.length(1);
    expect(attachments[0]).to.include({ name: 'contact.vcf', type: 'text/vcard' });
    expect(Buffer.from(attachments[0]?.content ?? [])).to.deep.equal(octets);
  });

  it('knows a contact card that came as text', () => {
    const text = 'BEGIN:VCARD\nVERSION:3.0\nFN:Ann Lee\nTEL:+15550100\nEMAIL:ann@example.com\nEND:VCARD';
    const read = incomingText(
      message(segment(text, { reference: 1 }).parts.map((each) => delivers({ segment: each }))),
    );
    expect(read.text).to.equal('Contact: Ann Lee, +15550100, ann@example.com');
    expect(read.attachments.map(({ name }) => name)).to.deep.equal(['contact.vcf']);
    expect(Buffer.from(read.attachments[0]?.content ?? []).toString()).to.equal(text);
  });

  it('tells a calendar entry', () => {
    const entry =
      'BEGIN:VCALENDAR\r\nVERSION:1.0\r\nBEGIN:VEVENT\r\nSUMMARY:Dentist\r\nDTSTART:20261124T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR';
    const { text, attachments } = incomingText(message(toPort(9205, Buffer.from(entry))));
    expect(text).to.match(/^Calendar entry: Dentist, 2026-11-24 09:00 UTC\n/);
    expect(attachments[0]).to.include({ name: 'calendar.ics', type: 'text/calendar' });
  });

  const kinds: readonly (readonly [number, string, string, string, boolean])[] = [
    [5505, '024a3a', 'Ringtone', 'ringtone.ott', false],
    [5506, '00480e01', 'Operator logo', 'logo.otb', false],
    [5514, '30', 'Picture message', 'picture.bin', false],
    [2948, '250601ae02056a', 'WAP push with a link (service indication)', 'service-indication.wsp', true],
    [2948, '01060403be8d84', 'Notice of a multimedia message', 'mms.wsp', true],
    [2948, '01062f1f2db6918192', 'Settings for the phone (OMA client provisioning)', 'settings.wsp', true],
    [2948, '0102', 'WAP push', 'push.wsp', true],
    [49999, '010604', 'Settings for the phone', 'settings.wbxml', true],
    [16000, '00ff', 'Binary data', 'data.bin', false],
  ];
  for (const [port, hex, name, file, automatic] of kinds) {
    it(`calls ${hex} to port ${port} ${name}`, () => {
      const octets = fromHex(hex);
      const read = incomingText(message(toPort(port, octets)));
      expect(read.text).to.equal(`${name}, ${octets.length} octets, attached as ${file}.`);
      expect(read.automatic).to.equal(automatic || undefined);
      expect(Buffer.from(read.attachments[0]?.content ?? [])).to.deep.equal(Buffer.from(octets));
    });
  }

  it('knows data for the SIM by its protocol identifier', () => {
    const read = incomingText(message([delivers({ data: Uint8Array.of(1, 2), pid: 0x7f, dcs: 0xf6 })]));
    expect(read.text).to.equal('Data for the SIM, 2 octets, attached as sim.bin.');
  });

  it('keeps all octets of several parts, and says what is missing', () => {
    const octets = Uint8Array.from({ length: 400 }, (_, index) => index & 0xff);
    const parts = toPort(5505, octets);
    const all = incomingText(message(parts));
    expect(Buffer.from(all.attachments[0]?.content ?? [])).to.deep.equal(Buffer.from(octets));
    const some = incomingText(message(parts.slice(0, 2), parts.length));
    expect(some.missing).to.deep.equal([3, 4].slice(0, parts.length - 2));
    expect(some.text).to.match(/\nParts? 3.* of it did not come\.$/);
  });

  it('knows the port of a gateway that hands over header and octets, not PDUs', () => {
    const udh = Uint8Array.of(5, 4, 0x23, 0xf4, 0, 0);
    const read = incomingText(whole([part({ kind: 'binary', data: Buffer.from(card), udh })]));
    expect(read.text).to.match(/^Contact: Zoë Müller/);
  });

  it('attaches what cannot be decoded, as it came', () => {
    const data = fromHex('040b9151');
    const read = incomingText(whole([part({ kind: 'undecoded', data, reason: 'it ends early' })]));
    expect(read.text).to.equal(
      'An SMS that could not be decoded: it ends early. It is attached as it came.\n\n040B9151',
    );
    expect(read.attachments).to.deep.equal([
      { name: 'sms.pdu', type: 'application/octet-stream', content: data },
    ]);
  });
});
