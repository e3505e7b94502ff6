import { expect } from 'chai';
import { FAULTS } from '../../../../lib/base/errors.ts';
import { CAUSES, findCause, sendFault } from '../../../../lib/transports/modem/at/causes.ts';
import { ChannelError, readFinal } from '../../../../lib/transports/modem/at/result.ts';

/** The Fault of a hand-over that the modem refuses with this line. */
function faultOf(line: string) {
  return sendFault(
    new ChannelError('refused', 'handed', 'AT+CMGS=19', line, undefined, readFinal(line)?.cause),
  );
}

describe('the causes of +CMS ERROR and +CME ERROR', () => {
  for (const [line, code, enhanced] of [
    ['+CMS ERROR: 1', 'gateway.number', '5.1.1'],
    ['+CMS ERROR: 8', 'gateway.refused', '5.7.1'],
    ['+CMS ERROR: 10', 'gateway.refused', '5.7.1'],
    ['+CMS ERROR: 21', 'gateway.refused', '5.7.1'],
    ['+CMS ERROR: 27', 'gateway.number', '5.1.1'],
    ['+CMS ERROR: 28', 'gateway.number', '5.1.1'],
    ['+CMS ERROR: 29', 'gateway.refused', '5.7.1'],
    ['+CMS ERROR: 30', 'gateway.number', '5.1.1'],
    ['+CMS ERROR: 38', 'gateway.deferred', '4.4.2'],
    ['+CMS ERROR: 41', 'gateway.deferred', '4.4.2'],
    ['+CMS ERROR: 42', 'gateway.deferred', '4.4.5'],
    ['+CMS ERROR: 47', 'gateway.deferred', '4.4.5'],
    ['+CMS ERROR: 304', 'message.content', '5.6.0'],
    ['+CMS ERROR: 310', 'gateway.down', '4.3.5'],
    ['+CMS ERROR: 313', 'gateway.down', '4.3.0'],
    ['+CMS ERROR: 320', 'gateway.down', '4.3.0'],
    ['+CMS ERROR: 314', 'gateway.busy', '4.3.2'],
    ['+CMS ERROR: 331', 'gateway.busy', '4.4.1'],
    ['+CMS ERROR: 332', 'gateway.unknown', '4.4.2'],
    ['+CMS ERROR: 500', 'gateway.deferred', '4.4.0'],
    ['+CMS ERROR: 999', 'gateway.deferred', '4.4.2'],
    ['+CMS ERROR: network out of order', 'gateway.deferred', '4.4.2'],
    ['+CMS ERROR: SIM not inserted', 'gateway.down', '4.3.5'],
    ['+CMS ERROR: (U)SIM not inserted', 'gateway.down', '4.3.5'],
    ['+CMS ERROR: Unknown Subscriber', 'gateway.number', '5.1.1'],
    ['+CMS ERROR: what nobody knows', 'gateway.deferred', '4.4.2'],
    ['+CME ERROR: 10', 'gateway.down', '4.3.5'],
    ['+CME ERROR: SIM busy', 'gateway.busy', '4.3.2'],
    ['+CME ERROR: 30', 'gateway.busy', '4.4.1'],
    ['ERROR', 'gateway.deferred', '4.4.2'],
  ] as const) {
    it(`${line} is ${code} ${enhanced}`, () => {
      expect(faultOf(line)).to.include({ code, enhanced });
    });
  }

  it('agree with the catalogue on what is temporary, and with RFC 3463 on the class', () => {
    for (const { family, code } of CAUSES) {
      const fault = faultOf(`+${family} ERROR: ${code}`);
      expect(fault.enhanced, `${family} ${code}`).to.match(fault.temporary ? /^4\.\d\.\d$/ : /^5\.\d\.\d$/);
      expect(FAULTS[fault.code].temporary).to.equal(fault.temporary);
    }
  });

  it('are one sentence each, for people', () => {
    for (const { told } of CAUSES) expect(told).to.match(/^(the|this|sending|a) [^.]+$/);
  });

  it('are in each family once', () => {
    const keys = CAUSES.map(({ family, code }) => `${family} ${code}`);
    expect(new Set(keys).size).to.equal(keys.length);
  });

  it('are found by number and by name alike', () => {
    for (const cause of CAUSES) {
      expect(findCause({ family: cause.family, code: cause.code })).to.equal(cause);
      expect(
        findCause({ family: cause.family, text: cause.name.toUpperCase() })?.name.toLowerCase(),
      ).to.equal(cause.name.toLowerCase());
    }
  });

  it('tell the log the command and the name, and the sender neither', () => {
    const fault = faultOf('+CMS ERROR: 38');
    expect(fault.detail).to.include('AT+CMGS=19').and.include('Network out of order');
    expect(fault.told).to.equal('the mobile network is out of order');
  });

  for (const [kind, stage, code] of [
    ['timeout', 'command', 'gateway.down'],
    ['closed', 'command', 'gateway.down'],
    ['timeout', 'handed', 'gateway.unknown'],
    ['closed', 'handed', 'gateway.unknown'],
  ] as const) {
    it(`silence (${kind}, ${stage}) is ${code}`, () => {
      expect(sendFault(new ChannelError(kind, stage, 'AT+CMGS=19', 'no answer')).code).to.equal(code);
    });
  }
});
