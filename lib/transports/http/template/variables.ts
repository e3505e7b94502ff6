import { createHash } from 'node:crypto';
import { decodeUdh, portsOf } from '../../../sms/udh.ts';
import { DecodeError } from '../../../sms/errors.ts';
import { TemplateError, type TemplateMessage } from './message.ts';

/** Text, or octets, which are shown as base64 where nothing else is asked for. */
export type Value = string | Uint8Array;

/** What each variable stands for. One line to add one. */
const VARIABLES: Readonly<Record<string, (message: TemplateMessage) => Value>> = {
  number: ({ number }) => number,
  data: ({ content }) => ('data' in content ? content.data : content.text),
  body: ({ content }) => ('data' in content ? content.data : content.text),
  udh: ({ udh }) => udh,
  binary: ({ content }) => ('data' in content ? '1' : '0'),
  pid: ({ pid }) => decimal(pid),
  dcs: ({ dcs }) => decimal(dcs),
  sender: ({ sender }) => sender,
  sender_phonealias: ({ alias }) => alias,
  parts: ({ parts }) => String(parts),
  condition: () => '',
  msgid: ({ msgid }) => msgid,
  value: ({ values }) => values.map(encodedPairs).join(''),
  user: ({ user }) => user,
  pass: ({ password }) => password,
  id: ({ gateway }) => gateway,
  key: ({ key }) => key,
  key_uuid: ({ key }) => uuidOf(key),
  key_number: ({ key }) => numberOf(key),
  callback: ({ callback }) => callback,
  class: ({ messageClass }) => decimal(messageClass),
  flash: ({ messageClass }) => (messageClass === 0 ? '1' : '0'),
  report: ({ report }) => (report ? '1' : '0'),
  port: ({ udh }) => decimal(portOf(udh)),
  validity: ({ validityMinutes }) => decimal(validityMinutes),
  validity_s: ({ validityMinutes }) => decimal(times(validityMinutes, 60)),
  validity_ms: ({ validityMinutes }) => decimal(times(validityMinutes, 60_000)),
  expires: ({ validityMinutes, now }) =>
    validityMinutes === undefined ? '' : new Date(now + validityMinutes * 60_000).toISOString(),
  now: ({ now }) => new Date(now).toISOString(),
  now_http: ({ now }) => new Date(now).toUTCString(),
};

export const VARIABLE_NAMES: ReadonlySet<string> = new Set(Object.keys(VARIABLES));

/** The names that a template may use where a preset has these settings. */
export function namesWith(settings: Iterable<string>): ReadonlySet<string> {
  return new Set([...VARIABLE_NAMES, ...[...settings].map((name) => `settings.${name}`)]);
}

export function valueOf(name: string, message: TemplateMessage): Value {
  if (name.startsWith('settings.')) return message.settings[name.slice('settings.'.length)] ?? '';
  return VARIABLES[name]?.(message) ?? '';
}

function decimal(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

/** The pairs of a `value=` parameter with their texts escaped anew. Whether their names are free is for the URL to say. */
function encodedPairs(given: string): string {
  return pairsOf(given)
    .map(({ name, text }) => `&${name}=${encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))}`)
    .join('');
}

/** What a `value=` parameter adds to a URL. Throws TemplateError where it is anything else. */
export function pairsOf(given: string): { readonly name: string; readonly text: string }[] {
  return given
    .replace(/^&/, '')
    .split('&')
    .map((pair) => {
      const match = /^([A-Za-z0-9_.~-]{1,64})=(.*)$/s.exec(pair);
      if (match === null || !given.startsWith('&'))
        throw new TemplateError('value= must be written as &name=text');
      const [, name = '', text = ''] = match;
      return { name, text };
    });
}

/** The same key gives the same UUID (RFC 9562 5.8, version 8: octets of our own making). */
function uuidOf(key: string): string {
  const octets = createHash('sha256').update(key).digest().subarray(0, 16);
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x80;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  const hex = octets.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The same key gives the same positive number of 63 bits. */
function numberOf(key: string): string {
  return String(createHash('sha256').update(key).digest().readBigUInt64BE(0) >> 1n);
}

function portOf(udh: Uint8Array): number | undefined {
  try {
    return portsOf(decodeUdh(udh))?.destination;
  } catch (error) {
    if (error instanceof DecodeError) throw new TemplateError(error.message);
    throw error;
  }
}
