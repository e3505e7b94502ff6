import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { Command } from 'commander';
import addressparser from 'nodemailer/lib/addressparser';
import { systemClock } from '../../lib/base/clock.ts';
import { domainOf } from '../../lib/base/mail-address.ts';
import { systemRandom } from '../../lib/base/random.ts';
import type { Config } from '../../lib/config/config.ts';
import { loadConfig } from '../../lib/config/load.ts';
import type { PreviewRequest } from '../../lib/flow/outgoing/preview.ts';
import type {
  MailPreview,
  PreviewMessage,
  PreviewRecipient,
  Reply,
} from '../../lib/flow/outgoing/preview-view.ts';
import { readHeaderBlock } from '../../lib/mail/read/headers.ts';
import { openPreview } from '../../lib/offline-preview.ts';
import { traceLines } from '../rules/trace.ts';
import { type PlaceOptions, withPlace } from '../control.ts';
import { oneLine } from '../table.ts';

interface PreviewOptions extends PlaceOptions {
  readonly to?: readonly string[];
  readonly as?: string;
  readonly from?: string;
  readonly remote?: string;
  readonly json?: true;
}

/** `mailsms preview`: nothing is sent, and no gateway needs to run. Exit code 1 where something would be refused. */
export function previewCommand(): Command {
  const command = new Command('preview')
    .description('show what the gateway would answer to a mail, and what would become of it')
    .argument('<file>', 'the mail (.eml), or - for standard input')
    .option(
      '--to <address>',
      'a recipient, as in RCPT TO; may be repeated (default: those in To and Cc that are ours)',
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option('--as <user>', 'who has logged in (default: nobody)')
    .option('--from <address>', 'the sender, as in MAIL FROM; "" for a bounce (default: the address in From)')
    .option('--remote <address>', "the client's IP address", '127.0.0.1')
    .option('--json', 'one JSON object');
  return withPlace(command).action(run);
}

async function run(file: string, options: PreviewOptions): Promise<void> {
  const { config } = await loadConfig({
    ...(options.config === undefined ? {} : { file: options.config }),
    ...(options.data === undefined ? {} : { data: options.data }),
    env: process.env,
    cwd: process.cwd(),
  });
  const raw = file === '-' ? await buffer(process.stdin) : await readFile(file);
  const { as: user, from, remote } = options;
  const shown = await previewOf(config, {
    raw,
    to: options.to ?? ownRecipients(raw, config),
    ...(user === undefined ? {} : { as: user }),
    ...(from === undefined ? {} : { from: from.replace(/^<(.*)>$/, '$1') }),
    ...(remote === undefined ? {} : { remote }),
  });
  process.stdout.write(options.json ? `${JSON.stringify(shown)}\n` : forPeople(shown));
  const refused = [
    shown,
    ...shown.recipients,
    ...shown.recipients.flatMap((recipient) => recipient.messages),
  ].some((each: { readonly refused?: Reply }) => each.refused !== undefined);
  if (refused) process.exitCode = 1;
}

async function previewOf(config: Config, request: PreviewRequest): Promise<MailPreview> {
  const offline = await openPreview(config, { clock: systemClock, random: systemRandom });
  try {
    return await offline.preview.mail(request);
  } finally {
    await offline.close();
  }
}

/** The addresses in To and Cc that are on our domains; a header that cannot be read has none. */
function ownRecipients(raw: Buffer, { domains }: Config): string[] {
  const ours = new Set(domains.map(({ name }) => name.toLowerCase()));
  try {
    return readHeaderBlock(raw, 64 * 1024)
      .fields.filter(({ name }) => name === 'to' || name === 'cc')
      .flatMap(({ value }) => addressparser(value, { flatten: true }))
      .map(({ address }) => address)
      .filter((address) => ours.has(domainOf(address) ?? ''));
  } catch {
    return [];
  }
}

const WIDTH = 100;
const SOURCES = { plain: 'plain part', html: 'HTML', subject: 'subject, there is no text', none: 'nowhere' };

function forPeople(shown: MailPreview): string {
  const lines = [...(shown.from === undefined ? [] : [line('From', oneLine(shown.from, WIDTH))])];
  if (shown.subject !== undefined) lines.push(line('Subject', oneLine(shown.subject, WIDTH)));
  if (shown.text !== undefined) {
    const { length } = [...shown.text];
    lines.push(line('Text', `${length} characters, from the ${SOURCES[shown.source ?? 'none']}`));
    lines.push(...indented(shown.text));
  }
  for (const { why, text } of shown.dropped) {
    const count = text.split('\n').length;
    lines.push(line('Left out', `${why}, ${count} line${count === 1 ? '' : 's'}: ${oneLine(text, 60)}`));
  }
  for (const { name, type, size } of shown.attachments) {
    lines.push(line('Left out', `attachment, ${size} octets: ${oneLine(name ?? type, 60)}`));
  }
  if (shown.automatic !== undefined) {
    lines.push(line('Automatic', `${shown.automatic.kind} (${oneLine(shown.automatic.because, 60)})`));
  }
  lines.push(...refusal(shown.refused));
  for (const recipient of shown.recipients) lines.push('', ...recipientLines(recipient, shown.text));
  return `${lines.join('\n')}\n`;
}

function recipientLines({ address, refused, mails, messages }: PreviewRecipient, text = ''): string[] {
  return [
    line('To', oneLine(address, WIDTH)),
    ...refusal(refused),
    ...mails.map((mail) => line('Mail to', mail)),
    ...messages.flatMap((message) => messageLines(message, text)),
  ];
}

function messageLines(message: PreviewMessage, text: string): string[] {
  const { number, encoding, parts, limit, cut, forcedUnicode, replaced, route } = message;
  const lines = [line('Number', number), ...refusal(message.refused)];
  if (encoding !== undefined) {
    const why = forcedUnicode.length === 0 ? '' : `, because of ${forcedUnicode.slice(0, 10).join(' ')}`;
    lines.push(line('Encoding', `${ENCODINGS[encoding]}${why}`));
  }
  if (replaced.length > 0) {
    lines.push(
      line('Replaced', replaced.map(({ from, to }) => `${from} by ${to === '' ? 'nothing' : to}`).join(', ')),
    );
  }
  if (parts.length > 0) {
    const each = parts.map(({ length, room, unit }) => `${length} of ${room} ${unit}`).join(', ');
    lines.push(line('Parts', `${parts.length} (limit ${limit.parts}, by the ${limit.by}): ${each}`));
  }
  if (cut > 0) lines.push(line('Cut', `${cut} characters do not fit`));
  if (route !== undefined) lines.push(line('Route', `${route.gateways.join(', ')}: ${route.why}`));
  if (message.diverted === true) lines.push(line('Route', 'none: a rule takes it elsewhere'));
  if (message.effects.length > 0) lines.push(line('Besides', message.effects.join(', ')));
  if (message.text !== undefined && message.text !== text) {
    lines.push(line('Sent as', ''), ...indented(message.text));
  }
  if (message.rules !== undefined)
    lines.push('', ...traceLines(message.rules).map((each) => `  ${each}`.trimEnd()));
  return lines;
}

const ENCODINGS = { gsm7: 'GSM 7-bit', ucs2: 'Unicode (UCS-2)', '8bit': 'octets' };

function refusal(refused: Reply | undefined): string[] {
  if (refused === undefined) return [];
  return [line('Refused', `${refused.smtp} ${refused.enhanced} ${oneLine(refused.told, 2 * WIDTH)}`)];
}

function line(name: string, value: string): string {
  return `${name.padEnd(10)}${value}`.trimEnd();
}

/** The text as it is, control characters made visible. */
function indented(text: string): string[] {
  return text.split('\n').map((each) => `  | ${each.replace(/\p{Cc}/gu, '\ufffd')}`.trimEnd());
}
