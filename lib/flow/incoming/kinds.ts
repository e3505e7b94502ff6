/**
 * What octets from a phone or a network are, by the port they are addressed to (3GPP TS 23.040 9.2.3.24.4, the WAP
 * Forum's and Nokia's assignments), or by their protocol identifier (9.2.3.9). One line adds a kind.
 */
export interface IncomingKind {
  /** As people call it: `Contact card`. */
  readonly name: string;
  readonly file: string;
  readonly type: string;
  /** A network or a service sent it, no person. */
  readonly automatic?: true;
}

const card: IncomingKind = { name: 'Contact card', file: 'contact.vcf', type: 'text/vcard' };
const calendar: IncomingKind = { name: 'Calendar entry', file: 'calendar.ics', type: 'text/calendar' };
const push: IncomingKind = {
  name: 'WAP push',
  file: 'push.wsp',
  type: 'application/vnd.wap.push-pdu',
  automatic: true,
};
const settings: IncomingKind = {
  name: 'Settings for the phone',
  file: 'settings.wbxml',
  type: 'application/x-wap-prov.browser-settings',
  automatic: true,
};
const session: IncomingKind = { name: 'WAP session', file: 'wap.wsp', type: 'application/octet-stream' };

/** By destination port. */
const PORTS: Readonly<Record<number, IncomingKind>> = {
  226: card,
  228: calendar,
  2805: { name: 'WAP telephony push', file: 'wta.wsp', type: 'application/vnd.wap.wtls', automatic: true },
  2923: { ...session, name: 'Secure WAP telephony push', automatic: true },
  2948: push,
  2949: { ...push, name: 'Secure WAP push' },
  5501: { name: 'Access settings', file: 'access.txt', type: 'application/octet-stream', automatic: true },
  5502: { name: 'Browser settings', file: 'browser.txt', type: 'application/octet-stream', automatic: true },
  5503: { name: 'Service settings', file: 'services.txt', type: 'application/octet-stream', automatic: true },
  5505: { name: 'Ringtone', file: 'ringtone.ott', type: 'application/vnd.nokia.ringing-tone' },
  5506: { name: 'Operator logo', file: 'logo.otb', type: 'image/vnd.nokia-ota-bitmap' },
  5507: { name: 'Group picture', file: 'group.otb', type: 'image/vnd.nokia-ota-bitmap' },
  5514: { name: 'Picture message', file: 'picture.bin', type: 'application/octet-stream' },
  7275: {
    name: 'Location request',
    file: 'supl.bin',
    type: 'application/vnd.omaloc-supl-init',
    automatic: true,
  },
  9200: session,
  9201: session,
  9202: session,
  9203: session,
  9204: card,
  9205: calendar,
  9206: card,
  9207: calendar,
  49996: {
    name: 'Device management notification',
    file: 'syncml.bin',
    type: 'application/vnd.syncml.notification',
    automatic: true,
  },
  49999: settings,
};

/** By TP-PID. */
const PROTOCOLS: Readonly<Record<number, IncomingKind>> = {
  0x7c: { name: 'ANSI-136 data', file: 'r-data.bin', type: 'application/octet-stream', automatic: true },
  0x7d: { name: 'Data for the phone', file: 'phone.bin', type: 'application/octet-stream', automatic: true },
  0x7f: { name: 'Data for the SIM', file: 'sim.bin', type: 'application/octet-stream', automatic: true },
};

const DATA: IncomingKind = { name: 'Binary data', file: 'data.bin', type: 'application/octet-stream' };

/** Content types of a WAP push by their assigned number (WAP-203-WSP, and OMNA's registry). */
const PUSHED: Readonly<Record<number, IncomingKind>> = {
  0x2e: { ...push, name: 'WAP push with a link (service indication)', file: 'service-indication.wsp' },
  0x30: { ...push, name: 'WAP push with a link (service loading)', file: 'service-loading.wsp' },
  0x32: { ...push, name: 'WAP push (cache operation)' },
  0x36: { ...settings, name: 'Settings for the phone (OMA client provisioning)', file: 'settings.wsp' },
  0x3e: { ...push, name: 'Notice of a multimedia message', file: 'mms.wsp' },
  0x44: { ...push, name: 'Device management notification', file: 'syncml.wsp' },
};

/** What octets are. `ports` and `pid` as the first part has them. */
export function kindOf(
  octets: Uint8Array,
  ports: { readonly destination: number } | undefined,
  pid: number | undefined,
): IncomingKind {
  const byPort = ports === undefined ? undefined : PORTS[ports.destination];
  if (byPort === push) return PUSHED[pushedType(octets) ?? -1] ?? push;
  return byPort ?? (pid === undefined ? undefined : PROTOCOLS[pid]) ?? DATA;
}

/**
 * The number of the content type of a WSP push (WAP-230-WSP 8.2.4.1): transaction id, PDU type 6, length of the
 * headers, then the type as a short integer, alone or in front of its parameters.
 */
function pushedType(octets: Uint8Array): number | undefined {
  if (octets[1] !== 0x06) return undefined;
  let at = 2;
  while (((octets[at] ?? 0) & 0x80) !== 0 && at < 7) at++;
  at += 1;
  const value = octets[at];
  if (value === undefined) return undefined;
  // A value length below 31, or 31 and a length of its own, goes in front of a type with parameters.
  const first =
    value >= 0x80 ? value : value === 0x1f ? octets[at + 2] : value < 0x1f ? octets[at + 1] : undefined;
  return first === undefined || first < 0x80 ? undefined : first & 0x7f;
}
