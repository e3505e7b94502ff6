import type { ReceivedSms } from '../../routing/transport.ts';
import { fromHex } from '../../sms/hex.ts';
import { readLength, type Fill } from './at/answers.ts';
import { findCause } from './at/causes.ts';
import type { Channel } from './at/channel.ts';
import { ChannelError } from './at/result.ts';
import { isReceived, readList, readMessage, readPduForm, type StoredPdu } from './at/stored-pdu.ts';
import { fieldsOf, readPlaces, readReport, readText, readTextMessage } from './at/text-answers.ts';
import { bodiesOf, type Urc } from './at/urc.ts';
import type { TextMode } from './text-mode.ts';

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

export interface ReaderTools {
  readonly channel: Channel;
  /** Whether the modem is as it was brought up; where it is not, it is given up with that. Rejects with ChannelError. */
  readonly inOrder: () => Promise<boolean>;
  /** The same, asked only where the modem may have restarted since it was last asked. */
  readonly surelyInOrder: () => Promise<boolean>;
  /** Something lies in the storage that is selected and cannot be read. */
  unreadable(what: string): void;
}

export function readerFor(tools: ReaderTools, mode: TextMode | undefined): Reader {
  return mode === undefined ? new PduReader(tools) : new TextReader(tools, mode);
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

/** Whether a refusal says that the command is not known, and not that the SIM or the memory is out just now. */
function isNotKnown(error: unknown): error is ChannelError {
  if (!(error instanceof ChannelError) || error.kind !== 'refused') return false;
  const verdict = error.given === undefined ? undefined : findCause(error.given)?.verdict;
  return verdict !== 'pause' && verdict !== 'busy';
}

class PduReader implements Reader {
  readonly #tools: ReaderTools;
  readonly #channel: Channel;
  /** Whether it knows AT+CMGL. */
  #lists = true;
  /** A list that was empty though the storage was not: how many messages there were, none of them to be found. */
  #hidden: number | undefined;

  constructor(tools: ReaderTools) {
    this.#tools = tools;
    this.#channel = tools.channel;
  }

  get needsFill(): boolean {
    return !this.#lists;
  }

  async list(fill: Fill | undefined): Promise<StoredSms[]> {
    const listed = this.#lists ? await this.#list() : undefined;
    if (listed === undefined) return this.#lists ? [] : this.#eachPlace(fill);
    if (listed.length > 0 || fill === undefined || fill.used === 0 || fill.used === this.#hidden)
      return listed;
    const found = await this.#eachPlace(fill);
    this.#hidden = found.length === 0 ? fill.used : undefined;
    if (found.length === 0) {
      const [many, lie] = fill.used === 1 ? ['one message', 'lies'] : [`${fill.used} messages`, 'lie'];
      this.#tools.unreadable(`${many} ${lie} there, but neither AT+CMGL nor AT+CMGR shows any`);
    }
    return found;
  }

  #eachPlace(fill: Fill | undefined): Promise<StoredSms[]> {
    return eachPlace(fill, (index) => this.read(index));
  }

  /** What AT+CMGL shows; undefined where it is not known, or the modem turns out to have restarted. */
  async #list(): Promise<StoredSms[] | undefined> {
    try {
      const { found, unread, inText } = readList(await this.#answer());
      if (inText && !(await this.#tools.inOrder())) return undefined;
      for (const header of unread) this.#tools.unreadable(header);
      const whole = found.every((stored) => readPduForm(stored.hex, stored.length).fits);
      return (whole ? found : await this.#readAgain(found)).map(asStored);
    } catch (error) {
      if (!isNotKnown(error)) throw error;
      if (await this.#tools.inOrder()) this.#lists = false;
      return undefined;
    }
  }

  #answer(): Promise<string[]> {
    return this.#channel.command('AT+CMGL=4', { answer: '+CMGL:' });
  }

  async read(index: number): Promise<StoredSms | 'damaged' | undefined> {
    const first = await this.#place(index);
    if (first === undefined || readPduForm(first.hex, first.length).fits) return first && asStored(first);
    const again = await this.#place(index);
    return again?.hex === first.hex ? asStored(again) : 'damaged';
  }

  async #place(index: number): Promise<StoredPdu | undefined> {
    const { found, unread, inText } = readMessage(index, await readPlace(this.#channel, index));
    if (inText && !(await this.#tools.inOrder())) return undefined;
    for (const header of unread) this.#tools.unreadable(`${header} at place ${index}`);
    return found[0];
  }

  direct(urc: Urc): ReceivedSms | undefined {
    const { name, text, body } = urc;
    const fields = fieldsOf(text);
    if (bodiesOf(urc, 'pdu') !== 'pdu') {
      // A modem that has forgotten PDU mode gives texts, in the character set that it has then.
      return name === '+CDS' ? readReport(fields) : readText(fields, body ?? '', 'IRA');
    }
    return body === undefined ? undefined : asPdu(body, readLength(text));
  }

  /** A length that does not fit is a line that was damaged, or a modem that counts in its own way: the second look decides. */
  async #readAgain(found: readonly StoredPdu[]): Promise<StoredPdu[]> {
    const again = new Map(readList(await this.#answer()).found.map((stored) => [stored.index, stored.hex]));
    return found.filter((stored) => again.get(stored.index) === stored.hex);
  }
}

function asStored(stored: StoredPdu): StoredSms {
  const { index, hex, length } = stored;
  return { index, received: isReceived(stored), mark: hex, sms: asPdu(hex, length) };
}

function asPdu(hex: string, length: number | undefined): ReceivedSms {
  return { kind: 'pdu', pdu: fromHex(hex), smsc: readPduForm(hex, length).smsc };
}

/** Lists to know the places, and reads each by itself: AT+CMGR tells more of a message than AT+CMGL (TS 27.005 3.4). */
class TextReader implements Reader {
  readonly #tools: ReaderTools;
  readonly #channel: Channel;
  readonly #mode: TextMode;
  /** How this modem is asked for all messages; where the character set is UCS2 some want words in it too. */
  #lists: string[] = ['"ALL"', '"0041004C004C"', '4'];

  constructor(tools: ReaderTools, mode: TextMode) {
    this.#tools = tools;
    this.#channel = tools.channel;
    this.#mode = mode;
  }

  get needsFill(): boolean {
    return this.#lists.length === 0;
  }

  async list(fill: Fill | undefined): Promise<StoredSms[]> {
    // In another character set than was agreed the same lines are other texts.
    if (!(await this.#tools.surelyInOrder())) return [];
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
    if (!(await this.#tools.surelyInOrder())) return undefined;
    const lines = await readPlace(this.#channel, index);
    const found = readTextMessage(lines, this.#mode.charset);
    if (found === undefined && lines[0] !== undefined) {
      this.#tools.unreadable(`${lines[0]} at place ${index}`);
    }
    // Not the lines themselves: the first reading changes the state that they begin with.
    return found === undefined ? undefined : { index, mark: JSON.stringify(found.sms), ...found };
  }

  direct(urc: Urc): ReceivedSms | undefined {
    const { name, text, body = '' } = urc;
    if (bodiesOf(urc, 'text') === 'pdu') return body === '' ? undefined : asPdu(body, readLength(text));
    if (name === '+CDS') return readReport(fieldsOf(text));
    return readText(fieldsOf(text), body, this.#mode.charset);
  }

  async #places(): Promise<ReturnType<typeof readPlaces> | undefined> {
    for (let word = this.#lists[0]; word !== undefined; word = this.#lists[0]) {
      try {
        return readPlaces(await this.#channel.command(`AT+CMGL=${word}`, { answer: '+CMGL:' }));
      } catch (error) {
        if (!isNotKnown(error)) throw error;
        if (!(await this.#tools.inOrder())) return [];
        this.#lists.shift();
      }
    }
    return undefined;
  }
}
