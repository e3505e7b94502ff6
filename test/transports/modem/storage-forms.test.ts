import { expect } from 'chai';
import { settle } from '../../support/clock.ts';
import { started } from './rig.ts';

const NUMBER = '+15557654321';
/** A modem that lists as a script says, and says nothing of what comes in. */
const SILENT = '> AT+CNMI*\n< ERROR\n';

describe('a storage that is shown in another way than the standard has it', () => {
  for (const [what, script] of [
    ['the list gives the state in words', '> AT+CMGL=4\n< +CMGL: 1,"REC UNREAD",,LEN\n<< PDU\\r\\n\n< OK'],
    ['the list has small letters', '> AT+CMGL=4\n< +CMGL: 1,0,,LEN\n<< PDULOW\\r\\n\n< OK'],
    ['the list has no lengths', '> AT+CMGL=4\n< +CMGL: 1,0\n<< PDU\\r\\n\n< OK'],
    ['the list is empty, a place is not', '> AT+CMGL=4\n< OK'],
    [
      'the list is empty, and a place has no state',
      '> AT+CMGL=4\n< OK\n> AT+CMGR=1\n< +CMGR: LEN\n<< PDU\\r\\n\n< OK',
    ],
    [
      'the list is empty, and a place has neither',
      '> AT+CMGL=4\n< OK\n> AT+CMGR=1\n< +CMGR: ,,\n<< PDU\\r\\n\n< OK',
    ],
    [
      'the list is empty, and the state in words',
      '> AT+CMGL=4\n< OK\n> AT+CMGR=1\n< +CMGR: "REC UNREAD",,LEN\n<< PDU\\r\\n\n< OK',
    ],
  ] as const) {
    it(`${what}: the message is received and deleted`, async () => {
      const made = await started(`set storages SM:5\n${SILENT}`);
      const [pdu = ''] = made.modem.pdusOf(NUMBER, 'hello');
      const length = pdu.length / 2 - 8;
      const { parseScript } = await import('../../../lib/emulator/script.ts');
      const text = script
        .replaceAll('LEN', String(length))
        .replaceAll('PDULOW', pdu.toLowerCase())
        .replaceAll('PDU', pdu);
      made.modem.rule(parseScript(text).rules.map((rule) => ({ ...rule, to: 3 })));
      made.modem.inject(pdu);
      await made.clock.advance(61_000);
      expect([...new Set(made.events.received_)], made.log.text).to.deep.equal([pdu]);
      expect(made.modem.stored).to.equal(0);
      await made.transport.stop();
    });
  }

  it('with something in it that cannot be read: says so once, and leaves it there', async () => {
    for (const script of [
      '> AT+CMGL=4\n< +CMGL: 1,0,,20\n< ???\n< OK\n> AT+CMGR=*\n< OK',
      '> AT+CMGL=4\n< OK\n> AT+CMGR=*\n< OK',
      '> AT+CMGL=4\n< OK\n> AT+CMGR=1\n< +CMGR: 0,,20\n< OK\n> AT+CMGR=*\n< OK',
    ]) {
      const made = await started(`set storages SM:5\n${SILENT}${script}`);
      made.modem.injectText(NUMBER, 'hello');
      await made.clock.advance(600_000);
      const said = made.log.lines.filter(
        ({ level, text }) => level === 'warn' && /cannot be read/.test(text),
      );
      expect(
        said.map(({ fields }) => fields.storage),
        script,
      ).to.satisfy(
        (storages: unknown[]) =>
          storages.length >= 1 && storages.length <= 2 && storages.every((each) => each === 'SM'),
      );
      expect([made.modem.stored, made.events.received_.length, made.log.opened]).to.deep.equal([1, 0, 1]);
      await made.transport.stop();
    }
  });

  it('is read by its list again when the SIM was only busy', async () => {
    const made = await started(`${SILENT}> AT+CMGL=4 [1-6]\n< +CMS ERROR: 314`);
    const pdus = made.modem.injectText(NUMBER, 'hello');
    await made.clock.advance(200_000);
    expect(made.events.received_).to.deep.equal(pdus);
    expect(made.modem.commands.filter((line) => line.startsWith('AT+CMGR'))).to.deep.equal([]);
    await made.transport.stop();
  });
});

describe('a message that is given directly', () => {
  for (const [what, write] of [
    ['in small letters', (pdu: string, length: number) => `+CMT: ,${length}\r\n${pdu.toLowerCase()}`],
    ['in quotes', (pdu: string, length: number) => `+CMT: ,${length}\r\n"${pdu}"`],
    ['without the comma', (pdu: string, length: number) => `+CMT: ${length}\r\n${pdu}`],
    ['with a name', (pdu: string, length: number) => `+CMT: "Ada",${length}\r\n${pdu}`],
    ['without a length', (pdu: string) => `+CMT: ,\r\n${pdu}`],
  ] as const) {
    it(`${what} is received`, async () => {
      const made = await started('set csms off');
      const [pdu = ''] = made.modem.pdusOf(NUMBER, 'hello');
      made.modem.say(write(pdu, pdu.length / 2 - 8));
      await settle(50);
      expect(made.events.received_).to.deep.equal([pdu]);
      await made.transport.stop();
    });
  }

  it('and cannot be read is said in the log, and the storages are looked through', async () => {
    const made = await started('set csms off');
    made.modem.say('+CMT: ,27\r\n?????');
    await settle(50);
    expect(made.log.text).to.match(/warn .*odd.*\+CMT: ,27/);
    await made.transport.stop();
  });
});
