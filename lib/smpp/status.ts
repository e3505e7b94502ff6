/** Values of command_status: SMPP 3.4 5.1.3 and what 5.0 (4.7.6) adds and is met. */
const TABLE = [
  [0x00, 'ESME_ROK', 'no error'],
  [0x01, 'ESME_RINVMSGLEN', 'the message has an invalid length'],
  [0x02, 'ESME_RINVCMDLEN', 'the PDU has an invalid length'],
  [0x03, 'ESME_RINVCMDID', 'the command is unknown'],
  [0x04, 'ESME_RINVBNDSTS', 'the command does not fit the state of the session'],
  [0x05, 'ESME_RALYBND', 'this system_id is bound already'],
  [0x06, 'ESME_RINVPRTFLG', 'the priority is invalid'],
  [0x07, 'ESME_RINVREGDLVFLG', 'registered_delivery is invalid'],
  [0x08, 'ESME_RSYSERR', 'the system failed'],
  [0x0a, 'ESME_RINVSRCADR', 'the source address is invalid'],
  [0x0b, 'ESME_RINVDSTADR', 'the destination address is invalid'],
  [0x0c, 'ESME_RINVMSGID', 'the message id is invalid'],
  [0x0d, 'ESME_RBINDFAIL', 'the bind failed'],
  [0x0e, 'ESME_RINVPASWD', 'the password is wrong'],
  [0x0f, 'ESME_RINVSYSID', 'the system_id is unknown'],
  [0x11, 'ESME_RCANCELFAIL', 'the message could not be cancelled'],
  [0x13, 'ESME_RREPLACEFAIL', 'the message could not be replaced'],
  [0x14, 'ESME_RMSGQFUL', 'the queue is full'],
  [0x15, 'ESME_RINVSERTYP', 'the service type is invalid'],
  [0x33, 'ESME_RINVNUMDESTS', 'the number of destinations is invalid'],
  [0x34, 'ESME_RINVDLNAME', 'the name of the distribution list is invalid'],
  [0x40, 'ESME_RINVDESTFLAG', 'the destination flag is invalid'],
  [0x42, 'ESME_RINVSUBREP', 'the submit with replace is invalid'],
  [0x43, 'ESME_RINVESMCLASS', 'esm_class is invalid'],
  [0x44, 'ESME_RCNTSUBDL', 'messages to distribution lists are not taken'],
  [0x45, 'ESME_RSUBMITFAIL', 'the message was not taken'],
  [0x48, 'ESME_RINVSRCTON', 'the type of the source address is invalid'],
  [0x49, 'ESME_RINVSRCNPI', 'the plan of the source address is invalid'],
  [0x50, 'ESME_RINVDSTTON', 'the type of the destination address is invalid'],
  [0x51, 'ESME_RINVDSTNPI', 'the plan of the destination address is invalid'],
  [0x53, 'ESME_RINVSYSTYP', 'the system type is invalid'],
  [0x54, 'ESME_RINVREPFLAG', 'replace_if_present is invalid'],
  [0x55, 'ESME_RINVNUMMSGS', 'the number of messages is invalid'],
  [0x58, 'ESME_RTHROTTLED', 'too many messages in too short a time'],
  [0x61, 'ESME_RINVSCHED', 'the scheduled time is invalid'],
  [0x62, 'ESME_RINVEXPIRY', 'the validity period is invalid'],
  [0x63, 'ESME_RINVDFTMSGID', 'the predefined message is unknown'],
  [0x64, 'ESME_RX_T_APPN', 'the receiver has a temporary error'],
  [0x65, 'ESME_RX_P_APPN', 'the receiver has a permanent error'],
  [0x66, 'ESME_RX_R_APPN', 'the receiver rejected the message'],
  [0x67, 'ESME_RQUERYFAIL', 'the message could not be looked up'],
  [0xc0, 'ESME_RINVOPTPARSTREAM', 'the optional parameters cannot be read'],
  [0xc1, 'ESME_ROPTPARNOTALLWD', 'an optional parameter is not allowed'],
  [0xc2, 'ESME_RINVPARLEN', 'a parameter has an invalid length'],
  [0xc3, 'ESME_RMISSINGOPTPARAM', 'an optional parameter is missing'],
  [0xc4, 'ESME_RINVOPTPARAMVAL', 'an optional parameter has an invalid value'],
  [0xfe, 'ESME_RDELIVERYFAILURE', 'the message was not delivered'],
  [0xff, 'ESME_RUNKNOWNERR', 'an unknown error'],
  [0x0100, 'ESME_RSERTYPUNAUTH', 'the service type is not permitted'],
  [0x0101, 'ESME_RPROHIBITED', 'the operation is prohibited'],
  [0x0102, 'ESME_RSERTYPUNAVAIL', 'the service type is not available'],
  [0x0103, 'ESME_RSERTYPDENIED', 'the service type is denied'],
  [0x0104, 'ESME_RINVDCS', 'the data coding is invalid'],
  [0x0105, 'ESME_RINVSRCADDRSUBUNIT', 'the source sub-unit is invalid'],
  [0x0106, 'ESME_RINVDSTADDRSUBUNIT', 'the destination sub-unit is invalid'],
] as const;

export type StatusName = (typeof TABLE)[number][1];

/** A status by its name: `STATUS.ESME_RTHROTTLED` is 0x58. */
export const STATUS = Object.fromEntries(TABLE.map(([code, name]) => [name, code])) as Readonly<
  Record<StatusName, number>
>;

const BY_CODE: ReadonlyMap<number, { readonly name: StatusName; readonly text: string }> = new Map(
  TABLE.map(([code, name, text]) => [code, { name, text }]),
);

/** The name of a status, or undefined where the standard has none. */
export function statusName(code: number): StatusName | undefined {
  return BY_CODE.get(code)?.name;
}

/** A status in words: `ESME_RINVDSTADR: the destination address is invalid`; one of a vendor (0x400 to 0x4FF) by its number. */
export function describeStatus(code: number): string {
  const known = BY_CODE.get(code);
  if (known !== undefined) return `${known.name}: ${known.text}`;
  const written = `0x${code.toString(16).padStart(8, '0')}`;
  return code >= 0x400 && code <= 0x4ff ? `${written}: an error of the vendor's own` : `${written}: unknown`;
}
