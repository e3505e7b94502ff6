import { expect } from 'chai';
import { encodeCommand } from '../../lib/sms/command.ts';
import { encodeDeliver } from '../../lib/sms/deliver.ts';
import { DecodeError, EncodeError } from '../../lib/sms/errors.ts';
import { fromHex, toHex } from '../../lib/sms/hex.ts';
import { encodeDeliverReport, encodeSubmitReport } from '../../lib/sms/reports.ts';
import { segment } from '../../lib/sms/segment.ts';
import { encodeStatusReport } from '../../lib/sms/status-report.ts';
import { encodeSubmit } from '../../lib/sms/submit.ts';
import { decodeTpdu, likelyDirection, type DecodeOptions, type Tpdu } from '../../lib/sms/tpdu.ts';
import { checkUdh, decodeUdh, encodeUdh } from '../../lib/sms/udh.ts';
import { packUserData } from '../../lib/sms/user-data.ts';

const TIME = '2024-02-29T12:34:56+01:00';
const PART = segment('hello').parts[0];

function read(hex: string, options: DecodeOptions = {}): Tpdu {
  return decodeTpdu(fromHex(hex), { smsc: false, ...options });
}

/** The DELIVER with this TP-DCS, TP-UDL and TP-UD. */
function deliver(dcs: string, udl: string, ud: string, first = '04'): string {
  return `${first}038121F300${dcs}42209221436540${udl}${ud}`;
}

describe('the first octet', () => {
  const cases: readonly [string, string, DecodeOptions, Tpdu['type']][] = [
    ['00 to the mobile', deliver('00', '00', '', '00'), {}, 'deliver'],
    ['11 to the mobile, which is reserved', deliver('00', '00', '', '03'), {}, 'deliver'],
    ['01 to the mobile', '010042209221436540', {}, 'submit-report'],
    ['00 from the mobile', '0000', { direction: 'from-mobile' }, 'deliver-report'],
    ['10 from the mobile', '0200000000038121F300', { direction: 'from-mobile' }, 'command'],
  ];
  for (const [name, hex, options, type] of cases) {
    it(`says ${type} with ${name}`, () => {
      expect(read(hex, options).type).to.equal(type);
    });
  }

  it('is refused with 11 from the mobile', () => {
    expect(() => read('03', { direction: 'from-mobile' }))
      .to.throw(DecodeError)
      .that.includes({ field: 'first-octet', offset: 0 });
  });

  it('can be overruled', () => {
    const submit = encodeSubmit({ destination: '123', segment: PART as NonNullable<typeof PART> });
    submit[0] = 0;
    expect(decodeTpdu(submit, { smsc: false, type: 'submit' })).to.include({ type: 'submit', text: 'hello' });
  });

  it('tells the likelier direction', () => {
    expect(likelyDirection(fromHex('0001'))).to.equal('from-mobile');
    expect(likelyDirection(fromHex('0004'))).to.equal('to-mobile');
    expect(likelyDirection(fromHex('07915348500202F011'))).to.equal('from-mobile');
    expect(likelyDirection(fromHex('11'), false)).to.equal('from-mobile');
    expect(likelyDirection(new Uint8Array(0))).to.equal('to-mobile');
  });

  it('carries the flags of a DELIVER, of which "more messages" is inverted', () => {
    const flags = { loopPrevention: true, statusReport: true, replyPath: true, moreMessages: true };
    const none = { loopPrevention: false, statusReport: false, replyPath: false, moreMessages: false };
    const fields = { originator: '+1', timestamp: TIME, text: 'x' };
    const all = encodeDeliver({ ...fields, ...flags });
    expect(all[0]).to.equal(0xa8);
    expect(decodeTpdu(all, { smsc: false })).to.include(flags);
    expect(encodeDeliver(fields)[0]).to.equal(0x04);
    expect(decodeTpdu(encodeDeliver(fields), { smsc: false })).to.include(none);
  });
});

describe('user data', () => {
  const readings: readonly [string, string, Partial<Extract<Tpdu, { type: 'deliver' }>>][] = [
    ['7-bit text', deliver('00', '05', 'E8329BFD06'), { encoding: 'gsm7', text: 'hello' }],
    ['UCS-2', deliver('08', '04', '043F0440'), { encoding: 'ucs2', text: 'пр' }],
    ['UCS-2 with an odd octet', deliver('08', '05', '043F044000'), { encoding: 'ucs2', text: 'пр' }],
    ['octets', deliver('04', '03', '000102'), { encoding: '8bit', data: Uint8Array.of(0, 1, 2) }],
    [
      'compressed text, as octets',
      deliver('20', '03', 'AABBCC'),
      { encoding: '8bit', data: fromHex('AABBCC') },
    ],
    ['nothing', deliver('00', '00', ''), { encoding: 'gsm7', text: '' }],
    [
      'a header that fills it',
      deliver('00', '07', '05000302020100', '44'),
      { text: '', concat: { ref: 2, total: 2, seq: 1, bits: 8 } },
    ],
  ];
  it('may be counted a septet short where a header fills it', () => {
    expect(read(deliver('00', '06', '050003020201', '44'))).to.include({ text: '' });
  });

  for (const [name, hex, wanted] of readings) {
    it(`is read: ${name}`, () => {
      expect(read(hex)).to.deep.include(wanted);
    });
  }

  it('uses the national tables that its header names', () => {
    // Septets 1b 67 after 24 01 01 (Turkish single shift), and 0b 0c after 25 01 01 (Turkish locking shift).
    for (const [udh, text] of [
      [[0x24, 1, 1], 'ğ'],
      [[0x25, 1, 1], 'Ğğ'],
      [[0x25, 1, 3, 0x24, 1, 3], 'Ââê∞'],
    ] as const) {
      const pdu = encodeDeliver({
        originator: '1',
        timestamp: TIME,
        text,
        udh: Uint8Array.from(udh),
        dcs: 0,
      });
      expect(decodeTpdu(pdu, { smsc: false })).to.include({ encoding: 'gsm7', text });
    }
  });

  it('ignores a language that the standard does not have', () => {
    const pdu = encodeDeliver({
      originator: '1',
      timestamp: TIME,
      text: 'abc',
      udh: Uint8Array.of(0x25, 1, 99),
    });
    expect(decodeTpdu(pdu, { smsc: false })).to.include({ text: 'abc' });
  });

  const broken = [
    ['a length that the octets do not have', deliver('00', '0A', 'E8329BFD06'), 'ud', 15],
    ['a header longer than the user data', deliver('00', '05', 'FF329BFD06', '44'), 'udh', 15],
    ['an element that runs over the header', deliver('04', '05', '0400050000', '44'), 'udh', 16],
    ['half an element', deliver('04', '03', '020005', '44'), 'udh', 16],
    ['an element without a length', deliver('04', '02', '0124', '44'), 'udh', 16],
    ['a header and no user data', deliver('00', '00', '', '44'), 'udh', 15],
    ['no length', deliver('00', '', ''), 'udl', 14],
  ] as const;
  for (const [name, hex, field, offset] of broken) {
    it(`is refused with ${name}`, () => {
      expect(() => read(hex))
        .to.throw(DecodeError)
        .that.includes({ field, offset });
    });
  }

  it('is taken as far as it goes when lenient', () => {
    expect(read(deliver('00', '0A', 'E8329BFD06'), { lenient: true })).to.include({
      text: 'hello',
      truncated: true,
    });
    expect(read(deliver('08', '08', '043F0440'), { lenient: true })).to.include({
      text: 'пр',
      truncated: true,
    });
  });

  // 23.040 9.2.3.24: a header that is broken is ignored; its length says where the text begins.
  const lenient: readonly (readonly [name: string, hex: string, udh: string | undefined, read: object])[] = [
    [
      'an element longer than the header',
      deliver('04', '07', '04C0090102' + '0102', '44'),
      undefined,
      { data: '0102' },
    ],
    [
      'an octet behind a good element',
      deliver('04', '09', '060003070201' + '70' + 'AABB', '44'),
      '0003070201',
      { data: 'AABB' },
    ],
    [
      'two octets behind a good element',
      deliver('04', '0A', '070003070201' + '7003' + 'AABB', '44'),
      '0003070201',
      { data: 'AABB' },
    ],
    [
      'a good element and one that is too long',
      deliver('04', '0B', '080003070201' + '240901' + 'AABB', '44'),
      '0003070201',
      { data: 'AABB' },
    ],
    ['elements of no octets', deliver('04', '07', '04A000A100' + 'AABB', '44'), 'A000A100', { data: 'AABB' }],
    ['a header of no octets', deliver('04', '03', '00AABB', '44'), '', { data: 'AABB' }],
    [
      'a header longer than the user data',
      deliver('04', '05', '5500050000', '44'),
      undefined,
      { data: '5500050000' },
    ],
    ['a header as long as the user data', deliver('04', '04', '03700907', '44'), undefined, { data: '' }],
    [
      'a header that the end cuts',
      deliver('04', '20', '060003070201', '44'),
      '0003070201',
      { data: '', truncated: true },
    ],
    ['a header, and nothing at all', deliver('04', '00', '', '44'), undefined, { data: '' }],
    ['no TP-UDL, text', deliver('00', '', ''), undefined, { text: '', truncated: true }],
    ['no TP-UDL, octets', deliver('04', '', ''), undefined, { data: '', truncated: true }],
    ['no TP-UDL, a header announced', deliver('08', '', '', '44'), undefined, { text: '', truncated: true }],
    ['octets behind its end', deliver('04', '02', 'AABBFFFF0000'), undefined, { data: 'AABB' }],
  ];
  for (const [name, hex, udh, expected] of lenient) {
    it(`is read as far as it can be, when lenient, with ${name}`, () => {
      const tpdu = read(hex, { lenient: true });
      expect(tpdu.udh && toHex(tpdu.udh)).to.equal(udh);
      const shown = { ...tpdu, ...(tpdu.data && { data: toHex(tpdu.data) }) };
      expect(shown).to.include(expected);
      if ('concat' in tpdu) expect(tpdu.concat).to.deep.equal({ ref: 7, total: 2, seq: 1, bits: 8 });
      else expect(udh ?? '').to.not.contain('0003070201');
    });
  }

  it('keeps its text in step with a broken header in front of it', () => {
    const udh = Uint8Array.of(0x24, 1, 1, 0x70);
    const septets = [0x68, 0x65, 0x6c, 0x6c, 0x6f];
    const { userData, userDataLength } = packUserData(udh, Uint8Array.from(septets), septets.length);
    const hex = deliver('00', toHex(Uint8Array.of(userDataLength)), toHex(userData), '44');
    expect(read(hex, { lenient: true })).to.include({ text: 'hello' });
    expect(() => read(hex))
      .to.throw(DecodeError)
      .that.includes({ field: 'udh', offset: 19 });
  });

  it('keeps unknown elements byte for byte', () => {
    const udh = fromHex('A003010203' + '7F00');
    const pdu = encodeDeliver({ originator: '1', timestamp: TIME, data: fromHex('FF'), udh });
    const tpdu = decodeTpdu(pdu, { smsc: false });
    expect(tpdu).to.deep.include({ udh });
    expect(tpdu.elements?.map(({ id, name }) => [id, name])).to.deep.equal([
      [0xa0, 'reserved'],
      [0x7f, '(U)SIM toolkit security header'],
    ]);
  });
});

describe('a status report, when lenient,', () => {
  const report = '0207038121F3' + '42209221436540' + '42209221436540' + '00';
  for (const [name, rest] of [
    ['nothing behind it', ''],
    ['one octet of padding', 'FF'],
    ['a record filled up with FF', 'FF'.repeat(30)],
    ['a record filled up with 00', '00'.repeat(30)],
    ['octets that nobody announced', '00AABBCC'],
    ['an indicator for fields that are not there', '07'],
    ['an indicator that goes on and on', '8080'],
    ['a protocol, and padding', '0100FFFF'],
    ['user data that ends early', '0600'],
  ] as const) {
    it(`is read with ${name}`, () => {
      expect(read(report + rest, { lenient: true })).to.include({
        reference: 7,
        status: 0,
        type: 'status-report',
      });
    });
  }

  it('keeps the fields that are there', () => {
    expect(read(report + '0142', { lenient: true })).to.include({ pid: 0x42, parameterIndicator: 1 });
  });

  it('is refused else, and the field named', () => {
    const at = report.length / 2;
    for (const [rest, field, offset] of [
      ['FFFF', 'parameter-indicator', at + 2],
      ['01', 'pid', at + 1],
    ] as const) {
      expect(() => read(report + rest))
        .to.throw(DecodeError)
        .that.includes({ field, offset });
    }
  });
});

describe('header elements', () => {
  const valued: readonly [string, string, unknown][] = [
    ['concatenation, 8 bit', '00032A0201', { concat: { ref: 42, total: 2, seq: 1, bits: 8 } }],
    ['concatenation, 16 bit', '0804012A0202', { concat: { ref: 298, total: 2, seq: 2, bits: 16 } }],
    ['concatenation with part 0', '0003010200', undefined],
    ['concatenation with part 3 of 2', '0003010203', undefined],
    ['concatenation of no parts', '0003010000', undefined],
    ['concatenation of the wrong length', '00020102', undefined],
    ['ports, 8 bit', '0402F0F1', { ports: { destination: 240, source: 241, bits: 8 } }],
    ['ports, 16 bit', '05040B8423F0', { ports: { destination: 2948, source: 9200, bits: 16 } }],
    [
      'voicemail, to be stored',
      '01028003',
      { indication: { kind: 'voicemail', type: 0, store: true, profile: 0, count: 3 } },
    ],
    [
      'e-mail of profile 2',
      '01024205',
      { indication: { kind: 'email', type: 2, store: false, profile: 2, count: 5 } },
    ],
    ['a source', '070103', { source: 'SMSC' }],
    ['an e-mail header', '200112', { emailHeaderLength: 18 }],
    ['a single shift', '24010D', { language: 'urdu', shift: 'single' }],
    ['a locking shift', '250101', { language: 'turkish', shift: 'locking' }],
    ['a predefined sound', '0B020A05', { sound: { position: 10, number: 5 } }],
    [
      'text formatting with a colour',
      '0A0400051013',
      { formatting: { start: 0, length: 5, mode: 16, color: 19 } },
    ],
    [
      'SMSC control',
      '0601C3',
      {
        smscControl: {
          completed: true,
          permanentError: true,
          temporaryErrorGivenUp: false,
          temporaryErrorTrying: false,
          cancelRest: true,
          includeHeader: true,
        },
      },
    ],
    ['a picture, as octets', '1102AABB', undefined],
    ['WCMP, as octets', '0901FF', undefined],
    ['a reply address, as octets', '22050291214300', undefined],
  ];
  for (const [name, hex, value] of valued) {
    it(`say what they mean: ${name}`, () => {
      const [element, ...others] = decodeUdh(fromHex(hex));
      expect(others).to.deep.equal([]);
      expect(element?.value).to.deep.equal(value);
      expect(element && toHex(encodeUdh([element]))).to.equal(hex);
    });
  }

  it('count the last where they come twice', () => {
    const udh = fromHex('0003010201' + '0003020202' + '0402F0F1' + '05040B8423F0');
    const pdu = encodeDeliver({ originator: '1', timestamp: TIME, data: new Uint8Array(0), udh });
    const tpdu = decodeTpdu(pdu, { smsc: false });
    expect(tpdu).to.deep.include({
      concat: { ref: 2, total: 2, seq: 2, bits: 8 },
      ports: { destination: 2948, source: 9200, bits: 16 },
    });
  });

  it('refuse to be written where they are none', () => {
    expect(() => checkUdh(fromHex('0003'))).to.throw(EncodeError);
    expect(() => encodeUdh([{ id: 256, data: new Uint8Array(0) }])).to.throw(EncodeError);
    expect(() => encodeUdh([{ id: 1, data: new Uint8Array(200) }])).to.throw(EncodeError);
  });
});

describe('reports and commands', () => {
  it('carry a failure cause, or none', () => {
    const error = encodeDeliverReport({ failureCause: 0xd3 });
    expect(toHex(error)).to.equal('00D300');
    expect(decodeTpdu(error, { smsc: false, direction: 'from-mobile' })).to.include({
      failureCause: 0xd3,
      failureName: 'memory capacity exceeded',
    });
    const ack = encodeDeliverReport({});
    expect(toHex(ack)).to.equal('0000');
    expect(decodeTpdu(ack, { smsc: false, direction: 'from-mobile' })).to.not.have.property('failureCause');
    expect(() => encodeDeliverReport({ failureCause: 3 })).to.throw(EncodeError);
  });

  it('can be told which form they have', () => {
    expect(read('0008', { direction: 'from-mobile', report: 'ack' })).to.include({ parameterIndicator: 8 });
    expect(() => read('0007', { direction: 'from-mobile', report: 'error' })).to.throw(
      DecodeError,
      'indicator',
    );
  });

  it('pass over the extension octets of a parameter indicator', () => {
    expect(read('00D3810001', { direction: 'from-mobile' })).to.include({ pid: 0x01 });
  });

  it('have user data after their indicator', () => {
    const pdu = encodeSubmitReport({ timestamp: TIME, failureCause: 0xc0, pid: 1, text: 'занят' });
    expect(decodeTpdu(pdu, { smsc: false })).to.include({
      type: 'submit-report',
      pid: 1,
      text: 'занят',
      encoding: 'ucs2',
    });
  });

  it('end after the status where a status report has no parameters', () => {
    const fields = { reference: 7, recipient: '+4912345', timestamp: TIME, discharge: TIME, status: 0x46 };
    const pdu = encodeStatusReport({ ...fields, forCommand: true, moreMessages: true });
    expect(decodeTpdu(pdu, { smsc: false })).to.include({
      type: 'status-report',
      reference: 7,
      status: 0x46,
      statusClass: 'permanent',
      final: true,
      forCommand: true,
      moreMessages: true,
    });
  });

  it('carry a command with its data', () => {
    const udh = fromHex('070101');
    const pdu = encodeCommand({
      destination: '123',
      command: 2,
      messageNumber: 9,
      statusReport: true,
      udh,
      data: fromHex('FF'),
    });
    const tpdu = decodeTpdu(pdu, { smsc: false, direction: 'from-mobile' });
    expect(tpdu).to.deep.include({
      type: 'command',
      commandName: 'delete message',
      messageNumber: 9,
      statusReport: true,
    });
    expect(tpdu).to.deep.include({ udh, data: fromHex('FF') });
  });
});

describe('SUBMIT', () => {
  const part = PART as NonNullable<typeof PART>;

  it('has every flag and field', () => {
    const tpdu = encodeSubmit({
      destination: '+15551234567',
      segment: part,
      messageReference: 255,
      statusReport: true,
      rejectDuplicates: true,
      replyPath: true,
      validity: { until: TIME },
      class: 2,
      pid: 0x41,
    });
    expect(toHex(tpdu)).to.equal('BDFF0B915155214365F741124220922143654005E8329BFD06');
  });

  it('takes a coding only where it is that of the segment', () => {
    expect(encodeSubmit({ destination: '1', segment: part, dcs: 0xf1 })[6]).to.equal(0xf1);
    expect(() => encodeSubmit({ destination: '1', segment: part, dcs: 8 })).to.throw(EncodeError, 'dcs');
    expect(() => encodeSubmit({ destination: '1', segment: part, messageReference: 256 })).to.throw(
      EncodeError,
    );
  });

  it('sets and clears message waiting', () => {
    const waiting = { active: true, kind: 'voicemail', store: true } as const;
    expect(encodeSubmit({ destination: '1', segment: part, waiting })[6]).to.equal(0xd8);
    expect(
      encodeSubmit({ destination: '1', segment: part, waiting: { ...waiting, active: false } })[6],
    ).to.equal(0xd0);
  });
});
