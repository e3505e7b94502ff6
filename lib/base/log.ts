import { pino } from 'pino';
import { redact } from './secret.ts';

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
}

/** Fields that hold other people's words: kept out of the log unless `bodies` is on. */
const BODIES = ['text', 'data', 'body', 'subject'];

/** A log, and what writes out the lines that it still holds. */
export interface OpenLog {
  readonly log: Log;
  /** To be called when the process ends. */
  readonly flush: () => void;
}

/**
 * A log on standard output. Secrets are masked wherever they stand (see `redact`). JSON lines are written behind the
 * caller's back, those that come together in one go; nobody waits for them.
 */
export async function openLog(options: LogOptions): Promise<OpenLog> {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: object) => clean(fields, options),
    },
  };
  if (options.format === 'json') {
    const destination = pino.destination({ dest: 1, sync: false });
    return { log: pino(settings, destination), flush: () => destination.flushSync() };
  }
  const { default: pretty } = await import('pino-pretty');
  const toTerminal = pretty({
    sync: true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname',
    singleLine: true,
  });
  return { log: pino(settings, toTerminal), flush: () => undefined };
}

function clean(fields: object, options: LogOptions): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (options.bodies !== true && BODIES.includes(name)) kept[name] = '[redacted]';
    else kept[name] = typeof value === 'string' ? redact(value) : value;
  }
  return kept;
}
