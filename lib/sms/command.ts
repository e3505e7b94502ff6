/** SMS-COMMAND: from the phone to the service centre, about an earlier message (3GPP TS 23.040 9.2.2.4). */
import { encodeAddress, readAddress, type Address, type AddressInput } from './address.ts';
import { integer } from './errors.ts';
import { copyOf, octetsOf } from './octets.ts';
import type { Reader } from './reader.ts';
import { decodeUdh, type InformationElement } from './udh.ts';
import { DecodeError } from './errors.ts';

export interface Command {
  readonly type: 'command';
  readonly smsc?: Address;
  readonly statusReport: boolean;
  readonly reference: number;
  readonly pid: number;
  /** TP-CT. */
  readonly command: number;
  readonly commandName: string;
  /** TP-MN: the reference of the message it is about. */
  readonly messageNumber: number;
  readonly destination: Address;
  /** TP-CD without a header. */
  readonly data: Uint8Array;
  readonly udh?: Uint8Array;
  readonly elements?: readonly InformationElement[];
}

const NAMES = [
  'enquiry',
  'cancel status report request',
  'delete message',
  'enable status report request',
] as const;

/** The name of TP-CT, 9.2.3.19. */
export function commandName(command: number): string {
  return NAMES[command] ?? (command >= 0xe0 ? 'specific to the SC' : 'reserved');
}

/** Reads a COMMAND whose first octet has been read. */
export function readCommand(reader: Reader, first: number): Command {
  const reference = reader.octet('reference');
  const pid = reader.octet('pid');
  const command = reader.octet('command');
  const messageNumber = reader.octet('message-number');
  const destination = readAddress(reader, 'destination');
  const length = reader.octet('command-data.length');
  const start = reader.offset;
  const octets = reader.take('command-data', length);
  const header = (first & 0x40) !== 0 ? readHeader(octets, start) : undefined;
  return {
    type: 'command',
    statusReport: (first & 0x20) !== 0,
    reference,
    pid,
    command,
    commandName: commandName(command),
    messageNumber,
    destination,
    data: copyOf(octets, header === undefined ? 0 : header.udh.length + 1, octets.length),
    ...header,
  };
}

function readHeader(octets: Uint8Array, start: number): { udh: Uint8Array; elements: InformationElement[] } {
  const length = octets[0] ?? octets.length;
  if (length + 1 > octets.length)
    throw new DecodeError('udh', start, 'the header does not fit into the data');
  const udh = copyOf(octets, 1, length + 1);
  return { udh, elements: decodeUdh(udh, start + 1) };
}

export interface CommandFields {
  readonly destination: AddressInput;
  readonly command: number;
  readonly messageNumber: number;
  readonly reference?: number | undefined;
  readonly pid?: number | undefined;
  readonly statusReport?: boolean | undefined;
  readonly data?: Uint8Array | undefined;
  readonly udh?: Uint8Array | undefined;
}

/** The TPDU of a COMMAND, without service centre octets. Throws EncodeError. */
export function encodeCommand(fields: CommandFields): Uint8Array {
  const { udh } = fields;
  const data = octetsOf(...(udh === undefined ? [] : [udh.length, udh]), fields.data ?? new Uint8Array(0));
  return octetsOf(
    0x02 | (fields.statusReport ? 0x20 : 0) | (udh === undefined ? 0 : 0x40),
    integer('reference', fields.reference ?? 0, 0, 255),
    integer('pid', fields.pid ?? 0, 0, 255),
    integer('command', fields.command, 0, 255),
    integer('message-number', fields.messageNumber, 0, 255),
    encodeAddress(fields.destination, 'destination'),
    integer('command-data', data.length, 0, 157),
    data,
  );
}
