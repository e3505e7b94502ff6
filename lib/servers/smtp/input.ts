import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';

/** The longest command line: RFC 5321 4.5.3.1.4 has 512 octets, to which SIZE, BODY, RET, ENVID, NOTIFY and ORCPT add. */
export const LINE_OCTETS = 2048;

/** The longest line of an AUTH exchange, RFC 4954 4. A longer line of any kind ends the session. */
export const AUTH_LINE_OCTETS = 12288;

/** What a client sends, cut into commands and mails. */
export class Input extends SMTPStream {
  /** Has the client sent anything at all? */
  begun = false;

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

  /** A line that was cut off by the end of the connection is not a command. */
  override _flushData(): void {
    this._remainder = '';
  }
}
