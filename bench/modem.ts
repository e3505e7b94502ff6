/**
 * How fast one modem is used: npx tsx bench/modem.ts [--messages 200] [--latency 0,1000] [--only mailsms,transport,smstools,gammu] [--many 32]
 *
 * The same emulated modem (`mailsms modem emulate`, a process of its own behind a pseudo-terminal) is driven one after
 * the other by mailsms' modem transport and, where Debian's smstools and gammu-smsd are installed, by those. Each
 * gets the same single-part messages, all queued before it starts. The modem notes when it had a whole PDU and when it
 * answered. Overhead is what passes between an answer and the next whole PDU: the modem waits for the client.
 *
 * mailsms is the whole program, store and all, with the messages mailed to it by SMTP while the modem is not there yet;
 * transport is its modem transport alone. `--many` then drives that many modems of 1 s each by transports in this one process.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createTransport } from 'nodemailer';
import { systemClock } from '../lib/base/clock.ts';
import type { Log } from '../lib/base/log.ts';
import type { Job } from '../lib/routing/transport.ts';
import { segment } from '../lib/sms/segment.ts';
import { createModemTransport, type ModemTransport } from '../lib/transports/modem/modem.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '200' },
    latency: { type: 'string', default: '0,1000' },
    only: { type: 'string', default: 'mailsms,transport,smstools,gammu' },
    many: { type: 'string', default: '32' },
  },
});
const MESSAGES = Number(values.messages);
const CLI = new URL('../bin/mailsms.ts', import.meta.url).pathname;
const work = mkdtempSync(join(tmpdir(), 'mailsms-bench-modem-'));
const silent: Log = { debug: none, info: none, warn: none, error: none, child: () => silent };

interface Emulator {
  readonly device: string;
  /** Resolves with each SMS's times when `count` went out. */
  wait(count: number, limitMs: number): Promise<readonly Times[]>;
  end(): Promise<void>;
}

interface Times {
  readonly pdu: number;
  readonly answer: number;
}

interface Result {
  readonly rate: number;
  readonly median: number;
  readonly mean: number;
  readonly sent: number;
}

let serial = 0;

async function emulate(latency: number, count = 1, base = join(work, `modem${++serial}`)): Promise<Emulator> {
  writeFileSync(`${base}.txt`, `set latency ${latency}\nset echo on\n`);
  writeFileSync(`${base}.stats`, '');
  const options = ['--quiet', '--link', base, '--script', `${base}.txt`, '--stats', `${base}.stats`];
  if (count > 1) options.push('--count', String(count));
  const child = spawn(process.execPath, ['--import', 'tsx', CLI, 'modem', 'emulate', ...options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  for (let said = ''; said.split('\n').length <= count;) {
    const [octets] = (await once(child.stdout, 'data')) as [Buffer];
    said += octets.toString();
  }
  const times = (): Times[] =>
    readFileSync(`${base}.stats`, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [, pdu = 0, answer = 0] = line.split(' ').map(Number);
        return { pdu, answer };
      });
  return {
    device: base,
    wait: async (count, limitMs) => {
      const end = Date.now() + limitMs;
      while (times().length < count && Date.now() < end) await pause(100);
      return times();
    },
    end: () => ended(child, 'SIGTERM'),
  };
}

type Begin = (device?: string) => Promise<Emulator>;

async function viaMailsms(begin: Begin, limit: number): Promise<readonly Times[]> {
  const root = join(work, `mailsms${++serial}`);
  const device = `${root}.tty`;
  const port = 20_000 + (process.pid % 10_000) + serial;
  mkdirSync(root);
  writeFileSync(
    join(root, 'mailsms.yaml'),
    `dataDir: ${root}/data
domains: [{ name: sms.example.com, country: US }]
smtp: { listen: "127.0.0.1:${port}", trusted: ["127.0.0.1/32"] }
http: { listen: "127.0.0.1:${port + 1000}" }
gateways: [{ id: modem1, type: modem, device: ${device}, from: "sms:%s@sms.example.com", mailbox: desk@example.com }]
`,
    { mode: 0o600 },
  );
  const bin = new URL('../bin/mailsms.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', bin, 'start', '--config', join(root, 'mailsms.yaml')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  for (let said = ''; !said.includes('ready');)
    said += String(((await once(child.stdout, 'data')) as [Buffer])[0]);
  child.stdout.resume();
  const mailer = createTransport({
    host: '127.0.0.1',
    port,
    pool: true,
    maxConnections: 5,
    maxMessages: Infinity,
    ignoreTLS: true,
  });
  await Promise.all(
    Array.from({ length: MESSAGES }, (_, at) =>
      mailer.sendMail({ from: 'bench@example.com', to: `+15551234567@sms.example.com`, text: `bench ${at}` }),
    ),
  );
  mailer.close();
  const emulator = await begin(device);
  try {
    return await emulator.wait(MESSAGES, limit);
  } finally {
    await ended(child, 'SIGTERM');
    await emulator.end();
  }
}

async function viaTransport(begin: Begin, limit: number): Promise<readonly Times[]> {
  const emulator = await begin();
  const transport = createModemTransport(
    { id: 'bench', device: emulator.device },
    { clock: systemClock, log: silent },
  );
  await up(transport);
  for (let i = 0; i < MESSAGES; i++)
    await transport.send(message(i, i < MESSAGES - 1), async () => undefined);
  await transport.stop();
  const times = await emulator.wait(MESSAGES, limit);
  await emulator.end();
  return times;
}

async function viaSmstools(begin: Begin, limit: number): Promise<readonly Times[]> {
  const emulator = await begin();
  const root = join(work, `smstools${serial}`);
  for (const name of ['outgoing', 'checked', 'incoming', 'failed', 'sent', 'report'])
    mkdirSync(join(root, name), { recursive: true });
  for (let i = 0; i < MESSAGES; i++)
    writeFileSync(
      join(root, 'outgoing', `m${String(i).padStart(4, '0')}`),
      `To: 15551234567\n\nbench ${i}\n`,
    );
  // The fastest settings that its manual offers.
  const config = `devices = GSM1
outgoing = ${root}/outgoing
checked = ${root}/checked
incoming = ${root}/incoming
failed = ${root}/failed
sent = ${root}/sent
report = ${root}/report
logfile = ${root}/log
loglevel = 4
infofile = ${root}/info
pidfile = ${root}/pid
delaytime = 1
delaytime_mainprocess = 1
trust_outgoing = yes
[GSM1]
device = ${emulator.device}
incoming = no
baudrate = 115200
poll_faster = 50
check_network = 0
keep_open = yes
status_signal_quality = no
`;
  writeFileSync(join(root, 'smsd.conf'), config);
  return drive('smsd', ['-t', `-c${root}/smsd.conf`], emulator, limit);
}

async function viaGammu(begin: Begin, limit: number): Promise<readonly Times[]> {
  const emulator = await begin();
  const root = join(work, `gammu${serial}`);
  for (const name of ['in', 'out', 'sent', 'err']) mkdirSync(join(root, name), { recursive: true });
  const config = `[gammu]
device = ${emulator.device}
connection = at115200
[smsd]
service = files
logfile = ${root}/log
inboxpath = ${root}/in/
outboxpath = ${root}/out/
sentsmspath = ${root}/sent/
errorsmspath = ${root}/err/
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
receive = 0
loopsleep = 0
statusfrequency = 0
commtimeout = 30
`;
  writeFileSync(join(root, 'smsdrc'), config);
  for (let i = 0; i < MESSAGES; i++) {
    const made = spawnSync('gammu-smsd-inject', [
      '-c',
      `${root}/smsdrc`,
      'TEXT',
      '+15551234567',
      '-text',
      `bench ${i}`,
    ]);
    if (made.status !== 0) throw new Error(`gammu-smsd-inject: ${made.stderr.toString()}`);
  }
  return drive('gammu-smsd', ['-c', `${root}/smsdrc`], emulator, limit);
}

async function drive(
  program: string,
  args: string[],
  emulator: Emulator,
  limit: number,
): Promise<readonly Times[]> {
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  try {
    return await emulator.wait(MESSAGES, limit);
  } finally {
    await ended(child, 'SIGTERM');
    endGroup(child);
    await emulator.end();
  }
}

function judge(times: readonly Times[]): Result {
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined) return { rate: 0, median: NaN, mean: NaN, sent: 0 };
  const gaps = times.slice(1).map((one, at) => one.pdu - (times[at]?.answer ?? 0));
  gaps.sort((a, b) => a - b);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  return {
    rate: (times.length - 1) / ((last.answer - first.answer) / 1000),
    median: gaps[Math.floor(gaps.length / 2)] ?? NaN,
    mean,
    sent: times.length,
  };
}

const CLIENTS: Readonly<Record<string, { run: typeof viaMailsms; needs?: string; each: number }>> = {
  mailsms: { run: viaMailsms, each: 100 },
  transport: { run: viaTransport, each: 100 },
  smstools: { run: viaSmstools, needs: 'smsd', each: 1000 },
  gammu: { run: viaGammu, needs: 'gammu-smsd', each: 3000 },
};

async function one(): Promise<void> {
  console.log(`${MESSAGES} messages, one modem, ${cpus().length} cores (${cpus()[0]?.model ?? '?'})\n`);
  console.log('| modem takes | client | messages/s | overhead a message, median | mean |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const latency of values.latency.split(',').map(Number)) {
    for (const name of values.only.split(',')) {
      const client = CLIENTS[name];
      if (client === undefined) throw new Error(`no client ${name}`);
      if (client.needs !== undefined && spawnSync('which', [client.needs]).status !== 0) {
        console.log(`| ${latency} ms | ${name} | not installed | | |`);
        continue;
      }
      const limit = 30_000 + MESSAGES * (latency + client.each);
      const result = judge(await client.run((device) => emulate(latency, 1, device), limit));
      const short = result.sent < MESSAGES ? ` (only ${result.sent} sent)` : '';
      console.log(
        `| ${latency} ms | ${name}${short} | ${result.rate.toFixed(2)} | ${result.median.toFixed(2)} ms | ${result.mean.toFixed(2)} ms |`,
      );
    }
  }
}

async function many(count: number): Promise<void> {
  const each = 20;
  const emulator = await emulate(1000, count);
  const transports = Array.from({ length: count }, (_, at) =>
    createModemTransport(
      { id: `bench${at}`, device: `${emulator.device}${at}` },
      { clock: systemClock, log: silent },
    ),
  );
  await Promise.all(transports.map(up));
  // Each has introduced itself and has looked through its storages by then.
  await pause(3_000);
  const began = performance.now();
  await Promise.all(
    transports.map(async (transport) => {
      for (let i = 0; i < each; i++) await transport.send(message(i, i < each - 1), async () => undefined);
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `\n${count} modems of 1 s in one process: ${((count * each) / seconds).toFixed(2)} messages/s (${count} would be without overhead)`,
  );
  await Promise.all(transports.map((transport) => transport.stop()));
  await emulator.end();
}

function up(transport: ModemTransport): Promise<void> {
  return new Promise((resolve, reject) => {
    transport
      .start({
        received: async () => undefined,
        health: ({ state }) => {
          if (state === 'up') resolve();
        },
      })
      .catch(reject);
  });
}

function message(at: number, more: boolean): Job {
  const text = `bench ${at}`;
  return {
    messageId: `m${at}`,
    number: '+15551234567',
    content: { kind: 'text', text },
    options: {},
    segments: segment(text).parts,
    expires: Number.MAX_SAFE_INTEGER,
    more,
  };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(late);
}

/** smsd has a process for each modem, which would take octets from whoever has that terminal next. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function none(): void {
  // The bench measures; it does not log.
}

try {
  await one();
  if (Number(values.many) > 0) await many(Number(values.many));
} finally {
  rmSync(work, { recursive: true, force: true });
}
