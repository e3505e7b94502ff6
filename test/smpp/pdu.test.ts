import { expect } from 'chai';
import fc from 'fast-check';
import { BODIES } from '../../lib/smpp/body.ts';
import {
  COMMANDS,
  type Command,
  DecodeError,
  EncodeError,
  Framing,
  STATUS,
  UnknownCommandError,
  commandOf,
  decodePdu,
  describeStatus,
  encodePdu,
  responseTo,
  tlv,
  tlvName,
  tlvOf,
} from '../../lib/smpp/smpp.ts';
import { fromHex, toHex } from '../../lib/sms/hex.ts';

/** PDUs octet by octet, laid out by SMPP 3.4 chapter 4. */
const PDUS: readonly { name: string; hex: string; pdu: Parameters<typeof encodePdu>[0] }[] = [
  {
    name: 'a bind',
    hex: '0000002F 00000002 00000000 00000001 534D50503354455354 00 7365637265743038 00 5355424D495431 00 50 01 01 00',
    pdu: {
      command: 'bind_transmitter',
      sequence: 1,
      body: {
        system_id: 'SMPP3TEST',
        password: 'secret08',
        system_type: 'SUBMIT1',
        interface_version: 0x50,
        addr_ton: 1,
        addr_npi: 1,
      },
    },
  },
  {
    name: 'an enquiry',
    hex: '00000010 00000015 00000000 7FFFFFFF',
    pdu: { command: 'enquire_link', sequence: 0x7fffffff },
  },
  {
    name: 'a response with a status',
    hex: '00000011 80000004 00000058 00000007 00',
    pdu: { command: 'submit_sm_resp', sequence: 7, status: STATUS.ESME_RTHROTTLED },
  },
  {
    name: 'a text with a report asked for',
    hex:
      '0000003B 00000004 00000000 00000002 00 05 00 616C657274 00 01 01 3135353531323334353637 00 ' +
      '00 00 00 00 00 01 00 08 00 04 00480069 0204 0002 1234',
    pdu: {
      command: 'submit_sm',
      sequence: 2,
      body: {
        source_addr_ton: 5,
        source_addr: 'alert',
        dest_addr_ton: 1,
        dest_addr_npi: 1,
        destination_addr: '15551234567',
        registered_delivery: 1,
        data_coding: 8,
        short_message: fromHex('00480069'),
      },
      tlvs: [tlv('user_message_reference', 0x1234)],
    },
  },
  {
    name: 'several destinations',
    hex:
      '00000035 00000021 00000000 00000003 00 00 00 00 02 01 01 01 3135353500 02 6F6E63616C6C00 ' +
      '00 00 00 00 00 00 00 00 00 02 4869 0424 0000',
    pdu: {
      command: 'submit_multi',
      sequence: 3,
      body: {
        dest_address: [{ ton: 1, npi: 1, address: '1555' }, { list: 'oncall' }],
        short_message: fromHex('4869'),
      },
      tlvs: [tlv('message_payload', new Uint8Array(0))],
    },
  },
];

const octets = (hex: string): Uint8Array => fromHex(hex.replaceAll(' ', ''));

describe('SMPP PDUs', () => {
  for (const { name, hex, pdu } of PDUS) {
    it(`writes ${name} and reads it back`, () => {
      const written = encodePdu(pdu);
      expect(toHex(written)).to.equal(toHex(octets(hex)));
      const read = decodePdu(written);
      expect(read).to.deep.include({ command: pdu.command, sequence: pdu.sequence, status: pdu.status ?? 0 });
      expect(toHex(encodePdu(read))).to.equal(toHex(written));
    });
  }

  const random = (): fc.Arbitrary<{ command: Command; octets: Uint8Array }> => {
    const values = {
      octet: fc.integer({ min: 0, max: 255 }),
      counted: fc.uint8Array({ maxLength: 255 }),
      destinations: fc.array(
        fc.oneof(
          fc.record({ ton: fc.nat(255), npi: fc.nat(255), address: fc.stringMatching(/^[\d+]{0,20}$/) }),
          fc.record({ list: fc.stringMatching(/^[a-z]{0,20}$/) }),
        ),
        { maxLength: 5 },
      ),
      unreached: fc.array(
        fc.record({
          ton: fc.nat(255),
          npi: fc.nat(255),
          address: fc.stringMatching(/^\d{0,20}$/),
          status: fc.nat(0x7fffffff),
        }),
        { maxLength: 5 },
      ),
    };
    return fc.constantFrom(...(Object.keys(COMMANDS) as Command[])).chain((command) => {
      const fields = BODIES[command] as readonly (readonly [
        string,
        keyof typeof values | 'cstring',
        number,
      ])[];
      const body = fc.record(
        Object.fromEntries(
          fields.map(([name, type, most]) => [
            name,
            type === 'cstring'
              ? fc.stringMatching(/^[!-~]*$/).map((text) => text.slice(0, most - 1))
              : values[type],
          ]),
        ),
      );
      const tlvs = fc.array(fc.record({ tag: fc.nat(0xffff), value: fc.uint8Array({ maxLength: 40 }) }), {
        maxLength: 4,
      });
      return fc
        .tuple(body, tlvs, fc.nat(0xffff), fc.nat(0x7fffffff))
        .map(([fields_, optional, status, sequence]) => ({
          command,
          octets: encodePdu({ command, body: fields_, tlvs: optional, status, sequence }),
        }));
    });
  };

  it('reads what it writes, whatever the command, the fields and the optional parameters', () => {
    fc.assert(
      fc.property(random(), ({ command, octets: written }) => {
        const read = decodePdu(written);
        expect(read.command).to.equal(command);
        expect(toHex(encodePdu(read))).to.equal(toHex(written));
      }),
      { numRuns: 500 },
    );
  });

  it('throws a DecodeError, and nothing else, for damaged ones', () => {
    const damage = fc.tuple(
      random(),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }),
      fc.nat(20),
    );
    fc.assert(
      fc.property(damage, ([{ octets: whole }, changes, cut]) => {
        const damaged = Uint8Array.from(whole.subarray(0, Math.max(4, whole.length - cut)));
        for (const [at, value] of changes) if (at >= 4 && at < damaged.length) damaged[at] = value;
        new DataView(damaged.buffer).setUint32(0, damaged.length);
        try {
          const read = decodePdu(damaged);
          encodePdu(read);
        } catch (error) {
          if (!(error instanceof DecodeError || error instanceof EncodeError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  const BAD: readonly { name: string; hex: string; field: string; offset: number }[] = [
    { name: 'fewer octets than a header', hex: '00000010 00000015 0000', field: 'header', offset: 10 },
    {
      name: 'another length than it says',
      hex: '00000012 00000015 00000000 00000001',
      field: 'command_length',
      offset: 0,
    },
    {
      name: 'an unknown command',
      hex: '00000010 00000099 00000000 00000001',
      field: 'command_id',
      offset: 4,
    },
    {
      name: 'a system_id without end',
      hex: '00000013 00000002 00000000 00000001 414243',
      field: 'system_id',
      offset: 16,
    },
    {
      name: 'a TLV that runs past the end',
      hex: '00000016 80000015 00000000 00000001 0427 0002 05'.replace('16', '15'),
      field: 'message_state',
      offset: 16,
    },
    { name: 'half a TLV', hex: '00000012 80000015 00000000 00000001 0427', field: 'TLV', offset: 16 },
    {
      name: 'a text shorter than sm_length',
      hex: '00000023 00000004 00000000 00000001 00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 05 4142',
      field: 'short_message',
      offset: 33,
    },
  ];
  for (const { name, hex, field, offset } of BAD) {
    it(`names field and octet of ${name}`, () => {
      expect(() => decodePdu(octets(hex)))
        .to.throw(DecodeError)
        .that.includes({ field, offset });
    });
  }

  it('tells an unknown command from a damaged one', () => {
    expect(() => decodePdu(octets('00000010 00000099 00000000 00000001')))
      .to.throw(UnknownCommandError)
      .with.property('id', 0x99);
  });

  it('takes a response without its body, and a message id without its NUL', () => {
    expect(decodePdu(octets('00000010 80000004 0000000B 00000001')).body).to.deep.equal({ message_id: '' });
    expect(decodePdu(octets('00000013 80000004 00000000 00000001 616263')).body).to.deep.equal({
      message_id: 'abc',
    });
  });

  it('takes a password longer than the standard has it', () => {
    const password = 'correct horse battery staple';
    const read = decodePdu(encodePdu({ command: 'bind_transceiver', sequence: 1, body: { password } }));
    expect(read.body).to.include({ password });
  });

  it('refuses to write what does not fit', () => {
    const write =
      (body: object): (() => unknown) =>
      () =>
        encodePdu({ command: 'submit_sm', sequence: 1, body });
    expect(write({ destination_addr: '1'.repeat(21) })).to.throw(
      EncodeError,
      /destination_addr: 21 characters, 20 fit/,
    );
    expect(write({ short_message: new Uint8Array(256) })).to.throw(EncodeError, /message_payload/);
    expect(write({ data_coding: 256 })).to.throw(EncodeError, /data_coding/);
    expect(write({ service_type: 'a\0b' })).to.throw(EncodeError, /service_type.*NUL/);
  });

  it('knows each request by its response', () => {
    for (const [name, id] of Object.entries(COMMANDS)) {
      expect(commandOf(id)).to.equal(name);
    }
    expect(responseTo('submit_sm')).to.equal('submit_sm_resp');
    expect(responseTo('outbind')).to.equal(undefined);
    expect(responseTo('submit_sm_resp')).to.equal(undefined);
  });

  it('says a status in words', () => {
    expect(describeStatus(0x0b)).to.equal('ESME_RINVDSTADR: the destination address is invalid');
    expect(describeStatus(0x401)).to.equal("0x00000401: an error of the vendor's own");
    expect(describeStatus(0x99)).to.equal('0x00000099: unknown');
  });

  it('reads optional parameters by their types', () => {
    const tlvs = [
      tlv('receipted_message_id', '3e9'),
      tlv('message_state', 2),
      { tag: 0x1501, value: fromHex('00') },
    ];
    expect(tlvOf(tlvs, 'receipted_message_id')).to.equal('3e9');
    expect(tlvOf([{ tag: 0x001e, value: fromHex('334539') }], 'receipted_message_id')).to.equal('3E9');
    expect(tlvOf(tlvs, 'message_state')).to.equal(2);
    expect(tlvOf(tlvs, 'sar_msg_ref_num')).to.equal(undefined);
    expect(() => tlvOf([{ tag: 0x020c, value: fromHex('01') }], 'sar_msg_ref_num')).to.throw(
      DecodeError,
      /sar_msg_ref_num/,
    );
    expect(tlvName(0x1501)).to.equal(undefined);
    expect(() => tlv('message_state', 256)).to.throw(EncodeError);
  });
});

describe('SMPP PDUs in a stream', () => {
  const enquiry = encodePdu({ command: 'enquire_link', sequence: 5 });
  const bind = encodePdu({ command: 'bind_transceiver', sequence: 6, body: { system_id: 'us' } });

  function found(framing: Framing, ...pieces: readonly Uint8Array[]): string[] {
    const pdus: string[] = [];
    for (const piece of pieces) framing.push(piece, (pdu) => pdus.push(toHex(pdu)));
    return pdus;
  }

  it('are found an octet at a time', () => {
    const framing = new Framing();
    const octets = [...enquiry, ...bind, ...enquiry].map((octet) => Uint8Array.of(octet));
    expect(found(framing, ...octets)).to.deep.equal([enquiry, bind, enquiry].map(toHex));
    expect(framing.pending).to.equal(0);
  });

  it('are found where several come in one piece, with the beginning of the next', () => {
    const framing = new Framing();
    const piece = Buffer.concat([enquiry, bind, enquiry.subarray(0, 7)]);
    expect(found(framing, piece)).to.deep.equal([enquiry, bind].map(toHex));
    expect(framing.pending).to.equal(7);
    expect(found(framing, enquiry.subarray(7))).to.deep.equal([toHex(enquiry)]);
  });

  for (const length of [0, 15, 65_537, 0x8000_0000, 0xffff_ffff]) {
    it(`are not looked for behind a length of ${length}`, () => {
      const head = Buffer.alloc(4);
      head.writeUInt32BE(length);
      const pdus: string[] = [];
      const push = (): void =>
        new Framing().push(Buffer.concat([bind, head]), (pdu) => pdus.push(toHex(pdu)));
      expect(push).to.throw(DecodeError, /command_length.*is not from 16 to 65536/);
      expect(pdus).to.deep.equal([toHex(bind)]);
    });
  }
});
