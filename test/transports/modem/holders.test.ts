import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemClock } from '../../../lib/base/clock.ts';
import { describeHolders, findHolders } from '../../../lib/transports/modem/holders.ts';
import { createModemTransport, type ModemTransport } from '../../../lib/transports/modem/modem.ts';
import { probe } from '../../../lib/transports/modem/probe.ts';
import type { ModemSettings } from '../../../lib/transports/modem/settings.ts';
import { openPty, startPtyModem } from '../../../lib/emulator/pty.ts';
import { needsPty } from '../../support/pty.ts';
import { job, KeptEvents, KeptLog } from './rig.ts';

const SHORT = { readTimeoutMs: 300, sendTimeoutMs: 300 };

describe('a line that another process has open too', function () {
  this.timeout(20_000);
  const children: ChildProcess[] = [];
  const endings: (() => Promise<unknown>)[] = [];

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  before(needsPty);
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
    for (const child of children.splice(0)) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  });

  /** Another program on the line: `sleep (process N)`. */
  async function other(device: string): Promise<string> {
    const child = spawn('sh', ['-c', 'exec 3<>"$1" && echo open && exec sleep 60', 'sh', device], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    // It is a shell until it has become what it runs.
    while ((await findHolders(device)).find(({ pid }) => pid === child.pid)?.name !== 'sleep');
    return `sleep (process ${child.pid})`;
  }

  async function gateway(device: string, settings: Partial<ModemSettings> = {}) {
    const events = new KeptEvents();
    const transport: ModemTransport = createModemTransport(
      { id: 'm', device, ...SHORT, ...settings },
      { clock: systemClock, log: new KeptLog() },
    );
    endings.push(() => transport.stop());
    await transport.start(events);
    return { transport, events };
  }

  it('is said of a modem that does not answer when it is brought up', async () => {
    const pty = await openPty(() => undefined);
    endings.push(() => pty.close());
    const who = await other(pty.device);
    const { events } = await gateway(pty.device);
    const isTold = (): boolean => events.statuses.at(-1)?.reason?.includes(who) === true;
    await events.until(isTold, 'the other program named');
    expect(events.statuses.at(-1)?.reason)
      .to.include('no answer')
      .and.include(`${pty.device} is also open in`);
    expect(events.statuses.at(-1)?.lastError?.reason).to.include(who);
  });

  for (const [name, script, code] of [
    ['a time-out', '> PDU [1]', 'gateway.unknown'],
    ['+CMS ERROR: 304', '> PDU\n< +CMS ERROR: 304', 'message.content'],
  ] as const) {
    it(`is said of a message that failed by ${name}`, async () => {
      const modem = await startPtyModem(script);
      endings.push(() => modem.close());
      const { transport, events } = await gateway(modem.device);
      await events.until(() => events.state === 'up', 'up');
      const who = await other(modem.device);
      const error = await transport.send(job(), async () => undefined).catch((reason: unknown) => reason);
      expect(error).to.include({ code });
      expect((error as Error).message).to.include(who);
    });
  }

  it('is not said of a message that the network refused', async () => {
    const modem = await startPtyModem('> PDU\n< +CMS ERROR: 28');
    endings.push(() => modem.close());
    const { transport, events } = await gateway(modem.device);
    await events.until(() => events.state === 'up', 'up');
    await other(modem.device);
    const error = await transport.send(job(), async () => undefined).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'gateway.number' });
    expect((error as Error).message).not.to.include('also open');
  });

  it('is said by the probe of a line where nobody answers', async () => {
    const pty = await openPty(() => undefined);
    endings.push(() => pty.close());
    const who = await other(pty.device);
    const report = await probe(pty.device, { clock: systemClock });
    expect(report.answers).to.equal(false);
    expect(report.problem).to.include('no answer').and.include(who);
  });
});

describe('looking for who has a line open', () => {
  let folder: string;
  let line: string;
  const shut: string[] = [];

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mailsms-proc-'));
    line = join(folder, 'ttyUSB0');
    await writeFile(line, '');
  });
  afterEach(async () => {
    for (const fd of shut.splice(0)) await chmod(fd, 0o700);
    await rm(folder, { recursive: true, force: true });
  });

  async function process_(pid: string, name: string, open: readonly string[]): Promise<void> {
    const fd = join(folder, pid, 'fd');
    await mkdir(fd, { recursive: true });
    await writeFile(join(folder, pid, 'comm'), `${name}\n`);
    for (const [index, target] of open.entries()) await symlink(target, join(fd, String(index)));
  }

  it('finds those that have it open, by whatever name it is asked for', async () => {
    await process_('12', 'ModemManager', ['/dev/null', line]);
    await process_('13', 'bash', ['/dev/null']);
    await process_(String(process.pid), 'node', [line]);
    const link = join(folder, 'modem1');
    await symlink(line, link);
    expect(await findHolders(link, folder)).to.deep.equal([{ pid: 12, name: 'ModemManager', seen: true }]);
    expect(await describeHolders(link, systemClock, folder)).to.equal(
      `${link} is also open in ModemManager (process 12)`,
    );
  });

  it('points at a program that takes modems where the system hides what it has open', async () => {
    await process_('12', 'ModemManager', [line]);
    await process_('13', 'bash', [line]);
    await chmod(folder, 0o755);
    // Shut even to their owner, for where the tests are not run by root.
    shut.push(...['12', '13'].map((pid) => join(folder, pid, 'fd')));
    for (const fd of shut) await chmod(fd, 0);
    const told = await asNobody(() => describeHolders(line, systemClock, folder));
    expect(told).to.equal(`${line} may be open in ModemManager (process 12) too`);
  });

  it('says nothing where nobody has it open, the line is gone, or processes are not shown', async () => {
    await process_('13', 'bash', ['/dev/null']);
    expect(await describeHolders(line, systemClock, folder)).to.equal(undefined);
    expect(await describeHolders(join(folder, 'gone'), systemClock, folder)).to.equal(undefined);
    expect(await describeHolders(line, systemClock, join(folder, 'nowhere'))).to.equal(undefined);
  });
});

/** Without the superuser's right to look into everything. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
