import { within, type Clock } from '../../../base/clock.ts';
import { Fault } from '../../../base/errors.ts';
import type { UssdAnswer } from '../../../routing/transport.ts';
import { decodeSeptets, encodeSeptets } from '../../../sms/alphabet.ts';
import { fromHex, toHex } from '../../../sms/hex.ts';
import { packUssd, unpackUssd } from '../../../sms/septets.ts';
import { decodeUcs2, encodeUcs2 } from '../../../sms/ucs2.ts';
import { findCause } from './causes.ts';
import type { Channel } from './channel.ts';
import { ChannelError } from './result.ts';
import type { Urc } from './urc.ts';

/** TS 24.090 leaves the time open; networks end a dialogue after a minute or two. */
const NETWORK_TIMEOUT = 60_000;
const DEFAULT_DCS = 15;

/** One USSD dialogue at a time: `*100#` for the balance, and entries into the menu that it may open. */
export class Ussd {
  readonly #channel: Channel;
  readonly #clock: Clock;
  #waiting: { resolve: (answer: UssdAnswer) => void; reject: (error: Fault) => void } | undefined;

  constructor(channel: Channel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
  }

  /** Asks the network. Throws Fault: `gateway.busy` while another asks, `gateway.refused`, `.deferred`, `.down`. */
  async ask(code: string): Promise<UssdAnswer> {
    if (!/^[0-9*#+A-Za-z ]{1,160}$/.test(code)) {
      throw new Fault('message.content', { told: `"${code}" is not a USSD code such as *100#` });
    }
    if (this.#waiting !== undefined) {
      throw new Fault('gateway.busy', { told: 'a USSD dialogue is under way' });
    }
    const answer = new Promise<UssdAnswer>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    // Nobody awaits it if the command is refused.
    answer.catch(() => undefined);
    try {
      await this.#request(code);
      return await within(
        this.#clock,
        NETWORK_TIMEOUT,
        answer,
        () => new Fault('gateway.deferred', { told: 'the network did not answer' }),
      );
    } catch (error) {
      throw error instanceof ChannelError ? asUssdFault(error) : error;
    } finally {
      this.#waiting = undefined;
    }
  }

  async #request(code: string): Promise<void> {
    try {
      await this.#channel.command(`AT+CUSD=1,"${code}",${DEFAULT_DCS}`);
    } catch (error) {
      if (!(error instanceof ChannelError) || error.kind !== 'refused') throw error;
      // In text mode with the character set UCS2 strings are in it, codes too (TS 27.007 7.15).
      const other = this.#channel.bodies === 'hex' ? toHex(encodeUcs2(code)) : packed(code);
      if (other === undefined) throw error;
      await this.#channel.command(`AT+CUSD=1,"${other}",${DEFAULT_DCS}`);
    }
  }

  /** True where the indication was an answer that somebody waits for. */
  urc(urc: Urc): boolean {
    if (urc.name !== '+CUSD' || this.#waiting === undefined) return false;
    const read = readUssd(urc.text);
    if (read === undefined) return false;
    if ('told' in read) this.#waiting.reject(new Fault('gateway.refused', { told: read.told }));
    else this.#waiting.resolve(read);
    return true;
  }
}

function asUssdFault(error: ChannelError): Fault {
  const more = { detail: error.message, cause: error };
  if (error.kind === 'closed') return new Fault('gateway.down', { told: 'the modem went away', ...more });
  if (error.kind === 'timeout') {
    return new Fault('gateway.deferred', { told: 'the modem did not answer', ...more });
  }
  const cause = error.given === undefined ? undefined : findCause(error.given);
  return new Fault('gateway.refused', {
    told: cause === undefined ? `the modem refuses it: ${error.message}` : cause.told,
    ...more,
  });
}

/** `+CUSD: <m>[,"<str>"[,<dcs>]]`: the answer, or why there is none; undefined for what cannot be read. */
export function readUssd(text: string): UssdAnswer | { readonly told: string } | undefined {
  const match = /^(\d)(?:\s*,\s*"([\s\S]*)"(?:\s*,\s*(\d+))?)?\s*$/.exec(text);
  if (match === null) return undefined;
  const m = Number(match[1]);
  if (m === 4) return { told: 'the network does not support this code' };
  if (m === 5) return { told: 'the network did not answer in time' };
  if (match[2] === undefined)
    return m <= 2 ? { text: '', more: m === 1 } : { told: 'the network ended the dialogue' };
  return { text: decode(match[2], Number(match[3] ?? DEFAULT_DCS)), more: m === 1 };
}

/** Modems give text as it is, as hex of UCS-2, or as hex of packed septets, whatever <dcs> says (TS 23.038 5). */
function decode(given: string, dcs: number): string {
  const isHex = given.length >= 4 && given.length % 2 === 0 && /^[0-9A-F]+$/i.test(given);
  // A few digits are a sum of money, not octets.
  if (!isHex || (/^\d+$/.test(given) && given.length < 16)) return given;
  const octets = fromHex(given);
  const saysUcs2 = (dcs & 0xcc) === 0x48 || dcs === 0x11;
  const looksUcs2 = given.length % 4 === 0 && /^(?:0[0-6][0-9A-F]{2})+$/i.test(given);
  if (octets.length % 2 === 0 && (saysUcs2 || looksUcs2)) return decodeUcs2(octets);
  return decodeSeptets(unpackUssd(octets));
}

/** The code as packed septets in hex, which Huawei's datacards want in PDU mode. */
function packed(code: string): string | undefined {
  const septets = encodeSeptets(code);
  return typeof septets === 'number' ? undefined : toHex(packUssd(septets));
}
