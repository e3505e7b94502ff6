import { within } from '../../base/clock.ts';
import type { Device } from './device.ts';
import { Channel } from './at/channel.ts';
import { describeHolders } from './holders.ts';
import { cannotOpen, type OpenPort, type PortOptions } from './at/port.ts';

/** A serial line that the operating system knows of. */
export interface ListedLine {
  readonly path: string;
  readonly vendor?: string;
  readonly product?: string;
  readonly serial?: string;
}

export interface FindTools {
  readonly open: OpenPort;
  /** Which lines there are; the operating system's list by default. */
  readonly list?: () => Promise<readonly ListedLine[]>;
}

/** So long a line may be silent before it is taken for none of a modem's that answers commands. */
const PROBE_TIMEOUT = 2_000;
/** The system is asked by a program of its own (udevadm in Linux). */
const LIST_TIMEOUT = 10_000;

/**
 * The path of the line where the modem with this IMEI, or at this USB device, answers AT commands: a USB modem
 * shows several lines, of which only one or two do. Throws Fault `gateway.down` where none answers.
 */
export async function findDevice(
  wanted: Extract<Device, { kind: 'imei' | 'usb' }>,
  options: PortOptions,
  tools: FindTools,
): Promise<string> {
  const name = nameOf(wanted);
  const late = (): Error => cannotOpen(name, `the system did not list its lines in ${LIST_TIMEOUT / 1000} s`);
  const listed = await within(options.clock, LIST_TIMEOUT, (tools.list ?? listLines)(), late);
  const lines = listed.filter((line) => matches(line, wanted));
  for (const line of lines) {
    const imei = await askImei(line.path, options, tools.open);
    if (imei === undefined) continue;
    // Two lines of one modem answer alike: the first will do. The 15th digit is a check digit that some leave out.
    if (wanted.kind === 'usb' || imei.slice(0, 14) === wanted.imei.slice(0, 14)) return line.path;
  }
  const others = await Promise.all(lines.map(({ path }) => describeHolders(path, options.clock)));
  const why = [`${lines.length} lines fit, on none does this modem answer`, ...others];
  throw cannotOpen(name, why.filter((each) => each !== undefined).join('; '));
}

function nameOf(wanted: Extract<Device, { kind: 'imei' | 'usb' }>): string {
  if (wanted.kind === 'imei') return `imei:${wanted.imei}`;
  const serial = wanted.serial === undefined ? '' : `:${wanted.serial}`;
  return `usb:${wanted.vendor}:${wanted.product}${serial}`;
}

/** The lines that the operating system knows of, USB ones with their identifiers. */
export async function listLines(): Promise<ListedLine[]> {
  const { SerialPort } = await import('serialport');
  const found = await SerialPort.list();
  return found
    .map((line) => ({
      path: line.path,
      ...(line.vendorId === undefined ? {} : { vendor: line.vendorId.toLowerCase() }),
      ...(line.productId === undefined ? {} : { product: line.productId.toLowerCase() }),
      ...(line.serialNumber === undefined ? {} : { serial: line.serialNumber }),
    }))
    .sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
}

function matches(line: ListedLine, wanted: Extract<Device, { kind: 'imei' | 'usb' }>): boolean {
  // A board's own UARTs (no USB identifiers) are not written to in search of an IMEI: they may be consoles.
  if (wanted.kind === 'imei') return line.vendor !== undefined;
  if (line.vendor !== wanted.vendor || line.product !== wanted.product) return false;
  return wanted.serial === undefined || line.serial === wanted.serial;
}

/** The IMEI that the line answers; undefined where nobody answers, or somebody else has the line. */
async function askImei(path: string, options: PortOptions, open: OpenPort): Promise<string | undefined> {
  let channel: Channel | undefined;
  try {
    const port = await open(path, { ...options, timeoutMs: PROBE_TIMEOUT });
    channel = new Channel(port, { clock: options.clock, readTimeoutMs: PROBE_TIMEOUT });
    await channel.open(1);
    const answer = await channel.command('AT+CGSN');
    return /\d{14,16}/.exec(answer.join(' '))?.[0];
  } catch {
    // A line that cannot be opened or does not answer is not the one.
    return undefined;
  } finally {
    await channel?.close();
  }
}
