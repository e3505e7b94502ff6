import type { Reading, Settings } from './found.ts';

/** Commands that undo the session that mailsms keeps, or that show the PIN. */
const NOT_FOR_INIT = /^AT\+(?:CMGF|CPIN)\s*=/i;

/** `+491710760000` of a number that is written with or without the plus; undefined for what is no number. */
export function smscOf(value: string | undefined): string | undefined {
  const digits = value?.replace(/^\+/, '');
  return digits !== undefined && /^\d{3,20}$/.test(digits) ? `+${digits}` : undefined;
}

/** A device as mailsms writes it; undefined for what it cannot open. */
export function deviceOf(value: string): string | undefined {
  const network = /^(?:@|rawtcp:\/\/|telnet:\/\/|tcp:\/\/)([^:/\s]+):(\d{1,5})$/.exec(value);
  if (network !== null) return `tcp://${network[1]}:${network[2]}`;
  if (/^\/\S+$/.test(value)) return value;
  return /^COM\d+:?$/i.test(value) ? value.replace(/:$/, '').toUpperCase() : undefined;
}

/** The settings of a modem that all three daemons have under names of their own. Refuses what cannot be used. */
export function modemSettings(
  reading: Reading,
  keys: {
    readonly device: string;
    readonly speed?: string;
    readonly pin: string;
    readonly smsc: string;
    readonly init?: readonly string[];
  },
): Settings {
  const written = reading.take(keys.device);
  const device = written === undefined ? undefined : deviceOf(written);
  if (written !== undefined && device === undefined)
    reading.refuse(keys.device, 'is not a device that mailsms can open');
  const speed = Number(keys.speed === undefined ? undefined : reading.take(keys.speed));
  const pin = reading.take(keys.pin);
  const isPin = pin !== undefined && /^\d{4,8}$/.test(pin);
  if (pin !== undefined && !isPin && !/^ignore$/i.test(pin))
    reading.refuse(keys.pin, 'is not a PIN of 4 to 8 digits');
  const centre = reading.take(keys.smsc);
  const smsc = smscOf(centre);
  if (centre !== undefined && smsc === undefined)
    reading.refuse(keys.smsc, 'is not the number of an SMS centre');
  const init: string[] = [];
  for (const key of keys.init ?? []) {
    const command = reading.take(key);
    if (command === undefined) continue;
    if (!/^AT[ -~]*$/i.test(command)) reading.refuse(key, 'is not an AT command');
    else if (NOT_FOR_INIT.test(command))
      reading.refuse(key, 'mailsms sets the mode itself, and has a setting for the PIN');
    else init.push(command);
  }
  return {
    ...(device !== undefined && { device }),
    ...(Number.isInteger(speed) && speed >= 300 && speed !== 115_200 && { baudRate: speed }),
    ...(isPin && { pin }),
    ...(smsc !== undefined && { smsc }),
    ...(init.length > 0 && { init }),
  };
}
