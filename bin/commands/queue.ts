import { Command } from 'commander';
import type { Trace } from '../../lib/rules/verdict.ts';
import type { IncomingView, IncomingViewPage } from '../../lib/servers/http/api.ts';
import {
  INCOMING_STATES,
  MESSAGE_STATES,
  type OutgoingMessage,
  isRuledOff,
} from '../../lib/store/records.ts';
import { type PlaceOptions, openControl, withPlace } from '../control.ts';
import { traceLines } from '../rules/trace.ts';
import { harmless, jsonLines, oneLine, table, when } from '../table.ts';

interface ListOptions extends PlaceOptions {
  readonly state?: string;
  readonly incoming?: boolean;
  readonly limit: string;
  readonly json?: boolean;
}

/** What `queue ls` shows where no state is asked for: what is not done. */
const WAITING = 'queued,sending,held';

export function queueCommand(): Command {
  const queue = new Command('queue').description('look at the messages, try them again, cancel them');
  withPlace(
    queue
      .command('ls', { isDefault: true })
      .description('list messages: those that are waiting, or those in the states asked for')
      .option('--state <states>', `${MESSAGE_STATES.join(',')} or all`)
      .option('--incoming', `messages from phones: ${INCOMING_STATES.join(',')}; default: all`)
      .option('--limit <n>', 'at most so many', '50')
      .option('--json', 'one JSON object a line'),
  ).action((options: ListOptions) => (options.incoming === true ? listIncoming(options) : list(options)));
  withPlace(
    queue
      .command('show <id>')
      .description(
        'one message with its parts, all its stations, and what the rules saw; also one from a phone',
      )
      .option('--json', 'as a JSON object'),
  ).action(show);
  withPlace(queue.command('retry <id...>').description('send a waiting, held or failed message now')).action(
    async (ids: string[], place: PlaceOptions) => {
      const control = await openControl(place);
      for (const id of ids) await control.post(`/messages/${encodeURIComponent(id)}/retry`);
    },
  );
  withPlace(
    queue.command('rm <id...>').description('forget a message; one that is still waiting is not sent'),
  ).action(async (ids: string[], place: PlaceOptions) => {
    const control = await openControl(place);
    for (const id of ids) await control.remove(`/messages/${encodeURIComponent(id)}`);
  });
  withPlace(
    queue.command('cancel <id...>').description('do not send a waiting message, and tell its sender'),
  ).action(async (ids: string[], place: PlaceOptions) => {
    const control = await openControl(place);
    for (const id of ids) await control.post(`/messages/${encodeURIComponent(id)}/cancel`);
  });
  return queue;
}

async function list(options: ListOptions): Promise<void> {
  const control = await openControl(options);
  const query = new URLSearchParams({ limit: options.limit });
  const state = options.state ?? WAITING;
  if (state !== 'all') query.set('state', state);
  const { messages } = await control.get<{ messages: OutgoingMessage[] }>(`/messages?${query.toString()}`);
  if (options.json === true) {
    process.stdout.write(jsonLines(messages));
    return;
  }
  if (messages.length === 0) {
    process.stdout.write(options.state === undefined ? 'nothing is waiting\n' : 'no messages\n');
    return;
  }
  const rows = messages.map((message) => [
    message.id,
    message.state,
    message.number,
    `${message.parts.filter((part) => part.state !== 'waiting' && part.state !== 'handing').length}/${message.parts.length}`,
    String(message.attempts),
    when(message.created),
    oneLine(message.fault?.told ?? ruledOff(message) ?? textOf(message), 40),
  ]);
  process.stdout.write(table(['ID', 'STATE', 'NUMBER', 'SENT', 'TRIES', 'SINCE', 'TEXT OR CAUSE'], rows));
}

async function listIncoming(options: ListOptions): Promise<void> {
  const control = await openControl(options);
  const query = new URLSearchParams({ limit: options.limit });
  if (options.state !== undefined && options.state !== 'all') query.set('state', options.state);
  const messages: IncomingView[] = [];
  let page: IncomingViewPage = { messages: [] };
  do {
    page = await control.get<IncomingViewPage>(`/incoming?${query.toString()}`);
    messages.push(...page.messages);
    query.set('after', page.next ?? '');
  } while (page.next !== undefined && messages.length < Number(options.limit));
  const shown = messages.slice(0, Number(options.limit));
  if (options.json === true) {
    process.stdout.write(jsonLines(shown));
    return;
  }
  if (shown.length === 0) process.stdout.write('no messages\n');
  else
    process.stdout.write(table(['ID', 'STATE', 'NUMBER', 'GATEWAY', 'SINCE', 'WHY', 'TEXT'], rowsOf(shown)));
}

function rowsOf(messages: readonly IncomingView[]): string[][] {
  return messages.map(({ id, state, number, gateway, received, trace, text }) => {
    const why = trace.findLast(({ event }) => event === state)?.note ?? '';
    return [id, state, number, gateway, when(received), oneLine(why, 40), oneLine(text, 40)];
  });
}

async function show(id: string, options: PlaceOptions & { json?: boolean }): Promise<void> {
  const control = await openControl(options);
  const outgoing = await control.find<OutgoingMessage>(`/messages/${encodeURIComponent(id)}`);
  const message = outgoing ?? (await control.get<IncomingView>(`/incoming/${encodeURIComponent(id)}`));
  if (options.json === true) process.stdout.write(`${JSON.stringify(message, null, 2)}\n`);
  else if ('content' in message) showOutgoing(message);
  else showIncoming(message);
}

function showOutgoing(message: OutgoingMessage): void {
  const { origin } = message;
  const facts: [string, string | undefined][] = [
    ['message', message.id],
    ['state', message.state],
    ['number', message.number],
    ['text', textOf(message)],
    ['sender', origin.sender],
    ['account', message.account],
    ['gateway', message.gateway],
    ['expires', when(message.expires)],
    [
      'cause',
      message.fault === undefined ? ruledOff(message) : `${message.fault.told} (${message.fault.enhanced})`,
    ],
  ];
  printFacts(facts);
  const parts = message.parts.map((part) => [
    `${part.sequence}/${message.parts.length}`,
    part.state,
    part.gateway ?? '',
    part.reference ?? '',
  ]);
  // One that a rule took off its way has none.
  if (parts.length > 0) process.stdout.write(`\n${table(['PART', 'STATE', 'GATEWAY', 'REFERENCE'], parts)}`);
  printStations(message.trace, origin.rules);
}

function showIncoming({ trace, rules, received, parts, missing, ...message }: IncomingView): void {
  printFacts([
    ['message', message.id],
    ['state', `${message.state}, from a phone`],
    ['number', message.number],
    ['text', message.text],
    ['gateway', message.gateway],
    ['received', when(received)],
    ['parts', missing.length === 0 ? String(parts) : `${parts}, without ${missing.join(', ')}`],
  ]);
  printStations(trace, rules);
}

function printFacts(facts: readonly (readonly [name: string, value: string | undefined])[]): void {
  for (const [name, value] of facts) {
    if (value !== undefined)
      process.stdout.write(`${name.padEnd(9)} ${harmless(value).replace(/\n/g, '\n          ')}\n`);
  }
}

function printStations(trace: OutgoingMessage['trace'], rules: unknown): void {
  const stations = trace.map((entry) => [when(entry.at), entry.event, entry.gateway ?? '', entry.note ?? '']);
  process.stdout.write(`\n${table(['TIME', 'STATION', 'GATEWAY', 'NOTE'], stations)}`);
  if (rules !== undefined) process.stdout.write(`\nRULES\n${traceLines(rules as Trace).join('\n')}\n`);
}

/** What took a message off its way: `dropped by the rule "Night"`, `diverted to desk@office.example`. */
function ruledOff(message: OutgoingMessage): string | undefined {
  return isRuledOff(message) ? `${message.state} ${message.trace.at(-1)?.note ?? ''}` : undefined;
}

function textOf(message: OutgoingMessage): string {
  return message.content.kind === 'text' ? message.content.text : 'binary data';
}
