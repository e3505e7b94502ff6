/** TP-Status of a STATUS-REPORT, 3GPP TS 23.040 9.2.3.15. */

/**
 * What a status means for the message: `delivered` (the transaction is completed), `temporary` (the service
 * centre goes on trying), `permanent` (it will not), `abandoned` (a temporary error, but it will not go on).
 */
export type StatusClass = 'delivered' | 'temporary' | 'permanent' | 'abandoned';

const NAMES: Readonly<Record<number, string>> = {
  0x00: 'received by the SME',
  0x01: 'forwarded to the SME, delivery not confirmed',
  0x02: 'replaced by the SC',
  0x20: 'congestion, still trying',
  0x21: 'SME busy, still trying',
  0x22: 'no response from SME, still trying',
  0x23: 'service rejected, still trying',
  0x24: 'quality of service not available, still trying',
  0x25: 'error in SME, still trying',
  0x40: 'remote procedure error',
  0x41: 'incompatible destination',
  0x42: 'connection rejected by SME',
  0x43: 'not obtainable',
  0x44: 'quality of service not available',
  0x45: 'no interworking available',
  0x46: 'validity period expired',
  0x47: 'deleted by originating SME',
  0x48: 'deleted by SC administration',
  0x49: 'message does not exist',
  0x60: 'congestion, given up',
  0x61: 'SME busy, given up',
  0x62: 'no response from SME, given up',
  0x63: 'service rejected, given up',
  0x64: 'quality of service not available, given up',
  0x65: 'error in SME, given up',
};

/** The class of a status octet. Reserved values are interpreted as "service rejected", as the section says. */
export function statusClass(status: number): StatusClass {
  if (isReserved(status)) return 'abandoned';
  if (status < 0x20) return 'delivered';
  if (status < 0x40) return 'temporary';
  return status < 0x60 ? 'permanent' : 'abandoned';
}

/** Will no further status report follow for the message? */
export function isFinalStatus(status: number): boolean {
  return statusClass(status) !== 'temporary';
}

/** The status in words. */
export function statusName(status: number): string {
  const name = NAMES[status];
  if (name !== undefined) return name;
  return isReserved(status) ? 'reserved (taken as service rejected)' : 'specific to the SC';
}

function isReserved(status: number): boolean {
  return status >= 0x80 || (NAMES[status] === undefined && (status & 0x10) === 0);
}
