import type { Clock } from '../../../base/clock.ts';
import type { LineSplitter } from './lines.ts';
import { readFinal } from './result.ts';

/**
 * The text of a message in text mode, in a character set in which it may hold anything: lines that read `OK`, `+CMTI:` or
 * `ERROR`, and empty ones. It ends after as many characters as its header says (AT+CSDH=1). Where the header does not say
 * it, or says it wrongly, it ends before a result code or news that an empty line precedes, which is how a modem sets
 * them off (V.250 5.7.1), or when nothing more comes.
 */
export class TextBody {
  readonly #lines: LineSplitter;
  readonly #clock: Clock;
  readonly #done: (body: string) => void;
  readonly #again: (line: string) => void;
  #collected: string[] | undefined;
  /** Counting characters, not lines. */
  #counting = false;
  /** What may be the end of the answer, if nothing follows. */
  #doubtful: string | undefined;
  #cancel: () => void = () => undefined;

  /** `done` gets the whole text; `again` a line that turned out to belong to what follows it. */
  constructor(
    lines: LineSplitter,
    clock: Clock,
    done: (body: string) => void,
    again: (line: string) => void,
  ) {
    this.#lines = lines;
    this.#clock = clock;
    this.#done = done;
    this.#again = again;
  }

  get open(): boolean {
    return this.#collected !== undefined;
  }

  /** After a header, before the next octet: what follows is text, so many characters where that is known. */
  begin(length: number | undefined): void {
    this.#collected = [];
    this.#counting = length !== undefined;
    this.#lines.verbatim = true;
    if (length === undefined) return this.#arm(QUIET);
    this.#lines.count(length);
    this.#arm(MISCOUNTED);
  }

  /** The characters that were counted. */
  counted(text: string): void {
    this.#collected = [text];
    this.#end();
  }

  /** True where the line is the body's. */
  line(text: string): boolean {
    const { gap } = this.#lines;
    const apart = gap > 2;
    if (this.#collected === undefined) return false;
    if (this.#doubtful !== undefined) this.#collected.push(this.#doubtful);
    this.#doubtful = undefined;
    if (NEXT.test(text) || (apart && (readFinal(text) !== undefined || NEWS.test(text)))) {
      this.#end();
      return false;
    }
    if (readFinal(text) === undefined)
      this.#collected.push(...(apart && this.#collected.length > 0 ? [''] : []), text);
    else this.#doubtful = text;
    this.#arm(QUIET);
    return true;
  }

  cancel(): void {
    this.#cancel();
    this.#collected = undefined;
    this.#lines.verbatim = false;
  }

  #end(): void {
    const body = (this.#collected ?? []).join('\n');
    this.cancel();
    this.#done(body);
  }

  #arm(ms: number): void {
    this.#cancel();
    this.#cancel = this.#clock.after(ms, () => {
      if (this.#collected === undefined) return;
      if (this.#counting) {
        this.#counting = false;
        this.#arm(QUIET);
        return this.#lines.recount();
      }
      const last = this.#doubtful;
      this.#doubtful = undefined;
      this.#end();
      if (last !== undefined) this.#again(last);
    });
  }
}

/** So long is waited for the characters that a header has promised. */
const MISCOUNTED = 2_000;
/** So long must it be silent after a text whose end is not marked. */
const QUIET = 500;
const NEXT = /^\+CMGL:\s*\d+\s*,/i;
const NEWS = /^[+^*%$#][A-Z][A-Z0-9_]*:/i;
