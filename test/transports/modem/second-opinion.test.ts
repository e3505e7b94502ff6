import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { needs } from '../../support/clients.ts';
import { run, until } from '../../support/product.ts';
import { startPtyModem, type PtyModem } from '../../../lib/emulator/pty.ts';
import { needsPty } from '../../support/pty.ts';

/**
 * The modem that our tests are about is one that we wrote. Programs that others wrote, and that have spoken to real modems
 * for twenty years, say here whether they take it for one.
 */
describe('a second opinion on the modem of the tests', function () {
  this.timeout(30_000);
  let dir: string;
  let modem: PtyModem;

  before(needsPty);
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mailsms-opinion-'));
  });
  afterEach(async () => {
    await modem?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  describe('gammu', () => {
    before(needs('gammu'));

    async function gammu(...args: string[]): Promise<string> {
      writeFileSync(join(dir, 'gammurc'), `[gammu]\ndevice = ${modem.device}\nconnection = at115200\n`);
      const { code, stdout, stderr } = await run('gammu', ['-c', join(dir, 'gammurc'), ...args]);
      expect(code, stdout + stderr).to.equal(0);
      return stdout;
    }

    it('sends through it in PDU mode', async () => {
      modem = await startPtyModem();
      await gammu('sendsms', 'TEXT', '+15551234567', '-text', 'a second opinion');
      expect(modem.sent.map(({ number, text }) => [number, text])).to.deep.equal([
        ['+15551234567', 'a second opinion'],
      ]);
    });

    it('reads what came in, in text mode', async () => {
      modem = await startPtyModem('set pdu off');
      modem.injectText('+15557654321', 'and an answer');
      const shown = await gammu('getallsms');
      expect(shown).to.contain('and an answer').and.to.contain('+15557654321');
    });
  });

  describe('smstools', () => {
    before(needs('smsd'));

    it('sends through it and fetches what came in', async () => {
      modem = await startPtyModem();
      modem.injectText('+15557654321', 'an answer for smsd');
      const at = (name: string): string => join(dir, name);
      for (const name of ['outgoing', 'checked', 'incoming', 'failed', 'sent', 'report']) mkdirSync(at(name));
      writeFileSync(at('outgoing/one'), 'To: 15551234567\n\nfrom smsd\n');
      const lines = ['outgoing', 'checked', 'incoming', 'failed', 'sent', 'report'].map(
        (name) => `${name} = ${at(name)}`,
      );
      writeFileSync(
        at('smsd.conf'),
        [
          'devices = GSM1',
          ...lines,
          `logfile = ${at('log')}`,
          `infofile = ${at('info')}`,
          `pidfile = ${at('pid')}`,
          'delaytime = 1',
          'delaytime_mainprocess = 1',
          'trust_outgoing = yes',
          '[GSM1]',
          `device = ${modem.device}`,
          'incoming = yes',
          'baudrate = 115200',
          'check_network = 0',
          '',
        ].join('\n'),
      );
      const smsd = spawn('smsd', ['-t', `-c${at('smsd.conf')}`], {
        stdio: 'ignore',
        detached: true,
      });
      const gone = once(smsd, 'exit');
      try {
        const sent = await modem.waitForSent(1, 20_000);
        expect(sent.map(({ number, text }) => [number, text])).to.deep.equal([['+15551234567', 'from smsd']]);
        const file = await until('the answer to be fetched', () => readdirSync(at('incoming'))[0]);
        expect(readFileSync(at(`incoming/${file}`), 'utf8')).to.contain('an answer for smsd');
      } finally {
        // With the process that it has for the modem, which would take octets from whoever has that terminal next.
        if (smsd.pid !== undefined) process.kill(-smsd.pid, 'SIGKILL');
        await gone;
      }
    });
  });
});
