import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Secret } from '../../../lib/base/secret.ts';
import { FilePinMemory, ProcessPinMemory } from '../../../lib/transports/modem/at/pin.ts';
import { settle } from '../../support/clock.ts';
import { job, started } from './rig.ts';

const pin = new Secret('4711');
const pinCommands = (commands: readonly string[]): string[] => commands.filter((line) => /CPIN=/.test(line));

describe('bringing a modem up', () => {
  it('leaves a prompt that somebody left behind, without sending what stands there', async () => {
    const made = await started('', {});
    await made.transport.stop();
    // Another program died with its PDU written and Ctrl+Z not.
    const port = await made.memory.openPort('x', { clock: made.clock });
    await port.write(Buffer.from('AT+CMGS=19\r'));
    await settle();
    await port.write(Buffer.from('0011000B915155214365F70000AA05E8329BFD06'));
    const { createModemTransport } = await import('../../../lib/transports/modem/modem.ts');
    const next = createModemTransport(
      { id: 'm', device: 'x' },
      { clock: made.clock, log: made.log, openPort: async () => port },
    );
    await next.start(made.events);
    await settle(300);
    expect(made.events.state).to.equal('up');
    expect(made.modem.sent).to.deep.equal([]);
    await next.stop();
  });

  describe('the PIN', () => {
    it('is given where it is asked for, with two seconds of rest after it', async () => {
      const { modem, events, clock, transport, log } = await started('set pin 4711', {
        settings: { pin, trace: true },
      });
      expect(pinCommands(modem.commands)).to.deep.equal(['AT+CPIN="4711"']);
      expect(modem.commands.at(-1)).to.equal('AT+CPIN="4711"');
      await clock.advance(1_999);
      expect(modem.commands.at(-1)).to.equal('AT+CPIN="4711"');
      await clock.advance(1);
      expect(events.state).to.equal('up');
      expect(log.text).to.not.include('4711');
      await transport.stop();
    });

    it('is never tried again once it was refused, however often the modem is opened', async () => {
      const { modem, events, clock, transport } = await started('set pin 1234', { settings: { pin } });
      await clock.advance(3_600_000);
      expect(pinCommands(modem.commands)).to.have.length(1);
      expect(modem.traits.tries).to.equal(2);
      expect(events.state).to.equal('down');
      expect(events.statuses.at(-1)?.reason).to.match(/refused .*PIN/);
      await transport.stop();
    });

    it('is tried again when the configuration has another one', async () => {
      const pins = new ProcessPinMemory();
      const first = await started('set pin 1234', { settings: { pin }, deps: { pins } });
      await first.transport.stop();
      const second = await started('set pin 1234', { settings: { pin: new Secret('1234') }, deps: { pins } });
      await second.clock.advance(2_000);
      expect(second.events.state).to.equal('up');
      await second.transport.stop();
    });

    it('stays refused over a restart of the program', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'mailsms-pin-'));
      try {
        const path = join(folder, 'pins.json');
        for (let run = 0; run < 3; run++) {
          const { modem, transport, clock } = await started('set pin 1234', {
            settings: { pin },
            deps: { pins: new FilePinMemory(path) },
          });
          await clock.advance(60_000);
          expect(pinCommands(modem.commands)).to.have.length(run === 0 ? 1 : 0);
          await transport.stop();
        }
        expect(readFileSync(path, 'utf8')).to.not.include('4711');
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it('is tried once more, and not oftener, when its answer never came', async () => {
      const { modem, clock, memory, transport } = await started('set pin 4711\n> AT+CPIN="4711"\n! unplug', {
        settings: { pin },
      });
      for (let i = 0; i < 20; i++) {
        memory.replug();
        await clock.advance(30_000);
      }
      expect(pinCommands(modem.commands)).to.have.length(2);
      await transport.stop();
    });

    it('is asked for in plain words where none is set', async () => {
      const { events, transport } = await started('set pin 1234');
      expect(events.statuses.at(-1)).to.include({ state: 'down' });
      expect(events.statuses.at(-1)?.reason).to.include('asks for its PIN and none is set');
      await transport.stop();
    });

    for (const [state, words] of [
      ['SIM PUK', 'PUK'],
      ['PH-NET PIN', 'locked to another network'],
      ['PH-SIM PIN', 'locked to another SIM'],
      ['SOMETHING NEW', 'SOMETHING NEW'],
    ] as const) {
      it(`is not given to a SIM that says ${state}`, async () => {
        const { events, modem, transport, clock } = await started(`> AT+CPIN?\n< +CPIN: ${state}\n< OK`, {
          settings: { pin },
        });
        await clock.advance(600_000);
        expect(pinCommands(modem.commands)).to.deep.equal([]);
        expect(events.statuses.at(-1)?.reason).to.include(words);
        await transport.stop();
      });
    }

    it('does not mind that the SIM asks for its PIN2', async () => {
      const { events, transport } = await started('> AT+CPIN?\n< +CPIN: SIM PIN2\n< OK');
      expect(events.state).to.equal('up');
      await transport.stop();
    });

    it('is given to a modem that says without OK that its SIM asks for it, as Wavecom does', async () => {
      const { events, modem, clock, transport } = await started(
        'set pin 4711\n> AT+CPIN? [1]\n< +CPIN: SIM PIN\n> AT+CPIN?\n< +CPIN: READY',
        { settings: { pin } },
      );
      await clock.advance(4_000);
      expect(pinCommands(modem.commands)).to.deep.equal(['AT+CPIN="4711"']);
      expect(events.state).to.equal('up');
      await transport.stop();
    });

    it('waits for a SIM that is busy', async () => {
      const { events, clock, transport } = await started('> AT+CPIN? [1-5]\n< +CME ERROR: 14');
      expect(events.state).to.equal('none');
      await clock.advance(5_000);
      expect(events.state).to.equal('up');
      await transport.stop();
    });

    it('says that there is no SIM, and comes up when there is one', async () => {
      const { events, clock, transport } = await started('> AT+CPIN? [1-3]\n< +CME ERROR: 10');
      expect(events.statuses.at(-1)?.reason).to.include('no SIM');
      await clock.advance(60_000);
      expect(events.state).to.equal('up');
      await transport.stop();
    });
  });

  describe('the service centre', () => {
    it('is set in the modem where the configuration names another', async () => {
      const { modem, transport } = await started('', { settings: { smsc: '+491710760000' } });
      expect(modem.commands).to.include('AT+CSCA="+491710760000",145');
      await transport.send(job(), async () => undefined);
      expect(modem.sent[0]?.hex).to.match(/^00/);
      expect(transport.status().facts).to.include({ smsc: '+491710760000' });
      await transport.stop();
    });

    it('is left alone where it is the same, or none is named', async () => {
      for (const settings of [{ smsc: '+15550000000' }, {}]) {
        const { modem, transport } = await started('', { settings });
        expect(modem.commands.filter((line) => line.startsWith('AT+CSCA='))).to.deep.equal([]);
        await transport.stop();
      }
    });

    it('is written into each PDU where the SIM keeps its own', async () => {
      const { modem, transport } = await started('> AT+CSCA=*\n< +CMS ERROR: 302', {
        settings: { smsc: '+491710760000' },
      });
      await transport.send(job(), async () => undefined);
      expect(modem.sent[0]?.hex).to.match(/^0791947101670000/);
      await transport.stop();
    });
  });

  describe('what a modem refuses', () => {
    it('falls back to the next AT+CNMI', async () => {
      const { modem, events, transport } = await started('> AT+CNMI=2,1,0,2,0\n< +CMS ERROR: 303');
      expect(modem.commands.filter((line) => line.startsWith('AT+CNMI='))).to.deep.equal([
        'AT+CNMI=2,1,0,2,0',
        'AT+CNMI=2,1,0,2,1',
      ]);
      expect(events.state).to.equal('up');
      await transport.stop();
    });

    it('does with sweeps alone where every AT+CNMI is refused', async () => {
      const { modem, events, clock, transport } = await started('> AT+CNMI=*\n< ERROR');
      const pdus = modem.injectText('+1555', 'quiet');
      await clock.advance(60_000);
      expect(events.received_).to.deep.equal(pdus);
      await transport.stop();
    });

    it('takes a modem that knows none of the questions about the network at its word', async () => {
      const { events, transport } = await started('> AT+C*REG*\n< ERROR');
      expect(events.state).to.equal('up');
      await transport.stop();
    });

    it('comes up though everything that is optional is refused', async () => {
      const script = [
        'ATE0',
        'AT+CMEE*',
        'AT+CG*',
        'AT+CSCA?',
        'AT+CSMS*',
        'AT+CNMI*',
        'AT+CPMS*',
        'AT+CREG=1',
        'AT+COPS?',
        'AT+CSQ',
        'AT+CIMI',
        'AT+CCID',
      ]
        .map((command) => `> ${command}\n< ERROR`)
        .join('\n');
      const { modem, events, clock, transport } = await started(script);
      await clock.advance(10_000);
      expect(events.state).to.equal('up');
      await transport.send(job('ok'), async () => undefined);
      expect(modem.sent).to.have.length(1);
      await transport.stop();
    });

    it('comes up though something optional is met with silence', async () => {
      const { events, clock, transport } = await started('> AT+CSMS=1\n> AT+CGMR\n> AT+CREG=1');
      await clock.advance(60_000);
      expect(events.state).to.equal('up');
      await transport.stop();
    });
  });

  it('sends the commands of the operator at the end', async () => {
    const { modem, transport } = await started('> AT+NONSENSE\n< ERROR', {
      settings: { init: ['AT+NONSENSE', 'AT+CSCS="GSM"'] },
    });
    expect(modem.commands).to.include.members(['AT+NONSENSE', 'AT+CSCS="GSM"']);
    await transport.stop();
  });

  it('does not touch what the modem has received where it is told not to receive', async () => {
    const { modem, transport, clock } = await started('', { settings: { receive: false } });
    modem.injectText('+1555', 'for somebody else');
    await clock.advance(300_000);
    expect(modem.commands.filter((line) => /CNMI|CPMS|CMGL|CMGR|CMGD|CSMS/.test(line))).to.deep.equal([]);
    expect(modem.stored).to.equal(1);
    await transport.stop();
  });

  describe('the network', () => {
    it('is waited for', async () => {
      const { modem, events, clock, transport } = await started('set registration 2');
      expect(events.statuses.at(-1)).to.include({
        state: 'down',
        reason: 'the modem is searching for a network',
      });
      modem.register(1);
      await settle(50);
      expect(events.state).to.equal('up');
      await clock.advance(1_000);
      await transport.stop();
    });

    it('is noticed to have come though the modem does not say so', async () => {
      const { modem, events, clock, transport } = await started('set registration 2\n> AT+CREG=1\n< ERROR');
      modem.register(5);
      await clock.advance(5_000);
      expect(events.state).to.equal('up');
      expect(transport.status().facts).to.include({ registration: 'roaming' });
      await transport.stop();
    });

    it('is noticed to be lost', async () => {
      const { modem, events, transport } = await started();
      modem.register(3);
      await settle(50);
      expect(events.statuses.at(-1)).to.include({ state: 'down', reason: 'the network refuses the SIM' });
      await transport.stop();
    });

    it('may be there for packets alone', async () => {
      const { events, transport } = await started(
        '> AT+CREG?\n< +CREG: 0,0\n< OK\n> AT+CEREG?\n< +CEREG: 0,1\n< OK',
      );
      expect(events.state).to.equal('up');
      await transport.stop();
    });
  });
});
