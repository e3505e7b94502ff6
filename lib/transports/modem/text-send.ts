import { Fault, messageOf } from '../../base/errors.ts';
import type { Job } from '../../routing/transport.ts';
import { toHex } from '../../sms/hex.ts';
import type { Segment } from '../../sms/segment.ts';
import { encodeSubmit, type Submit } from '../../sms/submit.ts';
import { decodeTpdu } from '../../sms/tpdu.ts';
import { encodeUcs2 } from '../../sms/ucs2.ts';
import { encodeBody } from './at/charset.ts';
import { readReference } from './at/answers.ts';
import type { Channel } from './at/channel.ts';
import { ChannelError } from './at/result.ts';
import type { Sender } from './send.ts';
import type { TextMode } from './text-mode.ts';

/** First octet's bits (TS 23.040 9.2.3): a user data header, a status report, a validity period of one octet. */
const UDHI = 0x40;
const SRR = 0x20;
const SUBMIT_RELATIVE = 0x11;
/** The longest: the service centre shortens it to what it keeps (TS 23.040 9.2.3.12.1). */
const LONGEST_VALIDITY = 255;

/** Characters of a SMS without a header. */
const ROOM = { gsm7: 160, ucs2: 70, '8bit': 140 } as const;

/** What is said to the modem for one part. */
export interface WrittenText {
  /** The arguments of AT+CSMP. */
  readonly parameters: string;
  readonly body: string;
}

/**
 * Sends in text mode: AT+CSMP where something other than last time is to be set, then AT+CMGS with the number.
 *
 * By TS 27.005 3.1 the body of a message with a header, or in UCS-2 or 8-bit data, is octets in hexadecimal; any other is text
 * in the character set that was agreed on.
 */
export class TextSender implements Sender {
  readonly #channel: Channel;
  readonly #mode: TextMode;
  #parameters = '17,255,0,0';
  /** How this modem wants numbers where the character set is UCS2: the standard's way first. */
  #wideNumbers = true;

  constructor(channel: Channel, mode: TextMode) {
    this.#channel = channel;
    this.#mode = mode;
  }

  async send(
    job: Job,
    segment: Segment,
    timeoutMs: number,
    cleared?: Promise<void>,
  ): Promise<string | undefined> {
    const { parameters, body } = writeText(job, segment, this.#mode);
    if (this.#mode.parameters && parameters !== this.#parameters) {
      await this.#channel.command(`AT+CSMP=${parameters}`);
      this.#parameters = parameters;
    }
    const options = { pdu: body, answer: '+CMGS:', pduTimeoutMs: timeoutMs, ...(cleared && { cleared }) };
    const wide = this.#mode.charset === 'UCS2' && this.#wideNumbers;
    const address = wide ? toHex(encodeUcs2(job.number)) : job.number;
    try {
      return readReference(await this.#channel.command(`AT+CMGS="${address}"`, options));
    } catch (error) {
      if (!wide || !refusesAddress(error)) throw error;
      this.#wideNumbers = false;
      return readReference(await this.#channel.command(`AT+CMGS="${job.number}"`, options));
    }
  }
}

/** Refused before the prompt, for a reason that may be the number's form. */
function refusesAddress(error: unknown): boolean {
  if (!(error instanceof ChannelError) || error.kind !== 'refused' || error.stage !== 'command') return false;
  const { family, code } = error.given ?? {};
  return (
    family === 'none' || code === 304 || code === 305 || code === 302 || (family === 'CME' && code === 50)
  );
}

/** One part as text mode wants it. Throws Fault `message.content` for what this modem cannot send. */
export function writeText(job: Job, segment: Segment, mode: TextMode): WrittenText {
  const { tpdu, submit } = encoded(job, segment);
  const first = SUBMIT_RELATIVE | ((tpdu[0] ?? 0) & SRR);
  const validity =
    submit.validity !== undefined && 'raw' in submit.validity && typeof submit.validity.raw === 'number'
      ? submit.validity.raw
      : LONGEST_VALIDITY;
  const rest = `${validity},${submit.pid},${submit.dcs.raw}`;
  const plain = `${first},${rest}`;
  if (!mode.parameters && plain !== `${SUBMIT_RELATIVE},${LONGEST_VALIDITY},0,0`)
    refuseParameters(job, submit);
  const numbered = segment.total > 1 && submit.text !== undefined && mode.long !== 'udh';
  if (numbered && mode.long === 'refuse') {
    throw cannot('the gateway sends no texts of several parts, and this one has ' + segment.total);
  }
  if (segment.udh !== undefined && !numbered) {
    if (mode.long !== 'udh') throw cannot('the gateway cannot send messages with a user data header');
    return { parameters: `${first | UDHI},${rest}`, body: toHex(segment.userData) };
  }
  const text = numbered ? withNumber(submit.text ?? '', segment) : submit.text;
  if (text === undefined) return { parameters: plain, body: toHex(segment.userData) };
  if (segment.encoding === 'ucs2') return { parameters: plain, body: toHex(encodeUcs2(text)) };
  const written = encodeBody(text, mode.charset);
  if ('body' in written) return { parameters: plain, body: written.body };
  throw cannot(
    `the gateway can send ${mode.charset} characters only, not ${written.impossible.slice(0, 10).join(' ')}`,
  );
}

/** The TPDU that a modem in PDU mode would be given: its fields are what text mode sets one by one. */
function encoded(job: Job, segment: Segment): { tpdu: Uint8Array; submit: Submit } {
  const { statusReport, validityMinutes, class: messageClass, pid, dcs } = job.options;
  try {
    const tpdu = encodeSubmit({
      destination: job.number,
      segment,
      statusReport,
      validity: validityMinutes,
      class: messageClass,
      pid,
      dcs,
    });
    return { tpdu, submit: decodeTpdu(tpdu, { smsc: false, direction: 'from-mobile' }) as Submit };
  } catch (error) {
    throw new Fault('message.content', { detail: messageOf(error), cause: error });
  }
}

/** Without AT+CSMP there are no status reports and no validity, which a message can do without; the rest it cannot. */
function refuseParameters(job: Job, submit: Submit): void {
  if (submit.dcs.alphabet !== 'gsm7')
    throw cannot('the gateway can send plain texts only, nothing in Unicode');
  if (submit.dcs.class !== undefined || submit.pid !== 0 || job.options.dcs !== undefined) {
    throw cannot('the gateway cannot set class, protocol or coding of a message');
  }
}

/** `(1/3) text`; shorter where the part is too full for that: a part of a tied message leaves 7 septets or 3 characters. */
function withNumber(text: string, { sequence, total, encoding, userDataLength, udh }: Segment): string {
  const header = (udh?.length ?? -1) + 1;
  const units =
    encoding === 'gsm7' ? userDataLength - Math.ceil((header * 8) / 7) : (userDataLength - header) / 2;
  const left = ROOM[encoding] - units;
  const marks = [`(${sequence}/${total}) `, `${sequence}/${total} `, `${sequence}/${total}`];
  const mark = marks.find((each) => each.length <= left);
  if (mark === undefined)
    throw cannot(`the gateway numbers parts, and ${total} of them leave no room for that`);
  return mark + text;
}

function cannot(told: string): Fault {
  return new Fault('message.content', { told });
}
