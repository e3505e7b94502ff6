import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../../lib/base/clock.ts';
import type { ProbeReport } from '../../lib/transports/modem/probe.ts';
import type { Urc } from '../../lib/transports/modem/at/urc.ts';
import { type PlaceOptions, openControl, withPlace } from '../control.ts';
import { emulateCommand } from './emulate.ts';

/** The network's minute, and the modem's own time before it. */
const USSD_MS = 120_000;

interface LineOptions {
  readonly baudRate: number;
}

export function modemCommand(): Command {
  const modem = new Command('modem').description('look for modems and talk to them; emulate one');
  modem
    .command('probe')
    .argument('[device...]', 'such as /dev/ttyUSB0 or tcp://host:port (default: every USB serial line)')
    .description('find modems, say what they are and what works; no PIN is given, no message read')
    .option('--json', 'one JSON object a device, one a line')
    .option('--baud-rate <rate>', 'speed of the line', baudRate, 115_200)
    .action(probeAll);
  modem
    .command('at')
    .argument('<device>')
    .argument('<command>', "one AT command: 'AT+CSQ'")
    .description('send one AT command to a device that no running gateway uses, print the answer')
    .option('--baud-rate <rate>', 'speed of the line', baudRate, 115_200)
    .action(at);
  withPlace(
    modem
      .command('ussd')
      .argument('<gateway>', 'the id of a modem of the running gateway')
      .argument('<code>', "such as '*100#', the balance with many operators")
      .description('ask the network a USSD code through the running gateway, print the answer'),
  ).action(ussd);
  modem.addCommand(emulateCommand());
  return modem;
}

async function probeAll(
  devices: readonly string[],
  options: LineOptions & { json?: boolean },
): Promise<void> {
  const { listCandidates, probe } = await import('../../lib/transports/modem/probe.ts');
  const asked = devices.length > 0 ? devices : await listCandidates();
  if (asked.length === 0) {
    process.stderr.write('no USB serial line is there; name a device to look at\n');
    process.exitCode = 1;
    return;
  }
  for (const device of asked) await warnOfOthers(device);
  const tools = { clock: systemClock, baudRate: options.baudRate };
  const reports = await Promise.all(asked.map((device) => probe(device, tools)));
  for (const report of reports) {
    process.stdout.write(options.json === true ? `${JSON.stringify(report)}\n` : print(report));
  }
  if (!reports.some((report) => report.answers)) process.exitCode = 1;
}

/** Root may open a line that another program holds; then neither of the two hears all that is said. */
async function warnOfOthers(device: string): Promise<void> {
  const { describeHolders } = await import('../../lib/transports/modem/holders.ts');
  const others = await describeHolders(device, systemClock);
  if (others !== undefined) process.stderr.write(`${others}: one program takes the other's octets\n`);
}

function baudRate(written: string): number {
  const rate = Number(written);
  if (!/^\d+$/.test(written) || rate < 50 || rate > 4_000_000) {
    throw new InvalidArgumentError('It is a number of bits a second, such as 9600 or 115200.');
  }
  return rate;
}

function print(report: ProbeReport): string {
  if (!report.answers) return `${report.device}: no modem (${report.problem ?? 'no answer'})\n`;
  const { manufacturer = '?', model = '?', imei = '?' } = report.identity ?? {};
  const head = `${report.device}: ${manufacturer} ${model}, IMEI ${imei}${report.make === undefined ? '' : ` (${report.make})`}`;
  const lines = report.findings.map(
    ({ what, works, note }) => `  ${works ? 'yes' : 'no '}  ${what.padEnd(16)} ${note}`,
  );
  if (report.operator !== undefined) lines.push(`       operator         ${report.operator}`);
  if (report.signalDbm !== undefined) lines.push(`       signal           ${report.signalDbm} dBm`);
  return `${[head, ...lines].join('\n')}\n`;
}

async function ussd(gateway: string, code: string, place: PlaceOptions): Promise<void> {
  const control = await openControl(place);
  const { answer, more } = await control('POST /gateways/:id/ussd', {
    path: { id: gateway },
    body: { code },
    timeoutMs: USSD_MS,
  });
  process.stdout.write(`${answer}\n`);
  if (more) process.stderr.write(`the network waits for an entry: mailsms modem ussd ${gateway} ENTRY\n`);
}

async function at(device: string, command: string, options: LineOptions): Promise<void> {
  const [{ Channel }, { openPort }, { ChannelError }, { printUrc }] = await Promise.all([
    import('../../lib/transports/modem/at/channel.ts'),
    import('../../lib/transports/modem/open.ts'),
    import('../../lib/transports/modem/at/result.ts'),
    import('../../lib/transports/modem/at/urc.ts'),
  ]);
  await warnOfOthers(device);
  const port = await openPort(device, { clock: systemClock, baudRate: options.baudRate });
  // Also what the modem may have said as a part of its answer: ATI of many has "+GCAP: +CGSM" in it.
  const unasked = (urc: Urc): void => {
    const lines = urc.body === undefined ? [printUrc(urc)] : [printUrc(urc), urc.body];
    process.stderr.write(`unasked: ${lines.join('\n')}\n`);
  };
  const channel = new Channel(port, { clock: systemClock }, { urc: unasked });
  try {
    await channel.open();
    await channel.command('ATE0');
    for (const line of await channel.command(command)) process.stdout.write(`${line}\n`);
    process.stdout.write('OK\n');
  } catch (error) {
    if (!(error instanceof ChannelError) || error.kind !== 'refused') throw error;
    process.stdout.write(`${error.message.slice(error.message.indexOf(': ') + 2)}\n`);
    process.exitCode = 1;
  } finally {
    await channel.close();
  }
}
