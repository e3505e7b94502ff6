import { expect } from 'chai';
import { settle } from '../../support/clock.ts';
import { createMemoryModem } from '../../support/modem.ts';
import { createModemTransport } from '../../../lib/transports/modem/modem.ts';
import { ManualClock } from '../../support/clock.ts';
import { job, KeptEvents, KeptLog, outcome } from './rig.ts';

describe('thirty-two modems in one process', () => {
  it('do not wait for the one that hangs, the one that is gone and the one without a network', async () => {
    const clock = new ManualClock();
    const scripts: Record<number, string> = {
      3: '> AT+CMGS=*\n! deaf',
      7: '> PDU\n! unplug',
      11: 'set registration 2',
    };
    const all = Array.from({ length: 32 }, (_, at) => {
      const memory = createMemoryModem(`set latency 1000\n${scripts[at] ?? ''}`, { clock });
      const transport = createModemTransport(
        { id: `m${at}`, device: `/dev/m${at}` },
        { clock, log: new KeptLog(), openPort: memory.openPort },
      );
      return { at, modem: memory.modem, transport, events: new KeptEvents() };
    });
    await Promise.all(all.map(({ transport, events }) => transport.start(events)));
    await settle(400);
    const results = all.map(({ transport }) =>
      outcome(
        (async () => {
          for (let i = 0; i < 5; i++) await transport.send(job(`text ${i}`), async () => undefined);
        })(),
      ),
    );
    await clock.advance(5_500);
    for (const { at, modem } of all) {
      if (scripts[at] === undefined) {
        expect(results[at], `modem ${at}`).to.deep.equal({ settled: true, value: undefined });
        expect(modem.sent).to.have.length(5);
      }
    }
    const [hangs, gone, nowhere] = [3, 7, 11].map((at) => results[at]);
    expect(hangs?.settled).to.equal(false);
    expect(gone?.error).to.include({ code: 'gateway.unknown' });
    expect(nowhere?.error).to.include({ code: 'gateway.down' });
    const stopped = outcome(Promise.all(all.map(({ transport }) => transport.stop())));
    await clock.advance(60_000);
    expect(stopped.settled).to.equal(true);
  });
});
