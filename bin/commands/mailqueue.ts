import { Command } from 'commander';
import { given } from '../../lib/base/given.ts';
import type { EffectView } from '../../lib/flow/operator/views/effect.ts';
import type { ApiClient } from '../../lib/servers/http/client.ts';
import { allPages, firstOf, type PlaceOptions, openControl, withPlace } from '../control.ts';
import { wholeNumber } from '../options.ts';
import { jsonLines, oneLine, table, when } from '../table.ts';

interface ListOptions extends PlaceOptions {
  readonly failed?: boolean;
  readonly waiting?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

interface ManyOptions extends PlaceOptions {
  readonly all?: boolean;
  readonly failed?: boolean;
}

/** How many are asked for at once where all are meant. */
const PAGE = 200;

/** `mailsms mailqueue`, or `mailq`: what Postfix has as mailq, postqueue and postsuper. */
export function mailqueueCommand(): Command {
  const queue = new Command('mailqueue')
    .alias('mailq')
    .description(
      'look at our own mail and what rules want done, that waits or was given up; try it again, remove it',
    );
  withPlace(
    queue
      .command('ls', { isDefault: true })
      .description('list what waits and what was given up')
      .option('--waiting', 'only what waits')
      .option('--failed', 'only what was given up')
      .option('--limit <n>', 'at most so many', wholeNumber, 50)
      .option('--json', 'one JSON object a line'),
  ).action(list);
  withPlace(
    queue
      .command('show <id>')
      .description('one mail with its fault')
      .option('--json', 'as a JSON object')
      .option('--raw', 'the mail itself, as it would be sent'),
  ).action(show);
  withPlace(
    queue
      .command('retry [id...]')
      .description('hand mail over now, given up or not')
      .option('--all', 'all that waits')
      .option('--failed', 'all that was given up'),
  ).action((ids: string[], options: ManyOptions) =>
    each(ids, options, (control, id) => control('POST /mailqueue/:id/retry', { path: { id } })),
  );
  withPlace(
    queue
      .command('rm [id...]')
      .description('forget mail; what waits is not sent')
      .option('--all', 'all that waits')
      .option('--failed', 'all that was given up'),
  ).action((ids: string[], options: ManyOptions) =>
    each(ids, options, (control, id) => control('DELETE /mailqueue/:id', { path: { id } })),
  );
  return queue;
}

async function list(options: ListOptions): Promise<void> {
  const control = await openControl(options);
  const state = stateOf(options.waiting, options.failed);
  const entries = await firstOf(allEntries(control, state), options.limit);
  if (options.json === true) {
    process.stdout.write(jsonLines(entries));
    return;
  }
  if (entries.length === 0) {
    process.stdout.write('the mail queue is empty\n');
    return;
  }
  const rows = entries.map((entry) => [
    entry.id,
    entry.state,
    oneLine(entry.what ?? entry.kind, 40),
    entry.to?.join(', ') ?? '',
    String(entry.attempts),
    when(Date.parse(entry.created)),
    entry.due === undefined ? '' : when(Date.parse(entry.due)),
    oneLine(causeOf(entry), 60),
  ]);
  process.stdout.write(table(['ID', 'STATE', 'WHAT', 'TO', 'TRIES', 'SINCE', 'NEXT TRY', 'CAUSE'], rows));
}

async function show(id: string, options: PlaceOptions & { json?: boolean; raw?: boolean }): Promise<void> {
  const control = await openControl(options);
  const path = { id };
  if (options.raw === true) {
    const { base64 } = await control('GET /mailqueue/:id/mail', { path });
    process.stdout.write(Buffer.from(base64, 'base64'));
    return;
  }
  const entry = await control('GET /mailqueue/:id', { path });
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(entry, null, 2)}\n`);
    return;
  }
  const time = (at: string | undefined): string | undefined =>
    at === undefined ? undefined : when(Date.parse(at));
  const facts: [string, string | undefined][] = [
    ['mail', entry.id],
    ['state', entry.state],
    ['what', entry.what ?? entry.kind],
    ['from', entry.from === '' ? '<>' : entry.from],
    ['to', entry.to?.join(', ')],
    ['subject', entry.subject],
    ['size', entry.size === undefined ? undefined : `${entry.size} octets`],
    ['about', entry.about],
    ['tries', String(entry.attempts)],
    ['queued', time(entry.created)],
    ['next try', time(entry.due)],
    ['expires', time(entry.expires)],
    ['given up', time(entry.failed)],
    ['cause', causeOf(entry) || undefined],
  ];
  for (const [name, value] of facts) {
    if (value !== undefined) process.stdout.write(`${name.padEnd(9)} ${oneLine(value, 1000)}\n`);
  }
}

function causeOf({ fault }: EffectView): string {
  if (fault === undefined) return '';
  return fault.detail === undefined ? `${fault.told} (${fault.enhanced})` : `${fault.told}: ${fault.detail}`;
}

async function each(
  ids: readonly string[],
  options: ManyOptions,
  act: (control: ApiClient, id: string) => Promise<unknown>,
): Promise<void> {
  const state = stateOf(options.all, options.failed);
  if (ids.length === 0 && options.all !== true && options.failed !== true) {
    throw new Error('say which: one or more ids, --all or --failed');
  }
  const control = await openControl(options);
  for (const id of ids) await act(control, id);
  if (ids.length > 0) return;
  // All of them are read before the first is touched: what is done to them moves them in the list.
  const all: EffectView[] = [];
  for await (const entry of allEntries(control, state)) if (entry.state !== 'busy') all.push(entry);
  let done = 0;
  for (const { id } of all) {
    try {
      await act(control, id);
      done++;
    } catch (error) {
      // It was handed over meanwhile, or is just now.
      process.stderr.write(`mailsms: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  process.stdout.write(`${done} of ${all.length}\n`);
}

function allEntries(control: ApiClient, state: 'waiting' | 'failed' | undefined): AsyncGenerator<EffectView> {
  return allPages(
    (after) => control('GET /mailqueue', { query: given({ limit: PAGE, state, ...after }) }),
    ({ entries }) => entries,
  );
}

function stateOf(
  waiting: boolean | undefined,
  failed: boolean | undefined,
): 'waiting' | 'failed' | undefined {
  if (waiting === true && failed !== true) return 'waiting';
  if (failed === true && waiting !== true) return 'failed';
  return undefined;
}
