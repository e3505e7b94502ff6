import { expect } from 'chai';
import fc from 'fast-check';
import * as answers from '../../../../lib/transports/modem/at/answers.ts';
import * as stored from '../../../../lib/transports/modem/at/stored-pdu.ts';
import { parseDevice } from '../../../../lib/transports/modem/device.ts';
import { findQuirks } from '../../../../lib/transports/modem/at/quirks.ts';

describe('answers', () => {
  for (const [line, state] of [
    ['+CPIN: READY', 'READY'],
    ['+CPIN:READY', 'READY'],
    ['+CPIN: "SIM PIN"', 'SIM PIN'],
    ['+CPIN: PH-NET PIN', 'PH-NET PIN'],
  ] as const) {
    it(`${line} is the state ${state}`, () => {
      expect(answers.readPinState([line])).to.equal(state);
    });
  }

  for (const [line, number] of [
    ['+CSCA: "+491710760000",145', '+491710760000'],
    ['+CSCA: "491710760000",145', '+491710760000'],
    ['+CSCA: "0171076",129', '0171076'],
    ['+CSCA: "002B003400390031",145', '+491'],
    ['+CSCA: "",129', undefined],
    ['+CSCA:', undefined],
  ] as const) {
    it(`${line} is the service centre ${number}`, () => {
      expect(answers.readServiceCentre([line])).to.equal(number);
    });
  }

  for (const [line, registration] of [
    ['+CREG: 0,1', 'home'],
    ['+CREG: 2,5,"0001","0002",7', 'roaming'],
    ['+CREG: 1', 'home'],
    ['+CREG: 0', 'none'],
    ['+CREG: 0,2', 'searching'],
    ['+CGREG: 0,3', 'denied'],
    ['+CEREG: 0,4', 'unknown'],
    ['+CREG: 0,6', 'home'],
    ['+CREG: 0,7', 'roaming'],
    ['+CREG: 1,8', 'denied'],
    ['+CEREG: 1,11', 'denied'],
    ['+CREG: 5,123,4567,0', 'roaming'],
    ['OK', undefined],
  ] as const) {
    it(`${line} is the registration ${registration}`, () => {
      expect(answers.readRegistration(line)).to.equal(registration);
    });
  }

  for (const [line, dbm, bars] of [
    ['+CSQ: 31,99', -51, 5],
    ['+CSQ: 20,0', -73, 5],
    ['+CSQ: 15,0', -83, 4],
    ['+CSQ: 10,0', -93, 3],
    ['+CSQ: 5,0', -103, 2],
    ['+CSQ: 2,0', -109, 1],
    ['+CSQ: 0,0', -113, 0],
  ] as const) {
    it(`${line} is ${dbm} dBm, ${bars} bars`, () => {
      expect(answers.readSignal([line])).to.deep.equal({ dbm, bars });
    });
  }

  it('+CSQ: 99,99 is not known', () => {
    expect(answers.readSignal(['+CSQ: 99,99'])).to.equal(undefined);
  });

  it('lists what can be read from', () => {
    expect(answers.readStorages(['+CPMS: ("SM","ME","SR"),("SM","ME"),("SM")'])).to.deep.equal([
      'SM',
      'ME',
      'SR',
    ]);
    expect(answers.readStorages(['+CPMS: ("SM","BM"),', '("SM")'])).to.deep.equal(['SM', 'BM']);
    expect(answers.readStorages([])).to.deep.equal([]);
  });

  for (const [line, services] of [
    ['+CSMS: (0,1)', [0, 1]],
    ['+CSMS: (0-1,128)', [0, 1, 128]],
    ['+CSMS: (0)', [0]],
    ['+CSMS: 0,1,1,1', []],
  ] as const) {
    it(`${line} offers the message services ${services.join(', ') || 'none'}`, () => {
      expect(answers.readServices([line])).to.deep.equal(services);
    });
  }

  it('reads how full a storage is, in both forms', () => {
    expect(answers.readFill(['+CPMS: 3,50,3,50,3,50'])).to.deep.equal({ used: 3, total: 50 });
    expect(answers.readFill(['+CPMS: "SM",3,50,"SM",3,50'])).to.deep.equal({ used: 3, total: 50 });
  });

  it('reads a list of messages, and passes over what is damaged', () => {
    const lines = [
      '+CMGL: 1,0,,23',
      '0011',
      '+CMGL: 2,1,"Name, with comma",5',
      'zz',
      '+CMGL: 3,1,"",7',
      '002233',
    ];
    expect(stored.readList(lines).found).to.deep.equal([
      { index: 1, stat: 0, length: 23, hex: '0011' },
      { index: 3, stat: 1, length: 7, hex: '002233' },
    ]);
  });

  it('reads a list whose headers have no field for a name', () => {
    expect(stored.readList(['+CMGL: 17,3,1', '00AA']).found).to.deep.equal([
      { index: 17, stat: 3, length: 1, hex: '00AA' },
    ]);
  });

  it('does not take the end of a name for a PDU', () => {
    expect(stored.readList(['+CMGL: 1,0,"Bob 00112233445566",1', '00AA']).found).to.deep.equal([
      { index: 1, stat: 0, length: 1, hex: '00AA' },
    ]);
  });

  it('tells by the length whether the service centre stands in front', () => {
    expect(stored.readPduForm('0791947101670000AABB', 2)).to.deep.equal({ smsc: true, fits: true });
    expect(stored.readPduForm('00AABB', 2)).to.deep.equal({ smsc: true, fits: true });
    expect(stored.readPduForm('06AABB', 3)).to.deep.equal({ smsc: false, fits: true });
    expect(stored.readPduForm('0011', 23)).to.deep.equal({ smsc: true, fits: false });
  });

  it('never throw, whatever the line', () => {
    const scrap = fc.oneof(
      fc.string(),
      fc
        .constantFrom('+CMGL: ', '+CPMS: (', '+CSQ: ', '"', ',', '1', '\u0000')
        .chain((head) => fc.string().map((tail) => head + tail)),
    );
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 4 }), (lines) => {
        answers.readPinState(lines);
        answers.readServiceCentre(lines);
        answers.readSignal(lines);
        answers.readOperator(lines);
        answers.readStorages(lines);
        answers.readServices(lines);
        answers.readFill(lines);
        stored.readList(lines);
        stored.readMessage(1, lines);
        answers.readReference(lines);
        for (const line of lines) {
          answers.readImei(line);
          answers.readIccid(line);
          answers.readRegistration(line);
          answers.readIndication(line);
          answers.readLength(line);
        }
      }),
    );
  });
});

describe('the notation of a device', () => {
  for (const [text, device] of [
    ['/dev/ttyUSB0', { kind: 'path', path: '/dev/ttyUSB0' }],
    [
      '/dev/serial/by-id/usb-HUAWEI-if00-port0',
      { kind: 'path', path: '/dev/serial/by-id/usb-HUAWEI-if00-port0' },
    ],
    ['COM16', { kind: 'path', path: 'COM16' }],
    ['tcp://10.0.0.7:7001', { kind: 'tcp', host: '10.0.0.7', port: 7001 }],
    ['tcp://[fe80::1]:7001', { kind: 'tcp', host: 'fe80::1', port: 7001 }],
    ['imei:490154203237518', { kind: 'imei', imei: '490154203237518' }],
    ['imei:49-015420-323751-8', { kind: 'imei', imei: '490154203237518' }],
    ['usb:12D1:1001', { kind: 'usb', vendor: '12d1', product: '1001' }],
    ['usb:12d1:1001:ABC:1', { kind: 'usb', vendor: '12d1', product: '1001', serial: 'ABC:1' }],
  ] as const) {
    it(`takes ${text}`, () => {
      expect(parseDevice(text)).to.deep.equal(device);
    });
  }

  for (const text of [
    '',
    ' ',
    'tcp://host',
    'tcp://host:0',
    'tcp://host:99999',
    'imei:12',
    'usb:12d1',
    'usb:xyz1:1001',
    'http://host:1',
  ]) {
    it(`refuses "${text}"`, () => {
      expect(() => parseDevice(text))
        .to.throw()
        .that.includes({ code: 'config.invalid' });
    });
  }
});

describe('what is known of makes', () => {
  for (const [identity, name] of [
    ['SIEMENS TC35i REVISION 02.00', 'Siemens/Cinterion'],
    ['huawei E1550 11.608.14.15.311', 'Huawei'],
    ['SIMCOM_Ltd SIMCOM_SIM800L Revision:1418B05SIM800L24', 'SIMCom SIM800'],
    ['SIMCOM INCORPORATED SIMCOM_SIM7600E-H LE20B03', 'SIMCom SIM7'],
    ['Quectel EC25 EC25EFAR06A01M4G', 'Quectel'],
    ['MultiTech MTSMC-G2', 'MultiTech'],
    ['Quectel EC25 EC25EUGAR06A03M4G', 'Teltonika RUT'],
    ['Teltonika TM2 01.05.01', 'Teltonika TM1, TM2'],
    ['SIMCOM_Ltd SIMCOM_SIM900 Revision:1137B01SIM900M64_ST', 'SIMCom SIM800/SIM900'],
  ] as const) {
    it(`finds ${name} in "${identity}"`, () => {
      expect(findQuirks(identity)?.name).to.include(name);
    });
  }

  it('finds nothing in a make that is not known', () => {
    expect(findQuirks('Mailsms Test Modem 1.0')).to.equal(undefined);
  });
});
