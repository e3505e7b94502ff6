import type { Log, LogFields } from '../../lib/base/log.ts';

/** A log that keeps its lines: `warn the text {"fields":...}`. */
export class MemoryLog implements Log {
  readonly lines: string[];
  readonly #fields: LogFields;

  constructor(lines: string[] = [], fields: LogFields = {}) {
    this.lines = lines;
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
    return new MemoryLog(this.lines, { ...this.#fields, ...fields });
  }

  #say(level: string, fields: LogFields, text: string): void {
    this.lines.push(`${level} ${text} ${JSON.stringify({ ...this.#fields, ...fields })}`);
  }
}
