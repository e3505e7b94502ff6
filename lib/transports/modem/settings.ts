import { Fault } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { parseDevice } from './device.ts';

/** A modem gateway as the configuration describes it. Times are milliseconds. */
export interface ModemSettings {
  /** The gateway's id. */
  readonly id: string;
  /** A path, COM port, `tcp://host:port`, `imei:...` or `usb:VID:PID[:serial]`. */
  readonly device: string;
  readonly baudRate?: number;
  readonly rtscts?: boolean;
  readonly pin?: Secret;
  /** The service centre's number; that of the SIM where absent. */
  readonly smsc?: string;
  /**
   * How texts of several parts go out through a modem that has text mode alone. `auto`: tied together by a header where
   * the modem takes one, else numbered; `numbered`: as messages of their own that begin with (1/3); `refuse`: not at all.
   */
  readonly longText?: 'auto' | 'numbered' | 'refuse';
  /** Whether it is to receive; on by default. Off, nothing on the modem is read or deleted. */
  readonly receive?: boolean;
  /** Commands of the operator's own, sent at the end of initialisation; a refused one is logged and passed over. */
  readonly init?: readonly string[];
  /** How long the modem may be silent; 16 s by default. */
  readonly readTimeoutMs?: number;
  /** How long the network may take for one SMS; 60 s by default. */
  readonly sendTimeoutMs?: number;
  /** How often the storages are looked through; 60 s by default. */
  readonly sweepMs?: number;
  /** How often signal and registration are asked for; 30 s by default. */
  readonly checkMs?: number;
  /** The longest wait between two attempts to bring a modem back; 60 s by default. */
  readonly retryMaxMs?: number;
  /** How long `stop` waits for the SMS under way; as long as the network may take, by default. */
  readonly stopMs?: number;
  /** What is tried after so many failed attempts in a row to bring the modem back; nothing by default. */
  readonly escalate?: readonly Escalation[];
  /** Write everything said on the line to the log (level debug), secrets masked. */
  readonly trace?: boolean;
}

/** `reset`: AT+CFUN=1,1. `dtr`: drop Data Terminal Ready for a second. `command`: a program, for instance one that switches USB power. */
export interface Escalation {
  readonly after: number;
  readonly do: 'reset' | 'dtr' | { readonly command: readonly [string, ...string[]] };
}

/** The settings with every default filled in. */
export interface Timing {
  readonly read: number;
  readonly send: number;
  readonly sweep: number;
  readonly check: number;
  readonly retryMax: number;
  readonly stop: number;
}

export function timing(settings: ModemSettings): Timing {
  return {
    read: settings.readTimeoutMs ?? 16_000,
    send: settings.sendTimeoutMs ?? 60_000,
    sweep: settings.sweepMs ?? 60_000,
    check: settings.checkMs ?? 30_000,
    retryMax: settings.retryMaxMs ?? 60_000,
    stop: settings.stopMs ?? settings.sendTimeoutMs ?? 60_000,
  };
}

/** Throws Fault `config.invalid` for a setting that cannot be: what goes into an AT command must not end it. */
export function checkSettings(settings: ModemSettings): void {
  parseDevice(settings.device);
  const { pin, smsc } = settings;
  if (pin !== undefined && !/^\d{4,8}$/.test(pin.open())) {
    throw new Fault('config.invalid', { told: `the PIN of gateway ${settings.id} is not 4 to 8 digits` });
  }
  if (smsc !== undefined && !/^\+?\d{3,20}$/.test(smsc)) {
    throw new Fault('config.invalid', {
      told: `the service centre "${smsc}" of gateway ${settings.id} is not a number such as +15550000000`,
    });
  }
}
