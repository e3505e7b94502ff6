/** The message that `rules test` runs: from a mail, or made up from options. */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { normaliseNumber } from '../../lib/address/number.ts';
import { fromTemplate } from '../../lib/address/print.ts';
import { parseRecipient } from '../../lib/address/parse.ts';
import { printedPairs } from '../../lib/address/parameters.ts';
import { cutAddress } from '../../lib/base/mail-address.ts';
import { type ExtractedMail, extractText } from '../../lib/mail/text/extract.ts';
import { headerFields } from '../../lib/rules/header-fields.ts';
import { RULE_PARAMETERS } from '../../lib/rules/actions/destination.ts';
import { priorityOf } from '../../lib/rules/mail-priority.ts';
import type { Direction, HeaderField, ParameterPair, RuleMessage } from '../../lib/rules/message.ts';
import { segment } from '../../lib/sms/segment.ts';
import type { RulesSource } from './source.ts';

export interface MessageOptions {
  readonly number?: string;
  readonly text?: string;
  readonly from?: string;
  readonly subject?: string;
  readonly gateway?: string;
  readonly user?: string;
  readonly alias?: string;
  readonly remote?: string;
  readonly trusted?: true;
  readonly at?: number;
}

/** A number for a message that names none. */
const SOME_NUMBER = '+15551234567';

export async function messageFrom(
  file: string | undefined,
  direction: Direction,
  options: MessageOptions,
  { config }: Pick<RulesSource, 'config'>,
): Promise<RuleMessage> {
  const raw =
    file === undefined ? undefined : file === '-' ? await buffer(process.stdin) : await readFile(file);
  const mail = raw === undefined ? undefined : await extractText(raw, { strip: config.text.strip });
  const target =
    mail === undefined
      ? undefined
      : phoneIn(
          mail,
          config.domains.map(({ name }) => name),
          config.country,
        );
  const number =
    options.number === undefined
      ? (target?.number ?? SOME_NUMBER)
      : normaliseNumber(options.number, config.country);
  const text = options.text ?? mail?.text ?? '';
  const sender = options.from ?? mail?.headers.from;
  const gateway = options.gateway ?? (direction === 'incoming' ? config.gateways[0]?.id : undefined);
  const user = options.user ?? (options.alias === undefined ? undefined : 'somebody');
  const { parts, encoding } = segment(text, { smart: config.text.smart });
  const headers = headersOf(direction, mail, options, number, config.domains[0]?.name ?? 'localhost');
  const asked = target?.parameters.find(({ name }) => name === 'priority');
  return {
    direction,
    headers,
    text,
    ...(mail === undefined ? {} : { html: mail.html }),
    size: mail?.size ?? Buffer.byteLength(text),
    attachments: mail?.attachments.map(({ name = '' }) => name) ?? [],
    ...(direction === 'outgoing' && sender !== undefined ? { sender } : {}),
    ...(target === undefined ? {} : { recipient: target.redacted }),
    number,
    ...(gateway === undefined ? {} : { gateway }),
    parameters: target?.parameters ?? [],
    ...(options.remote === undefined ? {} : { remote: options.remote }),
    ...(user === undefined
      ? {}
      : { account: { user, ...(options.alias === undefined ? {} : { phoneAlias: options.alias }) } }),
    authenticated: user !== undefined || options.trusted === true,
    trusted: options.trusted === true,
    at: options.at ?? Date.now(),
    zone: config.zone,
    parts: Math.max(1, parts.length),
    encoding,
    priority: asked === undefined ? priorityOf(headers) : Number(asked.value),
    hops: 0,
  };
}

function headersOf(
  direction: Direction,
  mail: ExtractedMail | undefined,
  { from, subject }: MessageOptions,
  number: string,
  domain: string,
): HeaderField[] {
  const author =
    direction === 'incoming' ? fromTemplate('sms:%s@' + domain, number) : (from ?? 'somebody@example.com');
  const made: HeaderField[] = [
    { name: 'From', value: author },
    { name: 'Subject', value: subject ?? (direction === 'incoming' ? `SMS from ${number}` : '') },
  ];
  if (mail === undefined) return made;
  const given = new Map([
    ['from', from],
    ['subject', subject],
  ]);
  return headerFields(mail.rawHeaders).map(({ name, value }) => ({
    name,
    value: given.get(name.toLowerCase()) ?? value,
  }));
}

interface Target {
  readonly number: string;
  readonly parameters: readonly ParameterPair[];
  readonly redacted: string;
}

/** The phone in To of a mail, whatever domain it is on. */
function phoneIn(
  mail: ExtractedMail,
  domains: readonly string[],
  country: string | undefined,
): Target | undefined {
  for (const address of [mail.headers.to ?? '', mail.headers.cc ?? ''].flatMap(addressesIn)) {
    const { domain = '' } = cutAddress(address);
    try {
      const options = {
        domains: [...domains, domain].map((name) => ({ name })),
        ...(country === undefined ? {} : { country }),
      };
      const parsed = parseRecipient(address, options);
      const [number] = parsed.kind === 'sms' ? parsed.numbers : [];
      if (parsed.kind !== 'sms' || number === undefined) continue;
      const parameters = printedPairs(parsed.parameters, 'hidden')
        .filter(([name]) => RULE_PARAMETERS.includes(name))
        .map(([name, value]) => ({ name, value: decodeURIComponent(value) }));
      return { number, parameters, redacted: parsed.redacted };
    } catch {
      // Not one of ours: perhaps the next is.
    }
  }
  return undefined;
}

/** Addresses of a field as they would stand in RCPT TO, quotes kept. */
function addressesIn(field: string): string[] {
  return [...field.matchAll(/("[^"]*"|[^\s<>,;"]+)@[A-Za-z0-9.-]+/g)].map(([address]) => address);
}
