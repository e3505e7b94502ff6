import { isUtf8 } from 'node:buffer';
import { Fault, type FaultCode } from '../../base/errors.ts';
import { cutAddress } from '../../base/mail-address.ts';

/** ESMTP parameters by their keyword in upper case; `true` where no value was given (RFC 5321 4.1.2). */
export type EsmtpParameters = ReadonlyMap<string, string | true>;

export interface PathCommand {
  /** What stands between the angle brackets, unchanged but for a source route. */
  readonly path: string;
  readonly parameters: EsmtpParameters;
}

/** Octets of a sender's address: the path limit of RFC 5321 4.5.3.1.3 without its brackets. */
const SENDER_OCTETS = 254;

/**
 * Characters that no address may have: controls, and marks that are invisible or turn the writing direction. They
 * could split a log line or a header, or make an address look like another.
 */
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/**
 * Reads `MAIL FROM:` and `RCPT TO:` commands, RFC 5321 4.1.1.2 and 4.1.1.3. More is let through than the grammar has:
 * the local part may hold `:`, `?`, `&` and `=` unquoted, since that is how many programs send an sms: address; a
 * space may follow the colon, and the brackets may be missing, since simple devices write so. Throws `smtp.sender` or
 * `smtp.recipient` where the address can't be read, `smtp.parameter` where a parameter can't.
 */
export function parsePathCommand(verb: 'MAIL FROM' | 'RCPT TO', line: Buffer): PathCommand {
  const bad: FaultCode = verb === 'MAIL FROM' ? 'smtp.sender' : 'smtp.recipient';
  if (!isUtf8(line)) throw new Fault(bad, { told: 'the command is not valid UTF-8' });
  const text = line.toString('utf8');
  const head = /^(MAIL|RCPT)[ \t]+(FROM|TO)[ \t]*:[ \t]*/i.exec(text);
  if (head === null || `${head[1]} ${head[2]}`.toUpperCase() !== verb) {
    throw new Fault('smtp.parameter', { told: `the syntax is ${verb}:<address>` });
  }
  const rest = text.slice(head[0].length).trimEnd();
  const bracketed = rest.startsWith('<');
  const start = bracketed ? 1 : 0;
  const end = endOfPath(rest, start, bracketed, bad);
  const after = rest.slice(bracketed ? end + 1 : end);
  if (after !== '' && !/^[ \t]/.test(after)) {
    throw new Fault(bad, { told: 'something follows the closing bracket of the address' });
  }
  const written = rest.slice(start, end);
  if (UNSAFE.test(written)) throw new Fault(bad, { told: 'the address has a control character' });
  if (!bracketed && written === '') throw new Fault(bad, { told: 'the address is missing' });
  // A source route must be accepted and ignored, RFC 5321 appendix C.
  const path = written.replace(/^@[^\s,:@"]+(?:,@[^\s,:@"]+)*:/, '');
  return { path, parameters: parseParameters(after) };
}

/** The index of the closing bracket, or of the first space where there are no brackets. */
function endOfPath(text: string, start: number, bracketed: boolean, bad: FaultCode): number {
  let quoted = false;
  for (let i = start; i < text.length; i++) {
    const c = text.charAt(i);
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '<') throw new Fault(bad, { told: 'the address has a "<" outside quotes' });
    else if (c === '>') {
      if (bracketed) return i;
      throw new Fault(bad, { told: 'the address has a ">" but no "<"' });
    } else if (!bracketed && (c === ' ' || c === '\t')) return i;
  }
  if (quoted) throw new Fault(bad, { told: 'the quotes in the address are not closed' });
  if (bracketed) throw new Fault(bad, { told: 'the address has no closing ">"' });
  return text.length;
}

function parseParameters(text: string): EsmtpParameters {
  const parameters = new Map<string, string | true>();
  for (const word of text.split(/[ \t]+/)) {
    if (word === '') continue;
    const match = /^([a-z0-9][a-z0-9-]*)(?:=(.+))?$/i.exec(word);
    const keyword = match?.[1]?.toUpperCase();
    if (match === null || keyword === undefined || UNSAFE.test(word)) {
      throw new Fault('smtp.parameter', { told: 'a parameter is not of the form KEYWORD or KEYWORD=value' });
    }
    if (parameters.has(keyword)) throw new Fault('smtp.parameter', { told: `${keyword} is given twice` });
    parameters.set(keyword, match[2] ?? true);
  }
  return parameters;
}

/** The sender that a MAIL FROM path means; undefined for the null sender. Throws `smtp.sender`. */
export function senderOf(path: string): string | undefined {
  if (path === '') return undefined;
  const { local, domain } = cutAddress(path);
  if (Buffer.byteLength(path) > SENDER_OCTETS) {
    throw new Fault('smtp.sender', { told: `the sender address is longer than ${SENDER_OCTETS} octets` });
  }
  if (local === '' || domain === undefined)
    throw new Fault('smtp.sender', { told: 'the sender address has no local part or no "@"' });
  if (!local.startsWith('"') && /[\s,;]/.test(local)) {
    throw new Fault('smtp.sender', { told: 'the sender address has a space or comma outside quotes' });
  }
  if (!/^(?:\[[0-9a-z:.]+\]|[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)*\.?)$/iu.test(domain)) {
    throw new Fault('smtp.sender', { told: 'the domain of the sender address is not valid' });
  }
  return path;
}

/**
 * The address that a RCPT TO path means. Whether it is one of ours is not decided here. Throws `smtp.recipient`, and
 * `address.syntax` where a mail program has lost the part before the `@` (msmtp does that to a quoted one).
 */
export function recipientOf(path: string): string {
  if (path === '') throw new Fault('smtp.recipient', { told: 'the recipient address is empty' });
  if (path.startsWith('@') || path.startsWith('""@')) {
    throw new Fault('address.syntax', {
      told:
        'there is nothing before the "@": some mail programs drop a quoted local part; ' +
        'write it without quotes, as sms%3A+15551234567@ or +15551234567@',
    });
  }
  return path;
}
