import { type KeyObject, createHash, createPrivateKey, createSign, sign as signWith } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { Fault } from '../base/errors.ts';
import type { Mail, Mailer, Refusal } from './mailer.ts';

/**
 * DKIM signatures (RFC 6376, RFC 8463) on all mail of ours, whatever it is handed to: the signature is made on the octets
 * that go out, relaxed in header and body, and put in front of them. A retry signs anew.
 */
export interface DkimSettings {
  readonly domain: string;
  readonly selector: string;
  readonly key: DkimKey;
}

/** A private key that `readDkimKey` has read. */
export interface DkimKey {
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly key: KeyObject;
}

/** The key of a PEM file, which the configuration has checked. Throws where it is neither RSA nor Ed25519. */
export function readDkimKey(pem: string): DkimKey {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType === 'ed25519') return { algorithm: 'ed25519-sha256', key };
  if (key.asymmetricKeyType === 'rsa') return { algorithm: 'rsa-sha256', key };
  throw new Fault('config.invalid', { told: `DKIM knows no keys of type ${key.asymmetricKeyType ?? '?'}` });
}

/** Signs what goes through it. */
export class SigningMailer implements Mailer {
  readonly #settings: DkimSettings;
  readonly #clock: Clock;
  readonly #next: Mailer;

  constructor(settings: DkimSettings, next: Mailer, deps: { readonly clock: Clock }) {
    this.#settings = settings;
    this.#next = next;
    this.#clock = deps.clock;
  }

  open(): Promise<void> {
    return this.#next.open();
  }

  send(mail: Mail): Promise<readonly Refusal[]> {
    return this.#next.send({ ...mail, raw: signed(mail.raw, this.#settings, this.#clock.now()) });
  }

  close(): Promise<void> {
    return this.#next.close();
  }
}

/** RFC 6376 5.4.1, and what says how a mail is to be read. */
const SIGNED_FIELDS = new Set(
  'from reply-to subject date to cc message-id in-reply-to references mime-version content-type content-transfer-encoding auto-submitted list-id list-unsubscribe list-post'.split(
    ' ',
  ),
);

/** The mail with its signature in front; its lines end in CRLF. `now`: milliseconds since 1970. */
export function signed(raw: Uint8Array, { domain, selector, key }: DkimSettings, now: number): Buffer {
  // Octets as characters, so that nothing is decoded.
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
    .toString('latin1')
    .replace(/\r\n|\r|\n/g, '\r\n');
  const end = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const body = end < 0 ? '' : text.slice(end === 0 ? 2 : end + 4);
  const fields = head
    .replace(/\r\n$/, '')
    .split(/\r\n(?![ \t])/)
    .map((whole) => ({ name: whole.slice(0, whole.indexOf(':')).trim().toLowerCase(), whole }))
    .filter(({ name }) => SIGNED_FIELDS.has(name))
    // Of fields with the same name the last one is taken first (RFC 6376 5.4.2).
    .reverse();
  const hash = createHash('sha256').update(relaxedBody(body), 'latin1').digest('base64');
  // From once more: a second one that is added on the way breaks the signature (RFC 6376 8.15).
  const names = [...fields.map(({ name }) => name), 'from'];
  const tags = `v=1; a=${key.algorithm}; c=relaxed/relaxed; d=${domain};\r\n s=${selector}; t=${Math.floor(now / 1000)};\r\n h=${folded(names.join(':'), ':')};\r\n bh=${hash};\r\n b=`;
  const unsigned = `DKIM-Signature: ${tags}`;
  const input = `${fields.map(({ whole }) => `${relaxedField(whole)}\r\n`).join('')}${relaxedField(unsigned)}`;
  const field = `${unsigned}${folded(signature(input, key))}\r\n`;
  return Buffer.from(`${field}${text}`, 'latin1');
}

function signature(input: string, { algorithm, key }: DkimKey): string {
  const octets = Buffer.from(input, 'latin1');
  if (algorithm === 'rsa-sha256') return createSign('sha256').update(octets).sign(key, 'base64');
  // RFC 8463 3: PureEdDSA on the hash.
  return signWith(null, createHash('sha256').update(octets).digest(), key).toString('base64');
}

/** RFC 6376 3.4.2. */
function relaxedField(field: string): string {
  const colon = field.indexOf(':');
  const value = field
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${field.slice(0, colon).trim().toLowerCase()}:${value}`;
}

/** RFC 6376 3.4.4. */
function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.at(-1) === '') lines.pop();
  return lines.length === 0 ? '' : `${lines.join('\r\n')}\r\n`;
}

/** In lines of 72 characters at most; only after `after` where it is given. */
function folded(text: string, after?: string): string {
  if (after === undefined) return (text.match(/.{1,72}/g) ?? []).join('\r\n ');
  const lines = [''];
  for (const word of text.split(new RegExp(`(?<=${after})`))) {
    if ((lines.at(-1) ?? '').length + word.length > 72) lines.push('');
    lines[lines.length - 1] += word;
  }
  return lines.join('\r\n ');
}
