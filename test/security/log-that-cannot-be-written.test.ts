import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePort } from '../support/postfix.ts';
import { Product, until } from '../support/product.ts';
import { WireClient } from '../support/wire.ts';

/**
 * A log that cannot be written must not hold the gateway up, must not let it grow, and must not keep it from ending.
 */
const FORMATS = ['json', 'pretty'] as const;

describe('a log that cannot be written', () => {
  let product: Product;
  let port: number;
  const opened: number[] = [];

  const configure = async (log: Record<string, unknown>): Promise<void> => {
    port = await freePort();
    product = new Product({
      smtp: { listen: `127.0.0.1:${port}`, trusted: ['127.0.0.1'] },
      http: { listen: '127.0.0.1:0' },
      log,
    });
  };
  const descriptor = (path: string): number => {
    const fd = openSync(path, 'w');
    opened.push(fd);
    return fd;
  };
  /** Takes a mail and is alive. */
  const works = async (): Promise<void> => {
    const client = await until('the port to be open', () => WireClient.open(port).catch(() => undefined));
    await client.reply();
    await client.command('EHLO client.test');
    await client.command('MAIL FROM:<a@b.example>');
    expect((await client.command('RCPT TO:<+15551234567@sms.example.com>'))[0]).to.match(/^250/);
    await client.command('DATA');
    client.send('Subject: hello', '', 'text', '.');
    expect(await client.readLine()).to.match(/^250 .*queued/);
    client.close();
  };
  const ends = async (child: ChildProcess, signal: NodeJS.Signals, code: number): Promise<void> => {
    const gone = once(child, 'exit');
    product.signal(signal);
    await gone;
    expect([child.exitCode, child.signalCode]).to.deep.equal([code, null]);
  };

  afterEach(async () => {
    await product?.dispose();
    for (const fd of opened.splice(0)) closeSync(fd);
  });

  for (const format of FORMATS) {
    it(`on a full disk: mails are taken, SIGHUP and SIGTERM heeded (${format})`, async () => {
      await configure({ format });
      const child = product.launch(descriptor('/dev/full'));
      await works();
      product.signal('SIGHUP');
      await works();
      await ends(child, 'SIGTERM', 0);
    });

    it(`whose reader has ended, as head does: mails are taken and SIGTERM heeded (${format})`, async () => {
      await configure({ format });
      const child = product.launch('pipe');
      await once(child.stdout ?? child, 'data');
      child.stdout?.destroy();
      await works();
      await works();
      await ends(child, 'SIGTERM', 0);
    });

    it(`whose reader does not read: what is held is bounded, and the loss is told (${format})`, async () => {
      await configure({ format, level: 'debug' });
      const child = product.launch('pipe');
      child.stdout?.pause();
      await works();
      // Each recipient that is refused is a line of some 250 octets: 5 MB of them, when a pipe has room for 64 kB.
      const before = resident(product.pid);
      const client = await WireClient.open(port);
      await client.reply();
      await client.command('EHLO client.test');
      await client.command('MAIL FROM:<a@b.example>');
      const refused = `RCPT TO:<nobody.${'x'.repeat(200)}@sms.example.com>`;
      for (let sent = 0; sent < 10_000; sent += 100) {
        client.send(...Array<string>(100).fill(refused));
        for (let i = 0; i < 100; i++) expect(await client.readLine()).to.match(/^550/);
      }
      client.close();
      await works();
      expect(resident(product.pid) - before).to.be.below(80_000_000);
      let text = '';
      child.stdout?.on('data', (chunk: Buffer) => void (text += chunk.toString('utf8')));
      child.stdout?.resume();
      await until('the loss to be told', () => /[1-9]\d* lines were dropped/.test(text) || undefined);
      await ends(child, 'SIGTERM', 0);
      expect(text.trimEnd().split('\n').at(-1)).to.match(/stopped/);
    });
  }

  it('in a file on a full disk: lines come again when there is room, and say how many are missing', async function () {
    if (process.getuid?.() !== 0) this.skip();
    await configure({ format: 'json', level: 'debug', file: './small/mailsms.log' });
    const small = join(product.dir, 'small');
    mkdirSync(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', small], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    try {
      writeFileSync(join(small, 'ballast'), Buffer.alloc(64 * 1024 - 4096));
      const child = product.launch('pipe');
      const log = (): string => readFileSync(join(small, 'mailsms.log'), 'utf8');
      for (let i = 0; i < 30; i++) await works();
      expect(log().length).to.be.within(1, 4096);
      writeFileSync(join(small, 'ballast'), '');
      await until('the log to go on', () => /can be written again/.test(log()) || undefined);
      for (const line of log().trimEnd().split('\n')) expect(JSON.parse(line)).to.have.property('msg');
      await ends(child, 'SIGTERM', 0);
      expect(log()).to.match(/"stopped"/);
    } finally {
      await product.stop('SIGKILL');
      execFileSync('umount', [small]);
    }
  });
});

/** Octets of memory that a process has. */
function resident(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024;
}
