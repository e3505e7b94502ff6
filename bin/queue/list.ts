import { given } from '../../lib/base/given.ts';
import type { IncomingView } from '../../lib/flow/operator/views/incoming.ts';
import type { MessageView } from '../../lib/flow/operator/views/message.ts';
import { isRuledOff } from '../../lib/store/records.ts';
import { allPages, firstOf, type PlaceOptions, openControl } from '../control.ts';
import { jsonLines, oneLine, table, when } from '../table.ts';
import { isSelected, selected, type Selection } from './selection.ts';

export interface ListOptions extends PlaceOptions, Selection {
  readonly incoming?: true;
  readonly limit: number;
  readonly json?: true;
}

const PAGE = 200;

export async function listOutgoing(options: ListOptions): Promise<void> {
  const control = await openControl(options);
  const messages = await firstOf(selected(control, options, options.limit), options.limit);
  if (options.json === true) {
    process.stdout.write(jsonLines(messages));
    return;
  }
  if (messages.length === 0) {
    const done =
      options.state === undefined && isSelected(options) ? '; --state all shows those that are done' : '';
    process.stdout.write(options.state === undefined ? `nothing is waiting${done}\n` : 'no messages\n');
    return;
  }
  const rows = messages.map((message) => [
    message.id,
    message.state,
    message.number,
    `${message.parts.filter((part) => part.state !== 'waiting' && part.state !== 'handing').length}/${message.parts.length}`,
    String(message.attempts),
    when(message.created),
    oneLine(causeOf(message) ?? '', 60),
    oneLine(textOf(message), 40),
  ]);
  process.stdout.write(table(['ID', 'STATE', 'NUMBER', 'SENT', 'TRIES', 'SINCE', 'CAUSE', 'TEXT'], rows));
}

export async function listIncoming(options: ListOptions): Promise<void> {
  const control = await openControl(options);
  const { state, number, gateway, text, sender, limit } = options;
  if (sender !== undefined) throw new Error('messages from phones have no other sender: use --number');
  const query = given({
    ...{ number, gateway, text, limit: Math.min(limit, PAGE) },
    state: state === 'all' ? undefined : state,
  });
  const all = allPages(
    (after) => control('GET /incoming', { query: { ...query, ...after } }),
    ({ incoming }) => incoming,
  );
  const shown = await firstOf(all, limit);
  if (options.json === true) process.stdout.write(jsonLines(shown));
  else if (shown.length === 0) process.stdout.write('no messages\n');
  else
    process.stdout.write(table(['ID', 'STATE', 'NUMBER', 'GATEWAY', 'SINCE', 'WHY', 'TEXT'], rowsOf(shown)));
}

function rowsOf(messages: readonly IncomingView[]): string[][] {
  return messages.map(({ id, state, number, gateway, received, trace, text }) => {
    const why = trace.findLast(({ event }) => event === state)?.note ?? '';
    return [id, state, number, gateway, when(received), oneLine(why, 40), oneLine(text, 40)];
  });
}

/** What a message waits for, or what became of it: `gateway modem1 is down: ...`, `dropped by the rule "Night"`. */
export function causeOf(message: MessageView): string | undefined {
  const { waits, fault } = message;
  if (waits === undefined) return fault?.told ?? ruledOff(message);
  return waits.until === undefined ? waits.told : `at ${when(waits.until)}: ${waits.told}`;
}

/** What took a message off its way: `diverted to desk@office.example`. */
function ruledOff(message: MessageView): string | undefined {
  return isRuledOff(message) ? `${message.state} ${message.trace.at(-1)?.note ?? ''}` : undefined;
}

export function textOf({ text = 'binary data' }: MessageView): string {
  return text;
}
