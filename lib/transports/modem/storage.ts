import type { ReceivedSms } from '../../routing/transport.ts';
import { fromHex } from '../../sms/hex.ts';
import { readLength, readList, readMessage, readPduForm, type Fill, type StoredPdu } from './at/answers.ts';
import type { Channel } from './at/channel.ts';
import { ChannelError } from './at/result.ts';
import { fieldsOf, readPlaces, readReport, readText, readTextMessage } from './at/text-answers.ts';
import type { TextMode } from './text-mode.ts';
import type { Urc } from './at/urc.ts';

/** A message as it lies in a modem's storage. */
export interface StoredSms {
  readonly index: number;
  /** Received; others lie there to be sent, not by us. */
  readonly received: boolean;
  /** The same for the same message read again. */
  readonly mark: string;
  readonly sms: ReceivedSms;
}

/** Reads the storage that is selected, and what comes directly, in the mode that the modem speaks. */
export interface Reader {
  /** What is in the storage; rejects with ChannelError. `fill` is what AT+CPMS said of it. */
  list(fill: Fill | undefined): Promise<StoredSms[]>;
  /** One place; undefined for an empty one, `damaged` for what has to be read once more. */
  read(index: number): Promise<StoredSms | 'damaged' | undefined>;
  /** What +CMT or +CDS carries; undefined for what cannot be read. */
  direct(urc: Urc): ReceivedSms | undefined;
  /** Whether each storage has to be selected anew to know how full it is. */
  readonly needsFill: boolean;
}

export function readerFor(channel: Channel, mode: TextMode | undefined): Reader {
  return mode === undefined ? new PduReader(channel) : new TextReader(channel, mode);
}

/** The answer; no lines where the modem refuses. */
async function readPlace(channel: Channel, index: number): Promise<string[]> {
  try {
    return await channel.command(`AT+CMGR=${index}`, { answer: '+CMGR:' });
  } catch (error) {
    if (error instanceof ChannelError && error.kind === 'refused') return [];
    throw error;
  }
}

/** For a modem without AT+CMGL: every place that there is, as long as there should be more. */
async function eachPlace(
  fill: Fill | undefined,
  read: (index: number) => Promise<StoredSms | 'damaged' | undefined>,
): Promise<StoredSms[]> {
  const found: StoredSms[] = [];
  for (let index = 0; fill !== undefined && index <= fill.total && found.length < fill.used; index++) {
    const stored = await read(index);
    if (stored !== undefined && stored !== 'damaged') found.push(stored);
  }
  return found;
}

class PduReader implements Reader {
  readonly #channel: Channel;
  /** Whether it knows AT+CMGL. */
  #lists = true;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  get needsFill(): boolean {
    return !this.#lists;
  }

  async list(fill: Fill | undefined): Promise<StoredSms[]> {
    if (this.#lists) {
      try {
        const found = readList(await this.#channel.command('AT+CMGL=4', { answer: '+CMGL:' }));
        const whole = found.every((stored) => readPduForm(stored.hex, stored.length).fits);
        return (whole ? found : await this.#readAgain(found)).map(asStored);
      } catch (error) {
        if (!(error instanceof ChannelError) || error.kind !== 'refused') throw error;
        this.#lists = false;
      }
    }
    return eachPlace(fill, (index) => this.read(index));
  }

  async read(index: number): Promise<StoredSms | 'damaged' | undefined> {
    const stored = readMessage(index, await readPlace(this.#channel, index));
    if (stored === undefined) return undefined;
    return readPduForm(stored.hex, stored.length).fits ? asStored(stored) : 'damaged';
  }

  direct({ text, body }: Urc): ReceivedSms | undefined {
    return body === undefined ? undefined : asPdu(body, readLength(text));
  }

  /** A length that does not fit is a line that was damaged, or a modem that counts in its own way: the second look decides. */
  async #readAgain(found: StoredPdu[]): Promise<StoredPdu[]> {
    const lines = await this.#channel.command('AT+CMGL=4', { answer: '+CMGL:' });
    const again = new Map(readList(lines).map((stored) => [stored.index, stored.hex]));
    return found.filter((stored) => again.get(stored.index) === stored.hex);
  }
}

function asStored({ index, stat, hex, length }: StoredPdu): StoredSms {
  return { index, received: stat <= 1, mark: hex, sms: asPdu(hex, length) };
}

function asPdu(hex: string, length: number | undefined): ReceivedSms {
  return { kind: 'pdu', pdu: fromHex(hex), smsc: readPduForm(hex, length).smsc };
}

/** Lists to know the places, and reads each by itself: AT+CMGR tells more of a message than AT+CMGL (TS 27.005 3.4). */
class TextReader implements Reader {
  readonly #channel: Channel;
  readonly #mode: TextMode;
  /** How this modem is asked for all messages; where the character set is UCS2 some want words in it too. */
  #lists: string[] = ['"ALL"', '"0041004C004C"', '4'];

  constructor(channel: Channel, mode: TextMode) {
    this.#channel = channel;
    this.#mode = mode;
  }

  get needsFill(): boolean {
    return this.#lists.length === 0;
  }

  async list(fill: Fill | undefined): Promise<StoredSms[]> {
    const places = await this.#places();
    if (places === undefined) return eachPlace(fill, (index) => this.read(index));
    const found: StoredSms[] = [];
    for (const { index, received } of places) {
      const stored = received ? await this.read(index) : undefined;
      if (stored !== undefined) found.push(stored);
    }
    return found;
  }

  async read(index: number): Promise<StoredSms | undefined> {
    const lines = await readPlace(this.#channel, index);
    const found = readTextMessage(lines, this.#mode.charset);
    // Not the lines themselves: the first reading changes the state that they begin with.
    return found === undefined ? undefined : { index, mark: JSON.stringify(found.sms), ...found };
  }

  direct({ name, text, body = '' }: Urc): ReceivedSms | undefined {
    if (name === '+CDS') return readReport(fieldsOf(text));
    return readText(fieldsOf(text), body, this.#mode.charset);
  }

  async #places(): Promise<ReturnType<typeof readPlaces> | undefined> {
    for (let word = this.#lists[0]; word !== undefined; word = this.#lists[0]) {
      try {
        return readPlaces(await this.#channel.command(`AT+CMGL=${word}`, { answer: '+CMGL:' }));
      } catch (error) {
        if (!(error instanceof ChannelError) || error.kind !== 'refused') throw error;
        this.#lists.shift();
      }
    }
    return undefined;
  }
}
