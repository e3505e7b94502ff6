/**
 * What a modem says, cut into lines and prompts as the octets come in.
 *
 * TS 27.005 2.1 and V.250 5.7.1 promise <CR><LF>text<CR><LF>; in the field it is any of CR, LF and CR CR LF, with
 * control characters and line noise between. So each CR and each LF ends a line, empty lines are no lines, and what
 * is not text is left out. The result does not depend on how the stream was cut into chunks.
 */
export type Token =
  | { readonly kind: 'line'; readonly text: string }
  /** `> `, which no line end follows (TS 27.005 3.5.1). Only found while it is looked for. */
  | { readonly kind: 'prompt' }
  /** As many characters as `count` was told, as they came, and what follows them to the end of their line. */
  | { readonly kind: 'counted'; readonly text: string };

/** A line cannot be longer: 255 octets of user data and header make about 360 characters; USSD up to 2000. */
const LONGEST = 8192;

const CR = 0x0d;
const LF = 0x0a;
const PROMPT = 0x3e;

export class LineSplitter {
  #line = '';
  #skipping = false;
  readonly #give: (token: Token) => void;
  /** Whether `>` is to be taken for a prompt. The one who asks sets it, and it is reset when the prompt is found. */
  awaitingPrompt = false;
  /** Lines are given as they are: they are a message's text, in which blanks and control characters mean something. */
  verbatim = false;
  /** How many line ends stood before the line that is being given. */
  gap = 0;
  /** How many octets were no text: noise, as it comes from a line of another speed. */
  noise = 0;
  #ends = 0;
  #endedBy = 0;
  #counted: { left: number; text: string; begun: boolean } | undefined;

  constructor(give: (token: Token) => void) {
    this.#give = give;
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) this.#octet(byte);
  }

  /** From the next line on, so many characters are one text, line ends and all. */
  count(length: number): void {
    this.#counted = { left: length, text: '', begun: this.#endedBy === LF };
  }

  /** The count was wrong: what came since is lines after all. */
  recount(): void {
    const text = this.#counted?.text ?? '';
    this.#counted = undefined;
    this.push(Buffer.from(text, 'latin1'));
  }

  #octet(byte: number): void {
    if (this.#counted !== undefined) return this.#count(this.#counted, byte);
    if (byte === CR || byte === LF) return this.#end(byte);
    // Control characters are noise, or an echoed Ctrl+Z; octets above 0x7e are text in no answer in PDU mode.
    if (!this.verbatim && (byte < 0x20 || byte > 0x7e)) {
      this.noise++;
      return;
    }
    if (this.#skipping) return;
    this.#line += String.fromCharCode(byte);
    if (this.awaitingPrompt && this.#isPrompt(byte)) {
      this.#line = '';
      this.awaitingPrompt = false;
      this.#give({ kind: 'prompt' });
    } else if (this.#line.length > LONGEST) {
      this.#line = '';
      this.#skipping = true;
    }
  }

  /** At the start of a line the sign alone will do; after a mangled echo it takes the blank behind it. */
  #isPrompt(byte: number): boolean {
    if (byte === PROMPT) return this.#line.trim() === '>';
    return byte === 0x20 && this.#line.endsWith('> ') && !/[":]/.test(this.#line);
  }

  #count(counted: { left: number; text: string; begun: boolean }, byte: number): void {
    if (!counted.begun) {
      // The rest of the header's line end.
      counted.begun = byte !== CR;
      if (byte === CR || byte === LF) return;
    }
    if (counted.left > 0) counted.left--;
    else if (byte === CR || byte === LF) {
      this.#counted = undefined;
      this.#ends = 1;
      return this.#give({ kind: 'counted', text: counted.text });
    }
    counted.text += String.fromCharCode(byte);
  }

  #end(by: number): void {
    const text = this.verbatim ? this.#line : this.#line.trim();
    this.#line = '';
    this.#skipping = false;
    this.#endedBy = by;
    if (text !== '') {
      this.gap = this.#ends;
      this.#ends = 0;
      this.#give({ kind: 'line', text });
    }
    this.#ends++;
  }
}
