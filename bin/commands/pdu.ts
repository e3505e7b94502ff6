import { createInterface } from 'node:readline';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../lib/base/units.ts';
import { compose, type ComposedPart, type ComposeRequest } from '../../lib/sms/compose.ts';
import type { MessageClass, WaitingIndication } from '../../lib/sms/dcs.ts';
import { DecodeError, EncodeError } from '../../lib/sms/errors.ts';
import { explainTpdu, type FieldRow } from '../../lib/sms/explain.ts';
import { fromHex } from '../../lib/sms/hex.ts';
import { tpduJson } from '../../lib/sms/json.ts';
import { likelyDirection, type Direction, type Tpdu } from '../../lib/sms/tpdu.ts';
import { jsonLines, table } from '../table.ts';

const TYPES = ['submit', 'deliver', 'status-report', 'command', 'deliver-report', 'submit-report'] as const;

/** `mailsms pdu decode` and `mailsms pdu encode`: the codec on the command line. Nothing is sent anywhere. */
export function pduCommand(): Command {
  return new Command('pdu')
    .description('decode and encode SMS PDUs (3GPP TS 23.040)')
    .addCommand(decodeCommand())
    .addCommand(encodeCommand());
}

interface ViewOptions {
  readonly json?: true;
  readonly human?: true;
}

/** Scripts read a JSON object a line; people, at a terminal or with --human, a table. */
function isForPeople({ json, human }: ViewOptions): boolean {
  return human ?? (json === undefined && process.stdout.isTTY);
}

function withView(command: Command): Command {
  return command
    .addOption(
      new Option('--json', 'one JSON object a line (the default unless on a terminal)').conflicts('human'),
    )
    .option('--human', 'a table of fields for people (the default on a terminal)');
}

interface DecodeCommandOptions extends ViewOptions {
  readonly smsc: boolean;
  readonly submit?: true;
  readonly type?: Tpdu['type'];
  readonly direction?: Direction;
  readonly lenient?: true;
}

function decodeCommand(): Command {
  const command = new Command('decode')
    .description(
      'print what PDUs say; without arguments, one hexadecimal PDU a line is read from standard input',
    )
    .argument('[hex...]', 'PDUs in hexadecimal')
    .option('--no-smsc', 'the octets of the service centre do not stand in front')
    .option('--submit', 'take each for an SMS-SUBMIT')
    .addOption(new Option('--type <type>', 'take each for this type').choices(TYPES).conflicts('submit'))
    .addOption(
      new Option('--direction <direction>', 'which way they went').choices(['to-mobile', 'from-mobile']),
    )
    .option('--lenient', 'read what can be read: user data cut short, broken headers, padded reports');
  return withView(command).action(async (arguments_: string[], options: DecodeCommandOptions) => {
    if (arguments_.length > 0) {
      for (const hex of arguments_) decodeOne(hex, options);
    } else {
      for await (const line of createInterface({ input: process.stdin })) decodeOne(line, options);
    }
  });
}

function decodeOne(line: string, options: DecodeCommandOptions): void {
  const hex = line.replace(/\s+/g, '');
  if (hex === '') return;
  try {
    const octets = fromHex(options.lenient ? hex.slice(0, hex.length & ~1) : hex);
    const { tpdu, rows } = explainTpdu(octets, {
      smsc: options.smsc,
      direction: options.direction ?? likelyDirection(octets, options.smsc),
      type: options.submit ? 'submit' : options.type,
      lenient: options.lenient,
    });
    print(isForPeople(options) ? `${explanation(rows)}\n` : `${JSON.stringify(tpduJson(tpdu))}\n`);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    process.exitCode = 1;
    const { reason, field, offset } = error;
    if (isForPeople(options)) process.stderr.write(`${hex}\n  ${error.message}\n`);
    else print(`${JSON.stringify({ error: reason, field, offset })}\n`);
  }
}

function explanation(rows: readonly FieldRow[]): string {
  const cells = rows.map((row) => [
    row.field,
    String(row.offset),
    wrapped(row.octets),
    row.meaning,
    row.section,
  ]);
  return table(['FIELD', 'AT', 'OCTETS', 'MEANING', 'SECTION'], cells);
}

/** Long octets are shortened: they are on the command line in full. */
function wrapped(hex: string): string {
  return hex.length <= 40 ? hex : `${hex.slice(0, 36)}... (${hex.length / 2})`;
}

interface EncodeCommandOptions extends ViewOptions {
  readonly to?: string;
  readonly from?: string;
  readonly text?: string;
  readonly data?: Uint8Array;
  readonly udh?: Uint8Array;
  readonly ports?: { destination: number; source: number };
  readonly as: Tpdu['type'];
  readonly smsc?: string | boolean;
  readonly encoding?: 'auto' | 'gsm7' | 'ucs2';
  readonly maxParts?: number;
  readonly smart?: true;
  readonly national?: true | string;
  readonly concatReference?: number;
  readonly wideReference?: true;
  readonly reference?: number;
  readonly pid?: number;
  readonly dcs?: number;
  readonly class?: MessageClass;
  readonly flash?: true;
  readonly waiting?: WaitingIndication;
  readonly validity?: number;
  readonly report?: true;
  readonly replyPath?: true;
  readonly rejectDuplicates?: true;
  readonly timestamp?: string;
  readonly discharge?: string;
  readonly status?: number;
  readonly failureCause?: number;
  readonly command?: number;
  readonly messageNumber?: number;
}

function encodeCommand(): Command {
  const command = new Command('encode')
    .description('print the PDUs of a message, one a part')
    .option('--to <number>', 'destination: +15551234567, a number as dialled, or a short code')
    .option('--from <number>', 'originator, of a DELIVER')
    .option('--text <text>', 'the text; it is divided into parts as needed')
    .option('--data <hex>', 'octets instead of a text', octets)
    .option('--udh <hex>', 'header elements for every part, without the length octet', octets)
    .option('--ports <destination:source>', 'application ports of octets', ports)
    .addOption(new Option('--as <type>', 'which TPDU').choices(TYPES).default('submit'))
    .option('--smsc <number>', 'service centre; by default 00, the one set in the modem')
    .option('--no-smsc', 'leave the service centre octets out')
    .addOption(new Option('--encoding <encoding>', 'default: the cheapest').choices(['auto', 'gsm7', 'ucs2']))
    .option('--max-parts <count>', 'cut the text after so many parts', number)
    .option('--smart', 'replace typographic characters where that saves parts')
    .option('--national [languages]', 'allow national shift tables: all, or those of a list with commas')
    .option('--concat-reference <number>', 'reference that the parts share', number)
    .option('--wide-reference', 'make that reference 16 bits wide')
    .option('--reference <number>', 'TP-MR of the first part', number)
    .option('--pid <number>', 'TP-PID', number)
    .option('--dcs <number>', 'TP-DCS', number)
    .option('--class <number>', 'message class, 0 to 3', messageClass)
    .option('--flash', 'message class 0: shown at once')
    .option('--waiting <kind:on|off>', 'message waiting: voicemail, fax, email or other', waiting)
    .option('--validity <time>', 'minutes, or a time such as 2h or 3d', minutes)
    .option('--report', 'ask for a status report')
    .option('--reply-path', 'set TP-RP')
    .option('--reject-duplicates', 'set TP-RD')
    .option('--timestamp <time>', 'RFC 3339: TP-SCTS')
    .option('--discharge <time>', 'RFC 3339: TP-DT')
    .option('--status <number>', 'TP-ST', number)
    .option('--failure-cause <number>', 'TP-FCS', number)
    .option('--command <number>', 'TP-CT', number)
    .option('--message-number <number>', 'TP-MN', number);
  return withView(command).action((options: EncodeCommandOptions) => {
    try {
      const parts = compose(requestOf(options));
      print(isForPeople(options) ? partsTable(parts) : jsonLines(parts));
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      process.exitCode = 1;
      if (isForPeople(options)) process.stderr.write(`mailsms: ${error.message}\n`);
      else print(`${JSON.stringify({ error: error.reason, field: error.field })}\n`);
    }
  });
}

function requestOf(options: EncodeCommandOptions): ComposeRequest {
  const { to, from, smsc, national, concatReference, wideReference, reference, flash, report, ...same } =
    options;
  return {
    ...same,
    number: to ?? from,
    smsc: smsc === true ? undefined : smsc,
    nationalShifts: typeof national === 'string' ? national.split(',') : national,
    reference: concatReference,
    referenceBits: wideReference ? 16 : 8,
    messageReference: reference,
    class: flash ? 0 : options.class,
    statusReport: report,
  };
}

function partsTable(parts: readonly ComposedPart[]): string {
  const rows = parts.map((part) => [
    `${part.sequence}/${part.total}`,
    part.encoding ?? '',
    String(part.length),
    part.pdu,
  ]);
  const cut = parts.some((part) => part.truncated) ? 'The text was cut at the limit of parts.\n' : '';
  return table(['PART', 'ENCODING', 'LENGTH', 'PDU'], rows) + cut;
}

function octets(value: string): Uint8Array {
  try {
    return fromHex(value.replace(/\s+/g, ''));
  } catch (error) {
    throw new InvalidArgumentError(error instanceof DecodeError ? error.message : 'not hexadecimal');
  }
}

function number(value: string): number {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(value)) throw new InvalidArgumentError('not a number');
  return Number(value);
}

function messageClass(value: string): MessageClass {
  if (!/^[0-3]$/.test(value)) throw new InvalidArgumentError('a class is 0 to 3');
  return Number(value) as MessageClass;
}

function ports(value: string): { destination: number; source: number } {
  const match = /^(\d+):(\d+)$/.exec(value);
  if (match === null) throw new InvalidArgumentError('two numbers with a colon, 2948:9200');
  return { destination: Number(match[1]), source: Number(match[2]) };
}

function waiting(value: string): WaitingIndication {
  const match = /^(voicemail|fax|email|other):(on|off)$/.exec(value);
  if (match === null) throw new InvalidArgumentError('a kind and on or off, voicemail:on');
  return { kind: match[1] as WaitingIndication['kind'], active: match[2] === 'on', store: true };
}

function minutes(value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  const duration = parseDuration(value);
  if (duration === undefined) throw new InvalidArgumentError('minutes, or a time such as 90m, 2h, 3d');
  return duration / 60_000;
}

function print(text: string): void {
  process.stdout.write(text);
}
