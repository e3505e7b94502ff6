/** A PDU as octets and back: SMPP 3.4 chapter 3.2 and 5.1. */
import { DecodeError, integer } from '../sms/errors.ts';
import { octetsOf } from '../sms/octets.ts';
import { Reader } from '../sms/reader.ts';
import { type Body, type PartialBody, emptyBody, readBody, writeBody } from './body.ts';
import { COMMANDS, type Command, commandOf, isResponse } from './commands.ts';
import { type Tlv, readTlvs, writeTlvs } from './tlv.ts';

/** Octets of the header: length, id, status, sequence. */
export const HEADER = 16;

/** A PDU of one command, or with the default one of any: `command` tells which `body` it has. */
export type Pdu<C extends Command = Command> = {
  readonly [K in C]: {
    readonly command: K;
    /** command_status: 0 in requests. */
    readonly status: number;
    /** 1 to 0x7FFFFFFF; a response has that of its request. 0 is met in generic_nack. */
    readonly sequence: number;
    readonly body: Body<K>;
    readonly tlvs: readonly Tlv[];
  };
}[C];

/** What a PDU is made of; what is left out of the body is 0, empty or none. */
export interface PduFields<C extends Command> {
  readonly command: C;
  readonly status?: number;
  readonly sequence: number;
  readonly body?: PartialBody<C>;
  readonly tlvs?: readonly Tlv[];
}

/** The four words of a header. */
export interface Header {
  readonly length: number;
  readonly id: number;
  readonly status: number;
  readonly sequence: number;
}

/** Throws DecodeError where the octets are fewer than a header has. */
export function readHeader(octets: Uint8Array): Header {
  if (octets.length < HEADER) {
    throw new DecodeError('header', octets.length, `needs ${HEADER} octets, ${octets.length} are there`);
  }
  const view = new DataView(octets.buffer, octets.byteOffset, HEADER);
  return {
    length: view.getUint32(0),
    id: view.getUint32(4),
    status: view.getUint32(8),
    sequence: view.getUint32(12),
  };
}

/** The command of a PDU is none that SMPP knows: answered with generic_nack, ESME_RINVCMDID. */
export class UnknownCommandError extends DecodeError {
  override readonly name = 'UnknownCommandError';
  readonly id: number;

  constructor(id: number) {
    super('command_id', 4, `0x${id.toString(16).padStart(8, '0')} is no command`);
    this.id = id;
  }
}

/**
 * One PDU, whole. A response with a status that is not 0 may lack its body.
 *
 * Throws UnknownCommandError for a command that SMPP does not know, DecodeError with field and octet for all else.
 */
export function decodePdu(octets: Uint8Array): Pdu {
  const { length, id, status, sequence } = readHeader(octets);
  if (length !== octets.length) {
    throw new DecodeError('command_length', 0, `says ${length} octets, ${octets.length} are there`);
  }
  const command = commandOf(id);
  if (command === undefined) throw new UnknownCommandError(id);
  const reader = new Reader(octets);
  reader.pass('header', HEADER);
  const bodyless = reader.left === 0 && isResponse(id);
  const body = bodyless ? emptyBody(command) : readBody(command, reader);
  return { command, status, sequence, body, tlvs: readTlvs(reader) } as Pdu;
}

/** Throws EncodeError with the field that does not fit. */
export function encodePdu<C extends Command>({
  command,
  status = 0,
  sequence,
  body = {},
  tlvs = [],
}: PduFields<C>): Uint8Array {
  const header = Buffer.alloc(HEADER);
  const octets = octetsOf(header, ...writeBody(command, body), ...writeTlvs(tlvs));
  const view = new DataView(octets.buffer, octets.byteOffset, HEADER);
  view.setUint32(0, octets.length);
  view.setUint32(4, COMMANDS[command]);
  view.setUint32(8, integer('command_status', status, 0, 0xffff_ffff));
  view.setUint32(12, integer('sequence_number', sequence, 0, 0xffff_ffff));
  return octets;
}

/** `value`, if a PDU of one of these commands. */
export function isCommand<C extends Command>(
  value: Pdu,
  ...commands: readonly C[]
): value is Extract<Pdu, { readonly command: C }> {
  return (commands as readonly Command[]).includes(value.command);
}
