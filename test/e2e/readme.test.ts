import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { needs } from '../support/clients.ts';
import { type Finished, run, until } from '../support/product.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const MAILSMS = join(ROOT, 'dist/bin/mailsms.js');

/** The block after `<!-- kind: name -->`. */
function block(kind: string, name: string): string {
  const match = new RegExp(`<!-- ${kind}: ${name} -->\\n+\`\`\`\\w*\\n([^]*?)\`\`\``).exec(README);
  if (match?.[1] === undefined) throw new Error(`README.md has no block "${kind}: ${name}"`);
  return match[1];
}

describe('the README', () => {
  let dir: string;
  let gateway: ChildProcess | undefined;
  let output = '';

  before(needs('curl'));
  before(async function () {
    if (await answers(2525)) {
      process.stderr.write('    skipped: something listens on port 2525, where the README does\n');
      this.skip();
    }
    dir = mkdtempSync(join(tmpdir(), 'mailsms-readme-'));
    gateway = spawn(process.execPath, [MAILSMS, 'start'], { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] });
    gateway.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    await until('ready', () => output.includes('ready') || undefined);
  });
  after(async () => {
    if (gateway !== undefined) {
      const gone = once(gateway, 'exit');
      gateway.kill('SIGTERM');
      await gone;
    }
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  });

  const shell = (name: string): Promise<Finished> =>
    run(
      'sh',
      ['-ec', block('run', name).replaceAll('npx mailsms', `${process.execPath} ${MAILSMS}`)],
      '',
      dir,
    );

  it('sends its first message, sees it, answers it, and finds the answer', async () => {
    const sent = await shell('send');
    expect(sent.code, sent.stderr).to.equal(0);
    const shown = await until('the text on the phone', async () => {
      const { stdout } = await shell('phone');
      return stdout.includes('Hello from mail') ? stdout : undefined;
    });
    // The same as the README shows, but for the time.
    const promised = /```\n(\+15551234567 \(gateway[^]*?)```/.exec(README)?.[1] ?? '';
    const timeless = (text: string): string => text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, 'TIME');
    expect(timeless(shown)).to.equal(timeless(promised));

    const reply = await shell('reply');
    expect(reply.code, reply.stderr).to.equal(0);
    await until('the answer', () => {
      const folder = join(dir, 'data/Maildir/new');
      return (existsSync(folder) && readdirSync(folder).length > 0) || undefined;
    });
    const { stdout: mail } = await shell('maildir');
    const lines = /```\n(From: [^]*?)\.\.\./.exec(README)?.[1]?.trim().split('\n') ?? [];
    expect(lines).to.have.length(3);
    for (const line of lines) expect(mail).to.contain(line);
    expect(mail).to.contain('Hello back');
  });

  it('says on the terminal what the README says', () => {
    expect(output).to.contain('SMTP 127.0.0.1:2525').and.to.contain('HTTP 127.0.0.1:8025');
    expect(output).to.contain('sms:+15551234567');
  });

  it('has a configuration that is valid', async () => {
    writeFileSync(join(dir, 'shown.yaml'), block('check', 'config'), { mode: 0o600 });
    const { code, stdout, stderr } = await run(
      process.execPath,
      [MAILSMS, 'check', '--config', 'shown.yaml'],
      '',
      dir,
    );
    expect(code, stdout + stderr).to.equal(0);
  });

  it('shows a mistake as it is shown', async () => {
    const mistaken = block('check', 'config').replace('device: /dev/ttyUSB0', 'devcie: /dev/ttyUSB0');
    writeFileSync(join(dir, 'mailsms.yaml'), mistaken, { mode: 0o600 });
    const { code, stdout, stderr } = await run(process.execPath, [MAILSMS, 'check'], '', dir);
    expect(code).to.equal(1);
    const promised = /```\n(mailsms\.yaml:.*)\n```/.exec(README)?.[1] ?? '';
    expect(stdout + stderr).to.contain(promised);
  });

  it('names only commands and files that there are', async () => {
    const { stdout: help } = await run(process.execPath, [MAILSMS, '--help']);
    const commands = [...README.matchAll(/^\| `mailsms (\w+)/gm)].map((match) => match[1]);
    expect(commands.length).to.be.greaterThan(5);
    for (const command of commands) expect(help).to.match(new RegExp(`^ {2}${command}\\b`, 'm'));
    const links = [...README.matchAll(/\]\(([\w./-]+)\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !existsSync(join(ROOT, link)))).to.deep.equal([]);
  });
});

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = connect(port, '127.0.0.1');
    probe.once('connect', () => {
      probe.destroy();
      done(true);
    });
    probe.once('error', () => done(false));
  });
}
