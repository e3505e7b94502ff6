import type { IncomingView } from '../../lib/flow/operator/views/incoming.ts';
import type { MessageView } from '../../lib/flow/operator/views/message.ts';
import { type PlaceOptions, openControl, unlessAbsent } from '../control.ts';
import { traceLines } from '../rules/trace.ts';
import { harmless, table, when } from '../table.ts';
import { causeOf, textOf } from './list.ts';

/** `queue show`: one message, to a phone or from one, with all its stations. */
export async function show(id: string, options: PlaceOptions & { json?: true }): Promise<void> {
  const control = await openControl(options);
  const path = { id };
  const outgoing = await unlessAbsent(control('GET /messages/:id', { path }));
  const message = outgoing ?? (await control('GET /incoming/:id', { path }));
  if (options.json === true) process.stdout.write(`${JSON.stringify(message, null, 2)}\n`);
  else if ('content' in message) showOutgoing(message);
  else showIncoming(message);
}

function showOutgoing(message: MessageView): void {
  const { origin, fault, waits } = message;
  printFacts([
    ['message', message.id],
    ['state', message.state],
    ['number', message.number],
    ['text', textOf(message)],
    ['sender', origin.sender],
    ['account', message.account],
    ['gateway', message.gateway],
    ['expires', when(message.expires)],
    ['waits', waits === undefined ? undefined : causeOf(message)],
    ['cause', fault === undefined ? endOf(message) : `${fault.told} (${fault.enhanced})`],
  ]);
  const parts = message.parts.map((part) => [
    `${part.sequence}/${message.parts.length}`,
    part.state,
    part.gateway ?? '',
    part.reference ?? '',
  ]);
  // One that a rule took off its way has none.
  if (parts.length > 0) process.stdout.write(`\n${table(['PART', 'STATE', 'GATEWAY', 'REFERENCE'], parts)}`);
  printStations(message);
  printRules(origin);
}

/** Of one that does not wait. */
function endOf(message: MessageView): string | undefined {
  return message.waits === undefined ? causeOf(message) : undefined;
}

function showIncoming({ received, parts, missing, ...message }: IncomingView): void {
  printFacts([
    ['message', message.id],
    ['state', `${message.state}, from a phone`],
    ['number', message.number],
    ['text', message.text],
    ['gateway', message.gateway],
    ['received', when(received)],
    ['parts', missing.length === 0 ? String(parts) : `${parts}, without ${missing.join(', ')}`],
  ]);
  printStations(message);
  printRules(message);
}

function printFacts(facts: readonly (readonly [name: string, value: string | undefined])[]): void {
  for (const [name, value] of facts) {
    if (value !== undefined)
      process.stdout.write(`${name.padEnd(9)} ${harmless(value).replace(/\n/g, '\n          ')}\n`);
  }
}

function printStations({ trace }: Pick<MessageView, 'trace'>): void {
  const stations = trace.map((entry) => [when(entry.at), entry.event, entry.gateway ?? '', entry.note ?? '']);
  process.stdout.write(`\n${table(['TIME', 'STATION', 'GATEWAY', 'NOTE'], stations)}`);
}

function printRules({ rules }: Pick<IncomingView, 'rules'>): void {
  if (rules !== undefined) process.stdout.write(`\nRULES\n${traceLines(rules).join('\n')}\n`);
}
