import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock, type Clock } from '../../lib/base/clock.ts';
import { messageOf } from '../../lib/base/errors.ts';
import { EmulatorConsole, type Emulation } from '../../lib/emulator/console.ts';
import { EmulatedModem } from '../../lib/emulator/modem.ts';
import { NO_PTY, startPtyModem } from '../../lib/emulator/pty.ts';
import { parseScript, type Script } from '../../lib/emulator/script.ts';
import { serveModem } from '../../lib/emulator/socket.ts';
import { harmless } from '../table.ts';

/** A running emulation, as the command needs it. */
interface Running extends Emulation {
  readonly device: string;
  close(): Promise<void>;
}

interface EmulateOptions {
  readonly script?: string;
  readonly link?: string;
  readonly tcp?: number;
  readonly count: number;
  readonly stats?: string;
  readonly quiet?: true;
}

/** `mailsms modem emulate`: a modem that is a program, to try a configuration or a program on. */
export function emulateCommand(): Command {
  return new Command('emulate')
    .description(
      'run a modem that is a program, and print its device; faults and texts are said on standard input',
    )
    .option('--script <file>', 'what it does otherwise than a standard modem (docs/modems.md)')
    .addOption(new Option('--link <path>', 'a symbolic link that points to its device').conflicts('tcp'))
    .option('--tcp <port>', 'be at tcp://127.0.0.1:PORT, not on a pseudo-terminal; 0: any free port', port)
    .option('--count <number>', 'so many modems; PATH and PORT are then counted up', count, 1)
    .option('--stats <file>', 'append the times of each SMS: command, PDU, answer in ms, and the number')
    .option('--quiet', 'do not say what is sent')
    .action(emulate);
}

async function emulate(options: EmulateOptions): Promise<void> {
  const script = options.script === undefined ? '' : readFileSync(options.script, 'utf8');
  // Each modem has its own, and a mistake is told before anything runs.
  const read = (): Script => parseScript(script);
  new EmulatedModem(read());
  const all: Running[] = [];
  for (let at = 0; at < options.count; at++) {
    const started = await start(read(), options, at);
    all.push(started);
    process.stdout.write(`${started.device}\n`);
    tell(started, options);
  }
  const [first] = all;
  if (first !== undefined) listen(new EmulatorConsole(first));
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  await Promise.all(all.map((one) => one.close()));
  // Standard input may be a terminal that nobody closes.
  process.stdin.destroy();
}

async function start(script: Script, { link, tcp, count }: EmulateOptions, at: number): Promise<Running> {
  if (tcp === undefined) {
    const named = link === undefined ? {} : { link: count === 1 ? link : `${link}${at}` };
    try {
      return await startPtyModem(script, { clock: fineClock, ...named });
    } catch (error) {
      throw messageOf(error) === NO_PTY ? new Error(`${NO_PTY}; --tcp 7001 does without`) : error;
    }
  }
  const modem = new EmulatedModem(script, fineClock);
  const served = await serveModem(modem, { port: tcp === 0 ? 0 : tcp + at });
  return {
    device: `tcp://127.0.0.1:${served.port}`,
    modem,
    unplug: served.cut,
    replug: () => undefined,
    close: served.close,
  };
}

/** Fractions of a millisecond, for `--stats`; its timers, unlike those of the gateway, are all that this program does. */
const fineClock: Clock = { ...systemClock, now: () => performance.timeOrigin + performance.now() };

/** Says on standard error what goes out. */
function tell({ modem, device }: Running, { count, quiet, stats }: EmulateOptions): void {
  const whose = count === 1 ? '' : `${device} `;
  let shown = 0;
  modem.watch(() => {
    for (const { number, reference, text, hex, times } of modem.sent.slice(shown)) {
      shown++;
      if (quiet !== true) {
        process.stderr.write(
          `${whose}${shown}: to ${number}, reference ${reference}: ${harmless(text ?? hex)}\n`,
        );
      }
      if (stats !== undefined)
        appendFileSync(stats, `${times.command} ${times.pdu} ${times.answer} ${number}\n`);
    }
  });
}

function listen(console: EmulatorConsole): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    console.obey(line).catch((error: unknown) => process.stderr.write(`${messageOf(error)}\n`));
  });
}

function port(value: string): number {
  if (!/^\d+$/.test(value) || Number(value) > 65_535) throw new InvalidArgumentError('a port is 0 to 65535');
  return Number(value);
}

function count(value: string): number {
  if (!/^[1-9]\d{0,2}$/.test(value)) throw new InvalidArgumentError('a number from 1 to 999');
  return Number(value);
}
