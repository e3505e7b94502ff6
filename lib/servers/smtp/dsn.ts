import { Fault } from '../../base/errors.ts';
import { redact } from '../../base/secret.ts';
import type { DsnRequest } from '../../store/records.ts';
import type { EsmtpParameters } from './command.ts';

/** What MAIL FROM's parameters ask for. */
export interface MailParameters {
  /** Octets, as the client declares them: RFC 1870 4. */
  readonly size?: number;
  readonly ret?: 'full' | 'hdrs';
  readonly envid?: string;
}

/** Keywords of MAIL FROM that we announce: RFC 1870, 6152, 6531, 3461; AUTH comes with RFC 4954 5. */
const MAIL_KEYWORDS = ['SIZE', 'BODY', 'SMTPUTF8', 'RET', 'ENVID', 'AUTH'];
const RCPT_KEYWORDS = ['NOTIFY', 'ORCPT'];

/** RFC 3461 4.4 and 4.2: the longest ENVID and ORCPT, as transmitted. */
const ENVID_OCTETS = 100;
const ORCPT_OCTETS = 500;

/** Throws `smtp.parameter` for a value that is not valid, `smtp.unsupported` for a keyword we did not announce. */
export function mailParameters(given: EsmtpParameters): MailParameters {
  onlyKnown(given, MAIL_KEYWORDS);
  const size = value(given, 'SIZE');
  if (size !== undefined && !/^\d{1,20}$/.test(size)) throw invalid('SIZE must be a number of octets');
  const body = value(given, 'BODY');
  if (body !== undefined && !/^(?:7bit|8bitmime)$/i.test(body))
    throw invalid('BODY must be 7BIT or 8BITMIME');
  if ((given.get('SMTPUTF8') ?? true) !== true) throw invalid('SMTPUTF8 takes no value');
  const ret = value(given, 'RET')?.toLowerCase();
  if (ret !== undefined && ret !== 'full' && ret !== 'hdrs') throw invalid('RET must be FULL or HDRS');
  const envid = value(given, 'ENVID');
  if (envid !== undefined && envid.length > ENVID_OCTETS) {
    throw invalid(`ENVID is longer than ${ENVID_OCTETS} octets`);
  }
  return {
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(ret === undefined ? {} : { ret }),
    ...(envid === undefined ? {} : { envid: decodeXtext(envid, 'ENVID') }),
  };
}

/** RCPT TO's parameters together with the mail's. Throws as `mailParameters` does. */
export function dsnRequest(given: EsmtpParameters, mail: MailParameters): DsnRequest {
  onlyKnown(given, RCPT_KEYWORDS);
  const notify = value(given, 'NOTIFY');
  const orcpt = value(given, 'ORCPT');
  return {
    ...(notify === undefined ? {} : { notify: parseNotify(notify) }),
    ...(mail.ret === undefined ? {} : { ret: mail.ret }),
    ...(mail.envid === undefined ? {} : { envid: mail.envid }),
    ...(orcpt === undefined ? {} : { orcpt: parseOrcpt(orcpt) }),
  };
}

function parseNotify(text: string): NonNullable<DsnRequest['notify']> {
  const wanted = text.split(',').map((word) => {
    const kind = word.toLowerCase();
    if (kind === 'never' || kind === 'success' || kind === 'failure' || kind === 'delay') return kind;
    throw invalid('NOTIFY must be NEVER, or some of SUCCESS, FAILURE and DELAY');
  });
  if (wanted.includes('never') && wanted.length > 1) throw invalid('NOTIFY=NEVER must stand alone');
  return wanted;
}

/** `addr-type ; xtext`, RFC 3461 4.2. It can carry an sms: address with its password, which must not be stored. */
function parseOrcpt(text: string): string {
  if (text.length > ORCPT_OCTETS) throw invalid(`ORCPT is longer than ${ORCPT_OCTETS} octets`);
  const match = /^([a-z0-9!#$%&'*+/=?^_`{|}~-]+);(.+)$/i.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) throw invalid('ORCPT must be TYPE;ADDRESS');
  return `${match[1]};${redact(decodeXtext(match[2], 'ORCPT'))}`;
}

/**
 * xtext, RFC 3461 4: `+` and two hexadecimal digits in upper case stand for an octet. A bare `=` is let through as it
 * is elsewhere. What comes out must be printable.
 */
export function decodeXtext(text: string, name: string): string {
  const decoded = text.replace(/\+([0-9A-F]{2})?/g, (_all, hex: string | undefined) => {
    if (hex === undefined) throw invalid(`${name} is not xtext: a "+" must be written +2B`);
    const code = parseInt(hex, 16);
    if (code < 0x20 || code > 0x7e) throw invalid(`${name} has a character that can't be printed`);
    return String.fromCharCode(code);
  });
  return decoded;
}

function value(given: EsmtpParameters, keyword: string): string | undefined {
  const text = given.get(keyword);
  if (text === true) throw invalid(`${keyword} needs a value`);
  return text;
}

function onlyKnown(given: EsmtpParameters, known: readonly string[]): void {
  for (const keyword of given.keys()) {
    if (!known.includes(keyword)) {
      throw new Fault('smtp.unsupported', { told: `the parameter ${keyword} is not supported here` });
    }
  }
}

function invalid(told: string): Fault {
  return new Fault('smtp.parameter', { told });
}
