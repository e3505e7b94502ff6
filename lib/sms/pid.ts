const TELEMATIC = [
  'implicit device',
  'telex',
  'group 3 telefax',
  'group 4 telefax',
  'voice telephone',
  'ERMES',
  'national paging system',
  'Videotex',
  'teletex, carrier unspecified',
  'teletex in PSPDN',
  'teletex in CSPDN',
  'teletex in analog PSTN',
  'teletex in digital ISDN',
  'UCI',
  'reserved telematic device',
  'reserved telematic device',
  'message handling facility',
  'X.400 message handling system',
  'Internet electronic mail',
] as const;

/** PID of a message to or from Internet electronic mail, 3GPP TS 23.040 3.8. */
export const PID_INTERNET_MAIL = 0x32;

/** The name of a TP-PID octet, 3GPP TS 23.040 9.2.3.9. */
export function pidName(pid: number): string {
  if (pid === 0) return 'plain short message';
  if (pid < 0x20) return `SM-AL protocol ${pid}`;
  if (pid < 0x40) return telematicName(pid & 0x1f);
  if (pid === 0x40) return 'short message type 0 (acknowledged and discarded)';
  if (pid <= 0x47) return `replace short message type ${pid - 0x40}`;
  if (pid >= 0xc0) return 'SC specific';
  return OTHERS[pid] ?? 'reserved';
}

const OTHERS: Readonly<Record<number, string>> = {
  0x48: 'device triggering',
  0x5e: 'enhanced message service (obsolete)',
  0x5f: 'return call',
  0x7c: 'ANSI-136 R-DATA',
  0x7d: 'ME data download',
  0x7e: 'ME de-personalization',
  0x7f: '(U)SIM data download',
};

function telematicName(device: number): string {
  if (device === 0x1f) return 'GSM or UMTS mobile station';
  if (device >= 0x18) return 'SC specific telematic device';
  return TELEMATIC[device] ?? 'reserved telematic device';
}
