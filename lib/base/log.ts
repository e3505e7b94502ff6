import type { Clock } from './clock.ts';
import { LogLines } from './log-lines.ts';
import { FileOutput, type LogOutput, standardOutput } from './log-output.ts';
import { type Line, jsonLine, prettyLine } from './log-format.ts';

/** Fields of a log line. `message` and `gateway` carry the ids that a line is about. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What lib/ writes its log to: one line a station of a message, each with its ids. */
export interface Log {
  debug(fields: LogFields, text: string): void;
  info(fields: LogFields, text: string): void;
  warn(fields: LogFields, text: string): void;
  error(fields: LogFields, text: string): void;
  /** The same log with `fields` on every line. */
  child(fields: LogFields): Log;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** `pretty` for people at a terminal, `json` for machines. */
  readonly format: 'pretty' | 'json';
  /** Write texts and numbers' bodies too. Off by default: they are other people's words. */
  readonly bodies?: boolean;
  /** Append to this file; default: standard output. */
  readonly file?: string;
}

/**
 * The log of a running gateway.
 *
 * Promises: secrets are masked wherever they stand (see `redact`); a line costs its caller no wait, whatever becomes of it.
 *
 * Failure: nothing is ever thrown to whoever writes a line. Where the output cannot be written (a full disk, a reader that has
 * ended or does not read), lines are kept as far as a bound allows, the others are dropped and counted, and one line tells
 * of them once writing works again.
 */
export class OpenLog {
  readonly log: Log;
  /** Standard output, where what a person is told goes too. */
  readonly #standard: LogLines;
  readonly #lines: LogLines;
  readonly #file: FileOutput | undefined;

  constructor(options: LogOptions, outputs: LogOutputs, clock: Clock) {
    this.#file = outputs.file;
    const told = (lost: number, error: string | undefined): void => this.#tellOfLoss(lost, error);
    this.#lines = new LogLines(outputs.file ?? outputs.standard, { clock, told });
    this.#standard =
      outputs.file === undefined
        ? this.#lines
        : new LogLines(outputs.standard, { clock, told: () => undefined });
    this.log = new LineLog(options, clock, (line) => this.#lines.add(line), {});
  }

  /** Text for a person, on standard output. */
  say(text: string): void {
    this.#standard.add(text);
  }

  /** Opens the file anew, after a program that rotates logs has moved it. Rejects where it cannot be opened; the old one stays. */
  async reopen(): Promise<void> {
    await this.#file?.reopen();
  }

  /**
   * Writes what is still held, for `ms` milliseconds at most. Resolves with false where an output is stuck in the system, so
   * that the process could not end by itself.
   */
  async flush(ms: number): Promise<boolean> {
    const outputs = this.#lines === this.#standard ? [this.#lines] : [this.#lines, this.#standard];
    const free = await Promise.all(outputs.map((each) => each.flush(ms)));
    return free.every(Boolean);
  }

  /** Lets go of the file. What is written after it is lost. */
  async close(): Promise<void> {
    await this.#file?.close();
  }

  #tellOfLoss(lost: number, error: string | undefined): void {
    const cause = error === undefined ? 'nobody read it' : error;
    this.log.warn({ lost, cause }, `the log can be written again: ${lost} lines were dropped`);
  }
}

export interface LogOutputs {
  readonly standard: LogOutput;
  /** Takes the place of standard output for the log. */
  readonly file?: FileOutput;
}

/** Rejects where the log's file cannot be opened. */
export async function openLog(options: LogOptions, clock: Clock): Promise<OpenLog> {
  const standard = standardOutput();
  if (options.file === undefined) return new OpenLog(options, { standard }, clock);
  const file = new FileOutput(options.file);
  await file.reopen();
  return new OpenLog(options, { standard, file }, clock);
}

const LEVELS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

class LineLog implements Log {
  readonly #options: LogOptions;
  readonly #clock: Clock;
  readonly #write: (line: string) => void;
  readonly #fields: LogFields;

  constructor(options: LogOptions, clock: Clock, write: (line: string) => void, fields: LogFields) {
    this.#options = options;
    this.#clock = clock;
    this.#write = write;
    this.#fields = fields;
  }

  debug(fields: LogFields, text: string): void {
    this.#say('debug', fields, text);
  }

  info(fields: LogFields, text: string): void {
    this.#say('info', fields, text);
  }

  warn(fields: LogFields, text: string): void {
    this.#say('warn', fields, text);
  }

  error(fields: LogFields, text: string): void {
    this.#say('error', fields, text);
  }

  child(fields: LogFields): Log {
    return new LineLog(this.#options, this.#clock, this.#write, { ...this.#fields, ...fields });
  }

  #say(level: Line['level'], fields: LogFields, text: string): void {
    const { level: least, format, bodies } = this.#options;
    if (LEVELS[level] < LEVELS[least]) return;
    const line = { level, at: this.#clock.now(), fields: { ...this.#fields, ...fields }, text };
    this.#write(format === 'json' ? jsonLine(line, bodies === true) : prettyLine(line, bodies === true));
  }
}
