import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { Product, run, until } from '../support/product.ts';
import { needsPty } from '../support/pty.ts';

const MAILSMS = resolve(import.meta.dirname, '../../dist/bin/mailsms.js');

/** `mailsms modem emulate` as a user starts it. */
class Emulate {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.child = spawn(process.execPath, [MAILSMS, 'modem', 'emulate', ...args], {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (octets: Buffer) => (this.stdout += octets.toString()));
    this.child.stderr?.on('data', (octets: Buffer) => (this.stderr += octets.toString()));
  }

  /** The first line of its output. */
  device(): Promise<string> {
    return until('the first line', () => /^(.+)\n/.exec(this.stdout)?.[1]);
  }

  say(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Ends it and resolves with its exit code. */
  async end(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await gone;
    }
    return this.child.exitCode;
  }
}

describe('mailsms modem emulate', () => {
  let emulate: Emulate | undefined;
  let product: Product | undefined;

  afterEach(async () => {
    await product?.dispose();
    product = undefined;
    await emulate?.end();
    emulate = undefined;
  });

  it('prints the device of its terminal first, is a modem there, and obeys standard input', async function () {
    await needsPty.call(this);
    product = new Product();
    const link = join(product.dir, 'modem');
    const script = join(product.dir, 'faults.txt');
    writeFileSync(script, 'set model Tester\nset mode text\n> PDU [1]\n< +CMS ERROR: 38\n');
    emulate = new Emulate(['--script', script, '--link', link]);
    expect(await emulate.device()).to.equal(link);
    expect(readlinkSync(link)).to.match(/^\/dev\//);
    product.configure({
      queue: { retry: ['100ms'] },
      gateways: [
        {
          id: 'modem1',
          type: 'modem',
          device: link,
          from: 'sms:%s@sms.example.com',
          mailbox: 'a@example.com',
        },
      ],
    });
    await product.start();
    await product.logged(/gateway up/);
    const sent = await product.cli('send', '--to', '+15551234567', '--text', 'hello there');
    expect(sent.code, sent.stderr).to.equal(0);
    const { stderr } = emulate;
    await until(
      'the SMS',
      () => emulate?.stderr.includes('to +15551234567, reference 1: hello there') || undefined,
    );
    expect(stderr).to.equal('');
    emulate.say('+15557654321 an answer');
    await product.logged(/"number":"\+15557654321".*received/);
    emulate.say('nonsense');
    await until('its answer', () => emulate?.stderr.includes('not understood: nonsense') || undefined);
    expect(await emulate.end()).to.equal(0);
    expect(existsSync(link)).to.equal(false);
    expect(emulate.stdout).to.equal(`${link}\n`);
  });

  it('needs nothing with --tcp, and goes on when its standard input ends', async () => {
    emulate = new Emulate(['--tcp', '0'], { PATH: '/nowhere' });
    emulate.child.stdin?.end();
    const device = await emulate.device();
    expect(device).to.match(/^tcp:\/\/127\.0\.0\.1:\d+$/);
    const { code, stdout } = await run(process.execPath, [MAILSMS, 'modem', 'probe', device]);
    expect({ code, stdout }).to.deep.include({ code: 0 });
    expect(stdout).to.contain('Mailsms Test Modem, IMEI 490154203237518');
    expect(await emulate.end()).to.equal(0);
  });

  it('says what is wrong with a script before it is a modem', async () => {
    product = new Product();
    const script = join(product.dir, 'faults.txt');
    writeFileSync(script, '\nset ecko on\n');
    emulate = new Emulate(['--script', script, '--tcp', '0']);
    const [code] = (await once(emulate.child, 'exit')) as [number];
    expect({ code, stdout: emulate.stdout }).to.deep.equal({ code: 1, stdout: '' });
    expect(emulate.stderr).to.contain('script line 2: there is no trait "ecko"');
  });
});
