/**
 * The SMPP codec: what the package exports as `mailsms/smpp`.
 *
 * It reads and writes every PDU of SMPP 3.4 and what of 5.0 is met, with their optional parameters, times, data codings, receipts and
 * message ids, and finds PDUs in a stream. It is pure: no I/O, no clock, no state but a stream's.
 *
 * What fails: octets that cannot be read throw a DecodeError (field, octet, reason), values that cannot be written an
 * EncodeError (field, reason), and nothing else is thrown. Optional parameters that are not known are kept as they are.
 *
 *     import { Framing, decodePdu, encodePdu, isCommand } from 'mailsms/smpp';
 *
 *     const framing = new Framing();
 *     socket.on('data', (octets) => {
 *       framing.push(octets, (each) => {
 *         const pdu = decodePdu(each);
 *         if (!isCommand(pdu, 'enquire_link')) return;
 *         socket.write(encodePdu({ command: 'enquire_link_resp', sequence: pdu.sequence }));
 *       });
 *     });
 */
export { DecodeError, EncodeError } from '../sms/errors.ts';
export { COMMANDS, commandOf, isResponse, responseTo, type Command } from './commands.ts';
export { STATUS, describeStatus, statusName, type StatusName } from './status.ts';
export { type Body, type Destination, type PartialBody, type Unreached } from './body.ts';
export {
  HEADER,
  UnknownCommandError,
  decodePdu,
  encodePdu,
  isCommand,
  readHeader,
  type Header,
  type Pdu,
  type PduFields,
} from './pdu.ts';
export {
  OptionalParameterError,
  TLVS,
  tlv,
  tlvName,
  tlvOf,
  type Tlv,
  type TlvName,
  type TlvValue,
} from './tlv.ts';
export { Framing } from './framing.ts';
export { absoluteTime, msUntil, parseTime, relativeTime, type SmppTime } from './times.ts';
export { RECEIPT, REPLY_PATH, UDHI, decodeEsmClass, type EsmClass, type MessageType } from './esm-class.ts';
export {
  decodeDataCoding,
  decodeText,
  encodeText,
  type Coding,
  type DefaultAlphabet,
  type TextCoding,
} from './data-coding.ts';
export {
  STATES,
  looksLikeReceipt,
  readReceipt,
  writeReceipt,
  type Receipt,
  type ReceiptOutcome,
  type State,
} from './receipt.ts';
export { idCandidates, type IdCandidate, type IdSpelling } from './ids.ts';
export { numberOf, smppAddress, type SmppAddress } from './addresses.ts';
