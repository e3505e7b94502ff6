import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Fault } from '../../../lib/base/errors.ts';
import { createModemTransport, type ModemTransport } from '../../../lib/transports/modem/modem.ts';
import type { ModemSettings } from '../../../lib/transports/modem/settings.ts';
import { startPtyModem, type PtyModem } from '../../../lib/emulator/pty.ts';
import { needsPty } from '../../support/pty.ts';
import { job, KeptEvents, KeptLog } from './rig.ts';

describe('a modem behind a real terminal', function () {
  this.timeout(40_000);
  let modem: PtyModem;
  let transport: ModemTransport;
  let events: KeptEvents;
  const log = new KeptLog();

  before(needsPty);

  async function start(script = '', link?: string, settings: Partial<ModemSettings> = {}): Promise<void> {
    modem = await startPtyModem(script, link === undefined ? {} : { link });
    events = new KeptEvents();
    transport = createModemTransport(
      { id: 'm', device: modem.device, ...settings },
      { clock: systemClock, log },
    );
    await transport.start(events);
    await events.until(() => events.state === 'up', 'up');
  }

  afterEach(async () => {
    await transport.stop();
    await modem.close();
  });

  it('sends and receives', async () => {
    await start();
    await transport.send(job('over a real line: ä €'), async () => undefined);
    expect(modem.sent.map((sms) => sms.text)).to.deep.equal(['over a real line: ä €']);
    const pdus = modem.injectText('+15557654321', 'and back '.repeat(40));
    await events.until(() => events.received_.length === pdus.length, 'received');
    await modem.modem.waitForEmpty();
    expect(events.received_).to.deep.equal(pdus);
  });

  it('comes back by itself after it was pulled out and plugged in', async () => {
    const link = `/tmp/mailsms-test-modem-${process.pid}`;
    await start('', link);
    await modem.unplug();
    await events.until(() => events.state === 'down', 'down');
    await modem.replug();
    await events.until(() => events.state === 'up', 'up again');
    await transport.send(job('again'), async () => undefined);
    expect(modem.sent.map((sms) => sms.text)).to.deep.equal(['again']);
  });

  it('is not opened by a second gateway of the same process', async () => {
    await start();
    const second = createModemTransport({ id: 'n', device: modem.device }, { clock: systemClock, log });
    const told = new KeptEvents();
    await second.start(told);
    await told.until(() => told.state === 'down', 'down');
    expect(told.statuses.at(-1)?.reason).to.include('in use by another gateway');
    await second.stop();
  });

  for (const [name, faults] of [
    ['hang-after-the-pdu-sent', ['gateway.unknown']],
    ['no-prompt', ['gateway.down']],
    ['garbage-for-an-answer', ['gateway.unknown']],
    ['garbage-before-the-prompt', []],
    ['unplug-in-the-pdu', ['gateway.unknown']],
    ['unplug-at-the-command', ['gateway.down']],
    ['restart-after-the-pdu', ['gateway.unknown']],
    ['urc-storm', []],
    ['echo-that-cannot-be-switched-off', []],
  ] as const) {
    it(`loses nothing: ${name}`, async () => {
      const script = readFileSync(
        new URL(`../../../fixtures/at/faults/${name}.txt`, import.meta.url),
        'utf8',
      );
      const quick = { readTimeoutMs: 1_500, sendTimeoutMs: 1_500, checkMs: 3_000 };
      await start(script, `/tmp/mailsms-test-modem-${process.pid}`, quick);
      let left = job('x'.repeat(300)).segments;
      const codes: string[] = [];
      for (let attempt = 0; left.length > 0 && attempt < 10; attempt++) {
        await modem.replug();
        await events.until(() => events.state === 'up', 'up');
        const { error } = await transport
          .send(job('', { segments: left }), async ({ sequence }) => {
            left = left.filter((part) => part.sequence !== sequence);
          })
          .then(
            () => ({ error: undefined }),
            (reason: unknown) => ({ error: reason as Fault }),
          );
        if (error !== undefined) codes.push(error.code);
      }
      expect(codes).to.deep.equal(faults);
      expect([...new Set(modem.sent.map((sms) => sms.text))].join('')).to.equal('x'.repeat(300));
    });
  }

  it('says that the outcome is not known when the line goes away after the PDU', async () => {
    await start('> PDU\n! take\n! unplug');
    const error = await transport
      .send(job(), async () => undefined)
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(error).to.include({ code: 'gateway.unknown' });
    expect(modem.sent).to.have.length(1);
  });
});
