import { expect } from 'chai';
import fc from 'fast-check';
import type { Job, PartSent, TransportEvents } from '../../../lib/routing/transport.ts';
import { createModemTransport, type ModemTransport } from '../../../lib/transports/modem/modem.ts';
import { ManualClock } from '../../support/clock.ts';
import { MemoryLog } from '../../support/log.ts';
import { createMemoryModem, type MemoryModem } from '../../support/modem.ts';
import { ScriptedTransport, World } from '../../support/world.ts';

/** The modem's own transport in the place of a scripted one. */
class ModemGateway extends ScriptedTransport {
  readonly awaitsClearance = true;
  readonly memory: MemoryModem;
  readonly #inner: ModemTransport;

  constructor(clock: ManualClock, script: string) {
    super('modem1');
    this.memory = createMemoryModem(script, { clock });
    const { openPort } = this.memory;
    const device = { id: this.id, device: '/dev/memory' };
    this.#inner = createModemTransport(device, { clock, log: new MemoryLog(), openPort });
  }

  override async start(events: TransportEvents): Promise<void> {
    this.events = events;
    await this.#inner.start(events);
  }

  override send(job: Job, sent: PartSent): Promise<void> {
    return this.#inner.send(job, sent);
  }

  override async stop(): Promise<void> {
    await this.#inner.stop();
  }
}

/** What befalls a modem at one of its commands, the n-th time. */
const BLOWS = [
  '! unplug',
  '! restart',
  '! take\n! unplug',
  '! default\n! unplug',
  '! wait 20000',
  '',
] as const;
const PLACES = ['PDU', 'PDU-START', 'AT+CMGS=*', 'AT+CSQ', 'AT+CMMS=*', 'AT+CPMS=*'] as const;

describe('dispatch with a modem', () => {
  it('that is pulled out, restarts and falls silent at any step sends everything, and twice only what is said', async function () {
    this.timeout(60_000);
    const blow = fc.tuple(
      fc.constantFrom(...PLACES),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(...BLOWS),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(blow, { minLength: 1, maxLength: 6 }), async (blows) => {
        const script = blows.map(([place, nth, what]) => `> ${place} [${nth}]\n${what}`).join('\n');
        const clock = new ManualClock();
        const gateway = new ModemGateway(clock, script);
        const world = await World.start({ gateways: [gateway], clock });
        try {
          const texts = Array.from({ length: 6 }, (_, n) => `${n} `.repeat(n % 3 === 0 ? 200 : 3).trim());
          const ids: string[] = [];
          for (const text of texts) {
            const [result] = await world.mail('"sms:+15551234567"@sms.example.com', text);
            if (result === undefined || !('ids' in result)) throw new Error('not accepted');
            ids.push(...result.ids);
          }
          for (let minute = 0; minute < 40; minute++) {
            gateway.memory.replug();
            await world.pass(60_000);
          }
          let parts = 0;
          for (const id of ids) {
            const message = await world.store.find(id);
            expect(message?.state, world.log.lines.slice(-40).join('\n')).to.equal('sent');
            parts += message?.parts.length ?? 0;
          }
          const sent = gateway.memory.modem.sent.map(({ text }) => text ?? '');
          expect([...new Set(sent)].join('').length).to.equal(texts.join('').length);
          const said = world.log.lines.filter((line) => line.includes('may make a duplicate')).length;
          expect(sent.length - parts, world.log.lines.join('\n')).to.be.within(0, said);
        } finally {
          await world.stop();
          world.remove();
        }
      }),
      { numRuns: 25 },
    );
  });
});
