import type { Command } from 'commander';
import { given } from '../../lib/base/given.ts';
import type { MessageView } from '../../lib/flow/operator/views/message.ts';
import type { ApiClient } from '../../lib/servers/http/client.ts';
import { MESSAGE_STATES } from '../../lib/store/records.ts';
import { allPages } from '../control.ts';

/** Which messages are meant: what `queue ls` shows for the same options is what the others touch. */
export interface Selection {
  readonly state?: string;
  readonly number?: string;
  readonly sender?: string;
  readonly gateway?: string;
  readonly text?: string;
}

/** What is meant where no state is named: what is not done. */
const WAITING = 'queued,sending,held';

const PAGE = 200;

export function withSelection(command: Command): Command {
  return command
    .option('--state <states>', `in these states: ${MESSAGE_STATES.join(',')} or all (default: ${WAITING})`)
    .option('--number <number>', 'to this phone')
    .option(
      '--sender <address>',
      'from this address, from all of a domain (@example.com), or of this account',
    )
    .option('--gateway <id>', 'that this gateway sent, or that it alone may send')
    .option('--text <text>', 'with this in the text');
}

/** Whether anything was chosen at all. */
export function isSelected({ state, number, sender, gateway, text }: Selection): boolean {
  return [state, number, sender, gateway, text].some((each) => each !== undefined);
}

/** The selection as the API is asked for it. */
export function queryOf({ state = WAITING, number, sender, gateway, text }: Selection) {
  return given({ state: state === 'all' ? undefined : state, number, sender, gateway, text });
}

export function selected(control: ApiClient, selection: Selection, most = PAGE): AsyncGenerator<MessageView> {
  const query = { ...queryOf(selection), limit: Math.min(most, PAGE) };
  return allPages(
    (after) => control('GET /messages', { query: { ...query, ...after } }),
    ({ messages }) => messages,
  );
}
