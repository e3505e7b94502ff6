import { expect } from 'chai';
import { compose } from '../../lib/sms/compose.ts';
import { DecodeError, EncodeError } from '../../lib/sms/errors.ts';
import { explainTpdu } from '../../lib/sms/explain.ts';
import { fromHex, toHex } from '../../lib/sms/hex.ts';
import { splitInternetMail } from '../../lib/sms/internet-mail.ts';
import { tpduJson } from '../../lib/sms/json.ts';
import { decodeTpdu, likelyDirection } from '../../lib/sms/tpdu.ts';

const WITH_HEADER =
  '07912160130320F5440B916171056429F5000021405291650569A00500034C0201A9E8F41C949E83C2207B599E07B1DFEE33885E9ED341E4F23C7D7697C920FA1B54C697E5E3F4BC0C6AD7D9F434081E96D341E3303C2C4EB3D3F4BC0B94A483E6E8779D4D06CDD1EF3BA80E0785E7A0B7BB0C6A97E7F3F0B9CC02B9DF7450780EA2DFDF2C50780EA2A3CBA0BA9B5C96B3F369F71954768FDFE4B4FB0C9297E1F2F2BCECA6CF41';
const TIME = '2024-02-29T12:34:56+01:00';

describe('the explanation of a PDU', () => {
  it('names each field with its octets and section', () => {
    const { rows } = explainTpdu(fromHex(WITH_HEADER));
    expect(rows.map((row) => [row.field, row.offset, row.section])).to.deep.equal([
      ['SMSC', 0, '24.011 8.2.5'],
      ['first octet', 8, '23.040 9.2.3.1'],
      ['TP-OA', 9, '23.040 9.2.3.7'],
      ['TP-PID', 17, '23.040 9.2.3.9'],
      ['TP-DCS', 18, '23.038 4'],
      ['TP-SCTS', 19, '23.040 9.2.3.11'],
      ['TP-UDL', 26, '23.040 9.2.3.16'],
      ['TP-UD: UDHL', 27, '23.040 9.2.3.24'],
      ['TP-UD: header', 28, '23.040 9.2.3.24'],
      ['TP-UD', 33, '23.040 9.2.3.24'],
    ]);
    expect(rows.find((row) => row.field === 'TP-SCTS')).to.include({
      octets: '21405291650569',
      meaning: '2012-04-25T19:56:50-04:00',
    });
  });

  const requests = [
    { as: 'submit', number: '+15551234567', text: 'hi', validity: 60, class: 0, statusReport: true },
    { as: 'submit', number: '12345', data: fromHex('0102'), ports: { destination: 2948, source: 9200 } },
    { as: 'deliver', number: 'My Bank', text: 'привет', timestamp: TIME },
    { as: 'status-report', number: '+15551234567', timestamp: TIME, status: 0x46, pid: 1, text: 'x' },
    { as: 'deliver-report', failureCause: 0xd3, pid: 0 },
    { as: 'submit-report', timestamp: TIME, text: 'x', dcs: 0 },
    { as: 'command', number: '123', command: 2, messageNumber: 7, data: fromHex('FF') },
  ] as const;
  for (const request of requests) {
    it(`accounts for every octet of a ${request.as}`, () => {
      const [part] = compose(request);
      const pdu = fromHex(part?.pdu ?? '');
      const { rows, tpdu } = explainTpdu(pdu, { type: request.as });
      expect(tpdu.type).to.equal(request.as);
      expect(rows.map((row) => row.octets).join('')).to.equal(part?.pdu);
      for (const row of rows) expect(row.section, row.field).to.match(/^(23\.0(38|40)|24\.011) \d/);
      expect(part?.length).to.equal(pdu.length - 1);
    });
  }

  it('shows what does not belong to the TPDU', () => {
    const { rows } = explainTpdu(fromHex(`${WITH_HEADER}FFFF`));
    expect(rows.at(-1)).to.include({ field: 'rest', octets: 'FFFF' });
  });

  it('throws what the decoder throws', () => {
    expect(() => explainTpdu(fromHex('0791'))).to.throw(DecodeError);
  });
});

describe('the flat form of a PDU', () => {
  const json = (hex: string) => {
    const octets = fromHex(hex);
    return tpduJson(decodeTpdu(octets, { direction: likelyDirection(octets) }));
  };

  it('has the members that scripts read', () => {
    expect(json(WITH_HEADER)).to.deep.include({
      type: 'deliver',
      smsc: '+12063130025',
      number: '+16175046925',
      encoding: 'gsm7',
      dcs: 0,
      pid: 0,
      udh: '00034C0201',
      timestamp: '2012-04-25T19:56:50-04:00',
    });
    expect(json(WITH_HEADER)['concat']).to.include({ ref: 76, total: 2, seq: 1 });
  });

  it('leaves absent fields out', () => {
    expect(Object.keys(json('000403812143000042209221436540013'.concat('1')))).to.have.members([
      'type',
      'number',
      'text',
      'encoding',
      'dcs',
      'pid',
      'timestamp',
    ]);
  });

  it('gives octets in hexadecimal, the class, and no time that is none', () => {
    const data = json('00040381214300F5' + '00000000000000' + '020AFF');
    expect(data).to.deep.include({
      data: '0AFF',
      encoding: '8bit',
      class: 1,
      timestampRaw: '00000000000000',
    });
    expect(data).to.not.have.property('timestamp');
  });

  it('tells the outcome of a status report', () => {
    expect(json('0006D60B911326880736F4111011719551401110117195714000')).to.deep.include({
      type: 'status-report',
      number: '+31628870634',
      reference: 214,
      status: 0,
      class: 'delivered',
      final: true,
      discharge: '2011-01-11T17:59:17+01:00',
    });
  });
});

describe('composing', () => {
  it('counts the reference up from part to part, and leaves the service centre out where told to', () => {
    const parts = compose({
      number: '+1',
      text: 'a'.repeat(400),
      messageReference: 255,
      smsc: false,
      reference: 9,
    });
    expect(parts.map((part) => part.pdu.slice(0, 4))).to.deep.equal(['41FF', '4100', '4101']);
    expect(parts.every((part) => part.length === part.pdu.length / 2)).to.equal(true);
  });

  it('says where a text was cut', () => {
    expect(compose({ number: '1', text: 'a'.repeat(400), maxParts: 2 })[1]).to.include({ truncated: true });
  });

  it('says which field is missing', () => {
    expect(() => compose({ text: 'x' }))
      .to.throw(EncodeError)
      .with.property('field', 'number');
    expect(() => compose({ as: 'deliver', number: '1', text: 'x' }))
      .to.throw(EncodeError)
      .with.property('field', 'timestamp');
    expect(() => compose({ as: 'command', number: '1' }))
      .to.throw(EncodeError)
      .with.property('field', 'command');
  });

  it('writes the service centre in front', () => {
    expect(compose({ number: '1', text: '', smsc: '+123' })[0]?.pdu).to.equal(
      `039121F3${toHex(fromHex('0100018' + '1F1000000'))}`,
    );
  });
});

describe('Internet mail in a text', () => {
  const forms = [
    ['user@example.com hello there', { address: 'user@example.com', body: 'hello there' }],
    ['user@example.com(Re: you)hello', { address: 'user@example.com', subject: 'Re: you', body: 'hello' }],
    ['user@example.com#Re: you#hello', { address: 'user@example.com', subject: 'Re: you', body: 'hello' }],
    ['foo@example.com /subject /body', { address: 'foo@example.com', body: 'subject /body' }],
    ['a$b*example.com hi', { address: 'a_b@example.com', body: 'hi' }],
    ['no address here', undefined],
    ['', undefined],
    ['@ nothing', undefined],
  ] as const;
  for (const [text, wanted] of forms) {
    it(`is found in ${JSON.stringify(text)}`, () => {
      expect(splitInternetMail(text)).to.deep.equal(wanted);
    });
  }
});
