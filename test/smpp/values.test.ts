import { expect } from 'chai';
import {
  DecodeError,
  EncodeError,
  STATES,
  absoluteTime,
  decodeDataCoding,
  decodeEsmClass,
  decodeText,
  encodeText,
  idCandidates,
  looksLikeReceipt,
  msUntil,
  numberOf,
  parseTime,
  readReceipt,
  relativeTime,
  smppAddress,
  tlv,
  writeReceipt,
} from '../../lib/smpp/smpp.ts';
import { fromHex, toHex } from '../../lib/sms/hex.ts';

const NOW = Date.UTC(2026, 10, 30, 12, 0, 0);

describe('SMPP times', () => {
  for (const { text, at } of [
    { text: '261130120000000+', at: NOW },
    { text: '261130130000004+', at: NOW },
    { text: '261130070000020-', at: NOW },
    { text: '261130120000500+', at: NOW + 500 },
  ]) {
    it(`reads ${text}`, () => expect(parseTime('t', text)).to.deep.equal({ kind: 'absolute', at }));
  }
  for (const { text, ms } of [
    { text: '000000003000000R', ms: 30 * 60_000 },
    { text: '000002000000000R', ms: 48 * 3600_000 },
    // A month from 30 November is 30 December.
    { text: '000100000000000R', ms: 30 * 24 * 3600_000 },
    { text: '010000000000000R', ms: 365 * 24 * 3600_000 },
  ]) {
    it(`reads ${text}`, () => {
      const time = parseTime('t', text);
      expect(time?.kind).to.equal('relative');
      expect(time === undefined ? undefined : msUntil(time, NOW)).to.equal(ms);
    });
  }
  it('takes the empty one for the default', () => expect(parseTime('t', '')).to.equal(undefined));
  for (const text of [
    '2611301200000',
    '269930120000000+',
    '260231120000000+',
    '261130120000049+',
    'tomorrow',
    '261130120000000Z',
  ]) {
    it(`refuses ${text}`, () =>
      expect(() => parseTime('validity_period', text)).to.throw(DecodeError, /validity_period/));
  }
  it('writes both forms', () => {
    expect(absoluteTime(NOW)).to.equal('261130120000000+');
    expect(relativeTime(24 * 60 + 61)).to.equal('000001010100000R');
    expect(() => relativeTime(100 * 24 * 60)).to.throw(EncodeError);
    expect(() => absoluteTime(Date.UTC(1999, 1, 1))).to.throw(EncodeError);
  });
});

describe('SMPP texts', () => {
  for (const { coding, text, hex } of [
    { coding: 'gsm7', text: '@£{é', hex: '00011B2805' },
    { coding: 'gsm7-packed', text: 'hello', hex: 'E8329BFD06' },
    { coding: 'latin1', text: 'né', hex: '6EE9' },
    { coding: 'ascii', text: 'ok', hex: '6F6B' },
    { coding: 'utf8', text: 'né', hex: '6EC3A9' },
    { coding: 'ucs2', text: 'é😀', hex: '00E9D83DDE00' },
  ] as const) {
    it(`writes and reads ${coding}`, () => {
      expect(toHex(encodeText(text, coding))).to.equal(hex);
      expect(decodeText(fromHex(hex), coding)).to.equal(text);
    });
  }
  it('names the character that an alphabet lacks', () => {
    expect(() => encodeText('a😀', 'gsm7')).to.throw(EncodeError, /no "😀" \(character 2\)/);
    expect(() => encodeText('né', 'ascii')).to.throw(EncodeError, /ASCII has no "é"/);
  });

  for (const { octet, coding } of [
    { octet: 0x00, coding: { text: 'gsm7' } },
    { octet: 0x01, coding: { text: 'ascii' } },
    { octet: 0x03, coding: { text: 'latin1' } },
    { octet: 0x04, coding: { text: undefined } },
    { octet: 0x08, coding: { text: 'ucs2' } },
    { octet: 0x10, coding: { text: 'gsm7', messageClass: 0 } },
    { octet: 0x18, coding: { text: 'ucs2', messageClass: 0 } },
    { octet: 0xf0, coding: { text: 'gsm7', messageClass: 0 } },
    { octet: 0xf6, coding: { text: undefined, messageClass: 2 } },
    { octet: 0x05, coding: undefined },
  ]) {
    it(`reads data_coding 0x${octet.toString(16)}`, () =>
      expect(decodeDataCoding(octet, 'gsm7')).to.deep.equal(coding));
  }

  it('reads esm_class', () => {
    expect(decodeEsmClass(0x44)).to.deep.equal({ mode: 0, type: 'receipt', udhi: true, replyPath: false });
    expect(decodeEsmClass(0x83)).to.deep.equal({ mode: 3, type: 'message', udhi: false, replyPath: true });
    expect(decodeEsmClass(0x0c).type).to.equal(undefined);
  });

  for (const [written, address] of [
    ['+15551234567', { ton: 1, npi: 1, address: '15551234567' }],
    ['12345', { ton: 0, npi: 1, address: '12345' }],
    ['ACME', { ton: 5, npi: 0, address: 'ACME' }],
  ] as const) {
    it(`writes the address ${written} and reads it back`, () => {
      expect(smppAddress(written)).to.deep.equal(address);
      expect(numberOf(address)).to.equal(written);
    });
  }
});

describe('SMPP receipts', () => {
  const DATES = 'submit date:2611301159 done date:2611301200';
  const cases: readonly {
    name: string;
    text: string;
    tlvs?: Parameters<typeof readReceipt>[1];
    receipt: object;
  }[] = [
    {
      name: 'in the usual form',
      text: `id:0123456789 sub:001 dlvrd:001 ${DATES} stat:DELIVRD err:000 text:Your code: 1234`,
      receipt: {
        id: '0123456789',
        state: 'DELIVERED',
        outcome: 'delivered',
        error: '000',
        submitted: '2611301159',
        done: '2611301200',
        text: 'Your code: 1234',
      },
    },
    {
      name: 'without sub and dlvrd, with seconds, without text',
      text: 'id:abc-1 submit date:261130115900 done date:261130120000 stat:UNDELIV err:0A1',
      receipt: {
        id: 'abc-1',
        state: 'UNDELIVERABLE',
        outcome: 'undelivered',
        error: '0A1',
        submitted: '261130115900',
        done: '261130120000',
      },
    },
    {
      name: 'in capitals',
      text: 'ID:77 SUB:001 DLVRD:000 SUBMIT DATE:2611301159 DONE DATE:2611301200 STAT:ACCEPTD ERR:000 TEXT:',
      receipt: {
        id: '77',
        state: 'ACCEPTED',
        outcome: 'temporary',
        error: '000',
        submitted: '2611301159',
        done: '2611301200',
        text: '',
      },
    },
    {
      name: 'with keys in its text',
      text: 'id:1 stat:REJECTD err:12 text:id:9 stat:DELIVRD',
      receipt: { id: '1', state: 'REJECTED', outcome: 'undelivered', error: '12', text: 'id:9 stat:DELIVRD' },
    },
    {
      name: 'whose parameters say it otherwise',
      text: 'id:1 stat:ENROUTE',
      tlvs: [
        tlv('receipted_message_id', '3e9'),
        tlv('message_state', 2),
        tlv('network_error_code', fromHex('030021')),
      ],
      receipt: { id: '3e9', state: 'DELIVERED', outcome: 'delivered', error: '33' },
    },
    {
      name: 'whose state is an ASCII digit',
      text: '',
      tlvs: [tlv('receipted_message_id', '3e9'), tlv('message_state', 0x35)],
      receipt: { id: '3e9', state: 'UNDELIVERABLE', outcome: 'undelivered' },
    },
    {
      name: 'whose state has two octets, which says nothing',
      text: 'id:4 stat:EXPIRED',
      tlvs: [{ tag: 0x0427, value: fromHex('0002') }],
      receipt: { id: '4', state: 'EXPIRED', outcome: 'undelivered' },
    },
  ];
  for (const { name, text, tlvs = [], receipt } of cases) {
    it(`reads one ${name}`, () => expect(readReceipt(text, tlvs)).to.deep.equal(receipt));
  }

  for (const text of ['', 'Hello', 'id:12', 'id: 1 stat:HAPPY', 'stat:DELIVRD']) {
    it(`takes no receipt from "${text}"`, () => expect(readReceipt(text, [])).to.equal(undefined));
  }

  it('tells a receipt from a text that speaks of one', () => {
    expect(looksLikeReceipt('id:1 sub:001 stat:DELIVRD')).to.equal(true);
    expect(looksLikeReceipt('My id:1 stat:DELIVRD')).to.equal(false);
    expect(looksLikeReceipt('id:1 please')).to.equal(false);
  });

  it('writes one that it reads, in every state', () => {
    for (const state of STATES) {
      const text = writeReceipt({
        id: 'm-1',
        state,
        submittedAt: NOW - 60_000,
        doneAt: NOW,
        error: 8,
        text: 'Hi',
      });
      expect(text).to.match(
        /^id:m-1 sub:001 dlvrd:00[01] submit date:2611301159 done date:2611301200 stat:[A-Z]{7} err:008 text:Hi$/,
      );
      const again = readReceipt(text, []);
      expect(again?.outcome).to.equal(
        readReceipt('id:m-1 stat:X', [
          tlv('receipted_message_id', 'm-1'),
          tlv('message_state', STATES.indexOf(state)),
        ])?.outcome,
      );
    }
  });
});

describe('ids in SMPP receipts', () => {
  for (const { name, response, receipt } of [
    { name: 'the same', response: 'a8098c1a-f86e', receipt: 'a8098c1a-f86e' },
    { name: 'another case', response: '3E9A', receipt: '3e9a' },
    { name: 'zeros that were stripped', response: '0000000042', receipt: '42' },
    { name: 'zeros that were put in front', response: '42', receipt: '00000042' },
    { name: 'a decimal receipt for a hex response', response: '3e9', receipt: '1001' },
    {
      name: 'a decimal receipt for a padded hex response in capitals',
      response: '000003E9',
      receipt: '1001',
    },
    { name: 'a hex receipt for a decimal response', response: '1001', receipt: '3E9' },
    { name: 'ids of 64 bits', response: 'ffffffffffffffff', receipt: '18446744073709551615' },
  ]) {
    it(`match where one has ${name}`, () =>
      expect(idCandidates(receipt).map(({ id }) => id)).to.include(response));
  }
  it('begin with the same and hold each spelling once', () => {
    const found = idCandidates('1001');
    expect(found[0]).to.deep.equal({ spelling: 'same', id: '1001' });
    expect(new Set(found.map(({ id }) => id)).size).to.equal(found.length);
  });
  it('are not counted with where they are no numbers', () => {
    expect(idCandidates('9'.repeat(500)).length).to.be.lessThan(10);
    expect(idCandidates('')).to.deep.equal([]);
  });
});
