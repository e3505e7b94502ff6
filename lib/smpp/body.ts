/**
 * The bodies of the PDUs, field by field: SMPP 3.4 chapter 4. A line of BODIES is a field's name, its type and the most
 * octets it may take; readers, writers and types all come out of this one table.
 *
 * A C string ends with NUL, which counts among its octets. Some systems leave the last NUL of a message id out, or
 * send passwords longer than the standard has them: both are read.
 */
import { DecodeError, EncodeError, integer } from '../sms/errors.ts';
import type { Reader } from '../sms/reader.ts';
import type { Command } from './commands.ts';

/** A destination of submit_multi, 4.5.1.1: a number, or the name of a distribution list. */
export type Destination =
  { readonly ton: number; readonly npi: number; readonly address: string } | { readonly list: string };

/** A destination that submit_multi did not reach, 4.5.3.1. */
export interface Unreached {
  readonly ton: number;
  readonly npi: number;
  readonly address: string;
  readonly status: number;
}

interface Values {
  /** An octet. */
  octet: number;
  /** ASCII up to a NUL; other octets are read as Latin 1. */
  cstring: string;
  /** Octets behind their count. */
  counted: Uint8Array;
  destinations: readonly Destination[];
  unreached: readonly Unreached[];
}

type Type = keyof Values;
type Field = readonly [name: string, type: Type, most: number];

const ADDRESS = [
  ['source_addr_ton', 'octet', 1],
  ['source_addr_npi', 'octet', 1],
  ['source_addr', 'cstring', 21],
] as const;

const DESTINATION = [
  ['dest_addr_ton', 'octet', 1],
  ['dest_addr_npi', 'octet', 1],
  ['destination_addr', 'cstring', 21],
] as const;

const BIND = [
  ['system_id', 'cstring', 16],
  ['password', 'cstring', 9],
  ['system_type', 'cstring', 13],
  ['interface_version', 'octet', 1],
  ['addr_ton', 'octet', 1],
  ['addr_npi', 'octet', 1],
  ['address_range', 'cstring', 41],
] as const;

const BIND_RESP = [['system_id', 'cstring', 16]] as const;
const MESSAGE_ID = [['message_id', 'cstring', 65]] as const;
const NOTHING = [] as const;

const MESSAGE = [
  ['esm_class', 'octet', 1],
  ['protocol_id', 'octet', 1],
  ['priority_flag', 'octet', 1],
  ['schedule_delivery_time', 'cstring', 17],
  ['validity_period', 'cstring', 17],
  ['registered_delivery', 'octet', 1],
  ['replace_if_present_flag', 'octet', 1],
  ['data_coding', 'octet', 1],
  ['sm_default_msg_id', 'octet', 1],
  ['short_message', 'counted', 255],
] as const;

const SUBMIT = [['service_type', 'cstring', 6], ...ADDRESS, ...DESTINATION, ...MESSAGE] as const;

const DATA = [
  ['service_type', 'cstring', 6],
  ['source_addr_ton', 'octet', 1],
  ['source_addr_npi', 'octet', 1],
  ['source_addr', 'cstring', 65],
  ['dest_addr_ton', 'octet', 1],
  ['dest_addr_npi', 'octet', 1],
  ['destination_addr', 'cstring', 65],
  ['esm_class', 'octet', 1],
  ['registered_delivery', 'octet', 1],
  ['data_coding', 'octet', 1],
] as const;

/** One line a command. */
export const BODIES = {
  generic_nack: NOTHING,
  bind_receiver: BIND,
  bind_receiver_resp: BIND_RESP,
  bind_transmitter: BIND,
  bind_transmitter_resp: BIND_RESP,
  bind_transceiver: BIND,
  bind_transceiver_resp: BIND_RESP,
  outbind: [
    ['system_id', 'cstring', 16],
    ['password', 'cstring', 9],
  ],
  unbind: NOTHING,
  unbind_resp: NOTHING,
  enquire_link: NOTHING,
  enquire_link_resp: NOTHING,
  submit_sm: SUBMIT,
  submit_sm_resp: MESSAGE_ID,
  deliver_sm: SUBMIT,
  deliver_sm_resp: MESSAGE_ID,
  data_sm: DATA,
  data_sm_resp: MESSAGE_ID,
  submit_multi: [
    ['service_type', 'cstring', 6],
    ...ADDRESS,
    ['dest_address', 'destinations', 254],
    ...MESSAGE,
  ],
  submit_multi_resp: [...MESSAGE_ID, ['unsuccess_sme', 'unreached', 255]],
  query_sm: [...MESSAGE_ID, ...ADDRESS],
  query_sm_resp: [
    ...MESSAGE_ID,
    ['final_date', 'cstring', 17],
    ['message_state', 'octet', 1],
    ['error_code', 'octet', 1],
  ],
  cancel_sm: [['service_type', 'cstring', 6], ...MESSAGE_ID, ...ADDRESS, ...DESTINATION],
  cancel_sm_resp: NOTHING,
  replace_sm: [
    ...MESSAGE_ID,
    ...ADDRESS,
    ['schedule_delivery_time', 'cstring', 17],
    ['validity_period', 'cstring', 17],
    ['registered_delivery', 'octet', 1],
    ['sm_default_msg_id', 'octet', 1],
    ['short_message', 'counted', 255],
  ],
  replace_sm_resp: NOTHING,
  alert_notification: [
    ['source_addr_ton', 'octet', 1],
    ['source_addr_npi', 'octet', 1],
    ['source_addr', 'cstring', 65],
    ['esme_addr_ton', 'octet', 1],
    ['esme_addr_npi', 'octet', 1],
    ['esme_addr', 'cstring', 65],
  ],
} as const satisfies Readonly<Record<Command, readonly Field[]>>;

type FieldsOf<F extends readonly Field[]> = {
  readonly [E in F[number] as E[0]]: Values[E[1]];
};

/** The fields of a command's body, by their names in the standard. */
export type Body<C extends Command> = FieldsOf<(typeof BODIES)[C]>;

/** What may be left out: a field that is absent is 0, empty or none. */
export type PartialBody<C extends Command> = Partial<Body<C>>;

/** Octets of a password that are read, though the standard has 9. */
const LONGEST_PASSWORD = 64;
/** What a `cstring` field may end without: it is the last of the PDU. */
const UNENDED = new Set(['message_id']);

interface Kind<V> {
  readonly empty: V;
  read(reader: Reader, field: string, most: number): V;
  write(field: string, value: V, most: number): readonly (number | Uint8Array)[];
}

const KINDS: { readonly [T in Type]: Kind<Values[T]> } = {
  octet: {
    empty: 0,
    read: (reader, field) => reader.octet(field),
    write: (field, value) => [integer(field, value, 0, 0xff)],
  },
  cstring: { empty: '', read: readCString, write: writeCString },
  counted: {
    empty: new Uint8Array(0),
    read: (reader, field) => {
      const length = reader.octet(`${field} length`);
      return reader.take(field, length).slice();
    },
    write: (field, value, most) => {
      if (value.length > most) {
        throw new EncodeError(field, `${value.length} octets, ${most} fit: use message_payload`);
      }
      return [value.length, value];
    },
  },
  destinations: { empty: [], read: readDestinations, write: writeDestinations },
  unreached: { empty: [], read: readUnreached, write: writeUnreached },
};

/** The fields of a body. Throws DecodeError with field and octet. */
export function readBody(command: Command, reader: Reader): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const [name, type, most] of BODIES[command] as readonly Field[]) {
    fields[name] = KINDS[type].read(reader, name, most);
  }
  return fields;
}

/** The body that a response without one stands for: many systems send none where the status is not 0. */
export function emptyBody(command: Command): Readonly<Record<string, unknown>> {
  const fields = BODIES[command] as readonly Field[];
  return Object.fromEntries(fields.map(([name, type]) => [name, KINDS[type].empty]));
}

/** The octets of a body, in pieces. Throws EncodeError with the field. */
export function writeBody(
  command: Command,
  fields: Readonly<Record<string, unknown>>,
): readonly (number | Uint8Array)[] {
  return (BODIES[command] as readonly Field[]).flatMap(([name, type, most]) => {
    const kind = KINDS[type] as Kind<unknown>;
    return kind.write(name, fields[name] ?? kind.empty, most);
  });
}

function readCString(reader: Reader, field: string, most: number): string {
  const { octets, offset } = reader;
  const bound = field === 'password' ? LONGEST_PASSWORD : most;
  const end = octets.indexOf(0, offset);
  if (end === -1 && UNENDED.has(field) && reader.left > 0 && reader.left <= bound) {
    return Buffer.from(reader.take(field, reader.left)).toString('latin1');
  }
  if (end === -1 || end - offset >= bound) {
    throw new DecodeError(field, offset, `has no NUL within its ${bound} octets`);
  }
  const text = Buffer.from(reader.take(field, end - offset)).toString('latin1');
  reader.pass(field, 1);
  return text;
}

function writeCString(field: string, value: string, most: number): readonly Uint8Array[] {
  const bound = field === 'password' ? LONGEST_PASSWORD : most;
  if (!/^[\x01-\xff]*$/.test(value))
    throw new EncodeError(field, 'has a character that is not Latin 1, or a NUL');
  if (value.length >= bound) {
    throw new EncodeError(field, `${value.length} characters, ${bound - 1} fit`);
  }
  return [Buffer.from(`${value}\0`, 'latin1')];
}

function readDestinations(reader: Reader, field: string): readonly Destination[] {
  const count = reader.octet('number_of_dests');
  const found: Destination[] = [];
  for (let index = 0; index < count; index++) {
    const at = reader.offset;
    const flag = reader.octet('dest_flag');
    if (flag === 1) {
      const ton = reader.octet('dest_addr_ton');
      const npi = reader.octet('dest_addr_npi');
      found.push({ ton, npi, address: readCString(reader, 'destination_addr', 21) });
    } else if (flag === 2) {
      found.push({ list: readCString(reader, 'dl_name', 21) });
    } else {
      throw new DecodeError(field, at, `dest_flag ${flag} is neither 1 nor 2`);
    }
  }
  return found;
}

function writeDestinations(
  field: string,
  value: readonly Destination[],
  most: number,
): readonly (number | Uint8Array)[] {
  integer(field, value.length, 0, most);
  return [
    value.length,
    ...value.flatMap((each) =>
      'list' in each
        ? [2, ...writeCString('dl_name', each.list, 21)]
        : [
            1,
            integer('dest_addr_ton', each.ton, 0, 0xff),
            integer('dest_addr_npi', each.npi, 0, 0xff),
            ...writeCString('destination_addr', each.address, 21),
          ],
    ),
  ];
}

function readUnreached(reader: Reader): readonly Unreached[] {
  const count = reader.octet('no_unsuccess');
  const found: Unreached[] = [];
  for (let index = 0; index < count; index++) {
    const ton = reader.octet('dest_addr_ton');
    const npi = reader.octet('dest_addr_npi');
    const address = readCString(reader, 'destination_addr', 21);
    const start = reader.pass('error_status_code', 4);
    const { buffer, byteOffset } = reader.octets;
    found.push({ ton, npi, address, status: new DataView(buffer, byteOffset + start, 4).getUint32(0) });
  }
  return found;
}

function writeUnreached(
  field: string,
  value: readonly Unreached[],
  most: number,
): readonly (number | Uint8Array)[] {
  integer(field, value.length, 0, most);
  return [
    value.length,
    ...value.flatMap(({ ton, npi, address, status }) => {
      const code = Buffer.alloc(4);
      code.writeUInt32BE(integer('error_status_code', status, 0, 0xffff_ffff));
      return [
        integer('dest_addr_ton', ton, 0, 0xff),
        integer('dest_addr_npi', npi, 0, 0xff),
        ...writeCString('destination_addr', address, 21),
        code,
      ];
    }),
  ];
}
