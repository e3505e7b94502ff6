import { Fault } from '../../base/errors.ts';

/** Where a modem is, as the setting `device` says it. */
export type Device =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'imei'; readonly imei: string }
  | { readonly kind: 'usb'; readonly vendor: string; readonly product: string; readonly serial?: string };

const FORMS =
  'a path such as /dev/ttyUSB0 or COM16, tcp://host:port, imei:<15 digits>, or usb:VID:PID[:serial]';

/** Reads the notation of a device. Throws Fault `config.invalid` where it is none of the forms. */
export function parseDevice(text: string): Device {
  const scheme = /^(tcp|imei|usb):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (text.trim() === '' || /^[a-z][a-z0-9+.-]+:\/\//i.test(text)) throw invalid(text);
    return { kind: 'path', path: text };
  }
  if (scheme === 'tcp') {
    const match = /^tcp:\/\/(?:\[([0-9a-f:.]+)\]|([^/:[\]]+)):(\d{1,5})\/?$/i.exec(text);
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    if (host === undefined || port < 1 || port > 65535) throw invalid(text);
    return { kind: 'tcp', host, port };
  }
  if (scheme === 'imei') {
    const imei = text.slice(5).replace(/[\s-]/g, '');
    // TS 23.003 6.2: 15 digits, the last a check digit, or 16 with the software version.
    if (!/^\d{14,16}$/.test(imei)) throw invalid(text);
    return { kind: 'imei', imei };
  }
  const match = /^usb:([0-9a-f]{4}):([0-9a-f]{4})(?::(.+))?$/i.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) throw invalid(text);
  const ids = { kind: 'usb', vendor: match[1].toLowerCase(), product: match[2].toLowerCase() } as const;
  return match[3] === undefined ? ids : { ...ids, serial: match[3] };
}

function invalid(text: string): Fault {
  return new Fault('config.invalid', { told: `the modem device "${text}" is not ${FORMS}` });
}
