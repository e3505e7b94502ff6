import { redact } from './secret.ts';

/** How a line of the log is written: for machines, and for people at a terminal. */
export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly at: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Fields that hold other people's words: kept out of the log unless `bodies` is on. */
const BODIES = new Set(['text', 'data', 'body', 'subject']);

/** How deep a field is followed: what lies deeper is left out, and a ring comes to an end. */
const DEEPEST = 6;

/** One JSON object and a line end. */
export function jsonLine({ level, at, fields, text }: Line, bodies: boolean): string {
  const time = new Date(at).toISOString();
  return `${JSON.stringify({ level, time, ...clean(fields, bodies), msg: redact(text) })}\n`;
}

/** `gsm1 [08:15:02.123] INFO: text {"message":"..."}`: the gateway that the line is about comes first. */
export function prettyLine({ level, at, fields, text }: Line, bodies: boolean): string {
  const { gateway, ...others } = clean(fields, bodies);
  const about = typeof gateway === 'string' && gateway !== '' ? `${gateway} ` : '';
  const kept = about === '' && gateway !== undefined ? { gateway, ...others } : others;
  const more = Object.values(kept).every((value) => value === undefined) ? '' : ` ${JSON.stringify(kept)}`;
  return `${harmless(`${about}[${timeOfDay(at)}] ${level.toUpperCase()}: ${redact(text)}${more}`)}\n`;
}

/** On the wall clock of the machine. */
function timeOfDay(at: number): string {
  const date = new Date(at);
  const [hour, minute, second] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((each) =>
    String(each).padStart(2, '0'),
  );
  return `${hour}:${minute}:${second}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Without what a terminal obeys, and what turns the direction of its text. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202e\u2060-\u2069\u200e\u200f\u061c]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

function clean(fields: Readonly<Record<string, unknown>>, bodies: boolean): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    kept[name] = !bodies && BODIES.has(name) ? '[redacted]' : cleanValue(value, 0);
  }
  return kept;
}

/** The value with secrets masked, as something that can be written as JSON. */
function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Error) return redact(value.message);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  if (depth >= DEEPEST) return '[...]';
  if (Array.isArray(value)) return value.map((each) => cleanValue(each, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cleanValue(each, depth + 1)]));
}
