/**
 * The SMS codec: what the package exports as `mailsms/sms`, and all that a project needs of it.
 *
 * It promises to read and write the octets of 3GPP TS 23.038 and TS 23.040 that a gateway can meet: alphabets with
 * all national tables, data coding schemes, user data headers, the six TPDU types, segmentation and reassembly. It
 * is pure: no I/O, no clock, no state of its own; the same input gives the same output.
 *
 * What fails: octets that cannot be read throw a DecodeError (field, octet, reason), values that cannot be written
 * an EncodeError (field, reason), and nothing else is thrown. Where real networks differ from the standard the
 * reader is generous only as docs/standards.md says.
 *
 *     import { decodeTpdu, encodeSubmit, encodeSmsc, fromHex, segment, toHex } from 'mailsms/sms';
 *
 *     const { parts } = segment('Grüße aus Zürich');
 *     for (const part of parts) {
 *       const tpdu = encodeSubmit({ destination: '+41791234567', segment: part, validity: 24 * 60 });
 *       console.log(`AT+CMGS=${tpdu.length}`, toHex(encodeSmsc()) + toHex(tpdu));
 *     }
 *     const received = decodeTpdu(fromHex('07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07'));
 *     if (received.type === 'deliver') console.log(received.originator.number, received.text);
 */
export { DecodeError, EncodeError } from './errors.ts';
export { fromHex, toHex } from './hex.ts';

// Texts into parts, and back.
export { segment, type Segment, type Segmentation, type SegmentOptions } from './segment.ts';
export { segmentBinary, type BinaryOptions, type BinarySegmentation } from './binary.ts';
export { type NationalShifts } from './shifts.ts';
export { plainTypography, type Replacement } from './smart.ts';
export {
  GAP,
  assemble,
  concatKey,
  createReassembly,
  expire,
  reassemble,
  type Assembled,
  type DeliverPart,
  type Done,
  type Outcome,
  type Reassembly,
  type ReassemblyOptions,
} from './reassembly.ts';

// TPDUs.
export { decodeTpdu, likelyDirection, type DecodeOptions, type Direction, type Tpdu } from './tpdu.ts';
export { encodeDeliver, type Deliver, type DeliverFields } from './deliver.ts';
export { encodeSubmit, type Submit, type SubmitFields } from './submit.ts';
export { encodeStatusReport, type StatusReport, type StatusReportFields } from './status-report.ts';
export {
  encodeDeliverReport,
  encodeSubmitReport,
  type DeliverReport,
  type DeliverReportFields,
  type ReportForm,
  type SubmitReport,
  type SubmitReportFields,
} from './reports.ts';
export { commandName, encodeCommand, type Command, type CommandFields } from './command.ts';
export { compose, type ComposedPart, type ComposeRequest } from './compose.ts';
export { explainTpdu, type FieldRow } from './explain.ts';
export { tpduJson, type TpduJson } from './json.ts';

// Fields.
export {
  addressOf,
  encodeAddress,
  encodeSmsc,
  type Address,
  type AddressInput,
  type NumberType,
} from './address.ts';
export {
  decodeDcs,
  encodeDcs,
  type DataCoding,
  type DataCodingChoice,
  type Encoding,
  type MessageClass,
  type WaitingIndication,
} from './dcs.ts';
export { PID_INTERNET_MAIL, pidName } from './pid.ts';
export { splitInternetMail, type InternetMail } from './internet-mail.ts';
export { isFinalStatus, statusClass, statusName, type StatusClass } from './status.ts';
export { failureName } from './failure.ts';
export { decodeTimestamp, encodeTimestamp, type Timestamp, type TimestampInput } from './timestamp.ts';
export {
  encodeValidity,
  relativeMinutes,
  relativeValue,
  type Validity,
  type ValidityInput,
} from './validity.ts';
export {
  IEI,
  concatOf,
  decodeUdh,
  encodeUdh,
  portsOf,
  shiftsOf,
  type Concat,
  type InformationElement,
  type Ports,
} from './udh.ts';

// Alphabets.
export {
  DEFAULT_ALPHABET,
  alphabetOf,
  decodeSeptets,
  encodeSeptets,
  encodingOf,
  languageOf,
  lookupTable,
  type Alphabet,
  type Shifts,
} from './alphabet.ts';
export { LANGUAGES, type Language } from './national.ts';
export { packSeptets, packUssd, unpackSeptets, unpackUssd } from './septets.ts';
export { decodeUcs2, encodeUcs2 } from './ucs2.ts';
