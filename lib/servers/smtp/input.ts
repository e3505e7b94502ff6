import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';

/** The longest command line: RFC 5321 4.5.3.1.4 has 512 octets, to which SIZE, BODY, RET, ENVID, NOTIFY and ORCPT add. */
export const LINE_OCTETS = 2048;

/** The longest line of an AUTH exchange, RFC 4954 4. A longer line of any kind ends the session. */
export const AUTH_LINE_OCTETS = 12288;

const DOT = 0x2e;
const CR = 0x0d;
const LF = 0x0a;
/** The CRLF before a line, or the beginning of the mail. */
const LINE = '\r\n';
const CR_SEEN = '\r';

/** What a client sends, cut into commands and mails. */
export class Input extends SMTPStream {
  /** Has the client sent anything at all? */
  begun = false;
  #seen = '';

  constructor(onCommand: (line: Buffer, next?: () => void) => void, onTooLong: () => void) {
    super({ maxCommandLength: AUTH_LINE_OCTETS });
    this.oncommand = onCommand;
    this.on('error', onTooLong);
  }

  override _write(
    chunk: Buffer,
    encoding: BufferEncoding | 'buffer',
    next: (error?: Error | null) => void,
  ): void {
    this.begun = true;
    super._write(chunk, encoding, next);
  }

  /**
   * The mail that is coming in, dots taken away, in one pass over each chunk and without a stream or a buffer for each line
   * (smtp-server's own way costs a turn of the event loop and some 100 octets for each dot).
   */
  override _feedDataStream(chunk: Buffer, done: (error?: Error | null) => void): void {
    const stream = this._dataStream;
    if (stream === null) {
      done();
      return;
    }
    const kept = Buffer.allocUnsafe(chunk.length + this.#seen.length);
    let length = 0;
    for (let i = 0; i < chunk.length; i++) {
      const octet = chunk[i] ?? 0;
      const seen: string = this.#seen;
      // What was seen of the end of the mail: the beginning of a line, its dot, and the CR behind that.
      if (seen === LINE && octet === DOT) {
        this.#seen = `${LINE}.`;
        continue;
      }
      if (seen === `${LINE}.`) {
        if (octet === CR) {
          this.#seen = `${LINE}.\r`;
          continue;
        }
        // Of two dots at the beginning of a line one was added on the way, RFC 5321 4.5.2.
        if (octet !== DOT) kept[length++] = DOT;
        this.#seen = '';
      } else if (seen === `${LINE}.\r`) {
        if (octet === LF) {
          this.#finish(kept.subarray(0, length), chunk.subarray(i + 1), done);
          return;
        }
        kept[length++] = DOT;
        kept[length++] = CR;
        this.#seen = CR_SEEN;
      }
      kept[length++] = octet;
      this.#seen = octet === CR ? CR_SEEN : octet === LF && this.#seen === CR_SEEN ? LINE : '';
    }
    const data = kept.subarray(0, length);
    if (length === 0) {
      done();
      return;
    }
    this._countDataBytes(length);
    if (stream.write(length * 2 < kept.length ? Buffer.from(data) : data)) {
      done();
      return;
    }
    const go = (): void => {
      stream.removeListener('drain', go);
      stream.removeListener('close', go);
      done();
    };
    stream.once('drain', go);
    stream.once('close', go);
  }

  override startDataMode(maxBytes?: number): ReturnType<SMTPStream['startDataMode']> {
    this.#seen = LINE;
    return super.startDataMode(maxBytes);
  }

  #finish(last: Buffer, rest: Buffer, done: (error?: Error | null) => void): void {
    this._countDataBytes(last.length);
    this._endDataMode(last.length === 0 ? false : last, rest, done);
  }

  /** A line that was cut off by the end of the connection is not a command. */
  override _flushData(): void {
    this._remainder = '';
  }
}
