/**
 * Optional parameters (TLVs), SMPP 3.4 5.3: a tag, a length, a value. They are kept as octets, so that one which is not
 * known goes through unharmed; `tlvOf` and `tlv` read and write those that the standard names.
 */
import { DecodeError, EncodeError, integer } from '../sms/errors.ts';
import type { Reader } from '../sms/reader.ts';

/** Octets that cannot be read as optional parameters: answered with ESME_RINVOPTPARSTREAM. */
export class OptionalParameterError extends DecodeError {
  override readonly name = 'OptionalParameterError';
}

export interface Tlv {
  readonly tag: number;
  readonly value: Uint8Array;
}

interface Values {
  u8: number;
  u16: number;
  u32: number;
  /** ASCII that ends with NUL. One that has none is read as far as it goes. */
  cstring: string;
  octets: Uint8Array;
}

/** One line a parameter: its tag and the type of its value. */
export const TLVS = {
  dest_addr_subunit: [0x0005, 'u8'],
  dest_network_type: [0x0006, 'u8'],
  dest_bearer_type: [0x0007, 'u8'],
  dest_telematics_id: [0x0008, 'u16'],
  source_addr_subunit: [0x000d, 'u8'],
  source_network_type: [0x000e, 'u8'],
  source_bearer_type: [0x000f, 'u8'],
  source_telematics_id: [0x0010, 'u8'],
  qos_time_to_live: [0x0017, 'u32'],
  payload_type: [0x0019, 'u8'],
  additional_status_info_text: [0x001d, 'cstring'],
  receipted_message_id: [0x001e, 'cstring'],
  ms_msg_wait_facilities: [0x0030, 'u8'],
  privacy_indicator: [0x0201, 'u8'],
  source_subaddress: [0x0202, 'octets'],
  dest_subaddress: [0x0203, 'octets'],
  user_message_reference: [0x0204, 'u16'],
  user_response_code: [0x0205, 'u8'],
  source_port: [0x020a, 'u16'],
  destination_port: [0x020b, 'u16'],
  sar_msg_ref_num: [0x020c, 'u16'],
  language_indicator: [0x020d, 'u8'],
  sar_total_segments: [0x020e, 'u8'],
  sar_segment_seqnum: [0x020f, 'u8'],
  sc_interface_version: [0x0210, 'u8'],
  callback_num_pres_ind: [0x0302, 'u8'],
  callback_num_atag: [0x0303, 'octets'],
  number_of_messages: [0x0304, 'u8'],
  callback_num: [0x0381, 'octets'],
  dpf_result: [0x0420, 'u8'],
  set_dpf: [0x0421, 'u8'],
  ms_availability_status: [0x0422, 'u8'],
  network_error_code: [0x0423, 'octets'],
  message_payload: [0x0424, 'octets'],
  delivery_failure_reason: [0x0425, 'u8'],
  more_messages_to_send: [0x0426, 'u8'],
  message_state: [0x0427, 'u8'],
  congestion_state: [0x0428, 'u8'],
  ussd_service_op: [0x0501, 'octets'],
  display_time: [0x1201, 'u8'],
  sms_signal: [0x1203, 'u16'],
  ms_validity: [0x1204, 'octets'],
  alert_on_message_delivery: [0x130c, 'octets'],
  its_reply_type: [0x1380, 'u8'],
  its_session_info: [0x1383, 'octets'],
} as const satisfies Readonly<Record<string, readonly [number, keyof Values]>>;

export type TlvName = keyof typeof TLVS;
export type TlvValue<N extends TlvName> = Values[(typeof TLVS)[N][1]];

const NAMES: ReadonlyMap<number, TlvName> = new Map(
  Object.entries(TLVS).map(([name, [tag]]) => [tag, name as TlvName]),
);
const WIDTHS = { u8: 1, u16: 2, u32: 4 } as const;

/** The standard's name of a tag, or undefined. */
export function tlvName(tag: number): TlvName | undefined {
  return NAMES.get(tag);
}

/** All that is left of a PDU, as TLVs. Throws OptionalParameterError where one runs past its end. */
export function readTlvs(reader: Reader): Tlv[] {
  const found: Tlv[] = [];
  while (reader.left > 0) {
    const at = reader.offset;
    if (reader.left < 4)
      throw new OptionalParameterError('TLV', at, `${reader.left} octets are too few for tag and length`);
    const tag = (reader.octet('tag') << 8) | reader.octet('tag');
    const length = (reader.octet('length') << 8) | reader.octet('length');
    const name = tlvName(tag) ?? `TLV 0x${tag.toString(16).padStart(4, '0')}`;
    if (reader.left < length) {
      throw new OptionalParameterError(name, at, `says ${length} octets, ${reader.left} are left`);
    }
    found.push({ tag, value: reader.take(name, length).slice() });
  }
  return found;
}

export function writeTlvs(tlvs: readonly Tlv[]): readonly Uint8Array[] {
  return tlvs.flatMap(({ tag, value }) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(integer('tag', tag, 0, 0xffff));
    head.writeUInt16BE(integer(`length of TLV 0x${tag.toString(16)}`, value.length, 0, 0xffff), 2);
    return [head, value];
  });
}

/** A TLV by its name. Throws EncodeError where the value does not fit its type. */
export function tlv<N extends TlvName>(name: N, value: TlvValue<N>): Tlv {
  const [tag, type] = TLVS[name];
  if (type === 'octets') return { tag, value: value as Uint8Array };
  if (type === 'cstring') {
    const text = value as string;
    if (text.includes('\0')) throw new EncodeError(name, 'has a NUL');
    return { tag, value: Buffer.from(`${text}\0`, 'latin1') };
  }
  const width = WIDTHS[type];
  const octets = Buffer.alloc(width);
  octets.writeUIntBE(integer(name, value as number, 0, 2 ** (8 * width) - 1), 0, width);
  return { tag, value: octets };
}

/**
 * The value of the first TLV of this name; undefined where there is none. Throws DecodeError where its length is not that
 * of its type.
 */
export function tlvOf<N extends TlvName>(tlvs: readonly Tlv[], name: N): TlvValue<N> | undefined {
  const [tag, type] = TLVS[name];
  const found = tlvs.find((each) => each.tag === tag);
  if (found === undefined) return undefined;
  return valueOf(name, type, found.value) as TlvValue<N>;
}

function valueOf(name: string, type: keyof Values, value: Uint8Array): Values[keyof Values] {
  if (type === 'octets') return value;
  if (type === 'cstring') {
    const end = value.indexOf(0);
    return Buffer.from(end === -1 ? value : value.subarray(0, end)).toString('latin1');
  }
  const width = WIDTHS[type];
  if (value.length !== width) {
    throw new DecodeError(name, 0, `has ${value.length} octets, not ${width}`);
  }
  return Buffer.from(value).readUIntBE(0, width);
}
