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
  | { readonly kind: 'prompt' };

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

  constructor(give: (token: Token) => void) {
    this.#give = give;
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) this.#octet(byte);
  }

  #octet(byte: number): void {
    if (byte === CR || byte === LF) return this.#end();
    // Control characters are noise, or an echoed Ctrl+Z; octets above 0x7e are text in no answer in PDU mode.
    if (byte < 0x20 || byte > 0x7e) return;
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

  #end(): void {
    const text = this.#line.trim();
    this.#line = '';
    this.#skipping = false;
    if (text !== '') this.#give({ kind: 'line', text });
  }
}
