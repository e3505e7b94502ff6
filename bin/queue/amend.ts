import type { AmendmentKind } from '../../lib/flow/operator/messages.ts';
import type { AmendedView } from '../../lib/flow/operator/views/message.ts';
import type { ApiClient } from '../../lib/servers/http/client.ts';
import { confirmed } from '../confirm.ts';
import { type PlaceOptions, openControl } from '../control.ts';
import { isSelected, queryOf, selected, type Selection } from './selection.ts';

export interface AmendOptions extends PlaceOptions, Selection {
  readonly all?: true;
  readonly yes?: true;
}

/** Messages that one call changes: they share the syncs of the disk. */
const TOGETHER = 100;

const DONE = { retry: 'queued anew', cancel: 'cancelled', remove: 'removed' };

/** `queue retry`, `cancel` and `rm`: messages by their ids, or all that are chosen. */
export async function amend(
  kind: AmendmentKind,
  ids: readonly string[],
  options: AmendOptions,
): Promise<void> {
  const many = options.all === true || isSelected(options);
  if (ids.length > 0 && many)
    throw new Error('name messages by their ids or choose them by options, not both');
  if (ids.length === 0 && !many) {
    throw new Error('say which: one or more ids, --number, --sender, --gateway, --text, --state, or --all');
  }
  const control = await openControl(options);
  if (!many) {
    for (const id of ids) await amendOne(control, kind, id);
    return;
  }
  if (options.all === true && options.yes !== true && !(await isMeant(control, kind, options))) {
    throw new Error('nothing was changed');
  }
  await amendAll(control, kind, options);
}

async function amendOne(control: ApiClient, kind: AmendmentKind, id: string): Promise<void> {
  const path = { id };
  if (kind === 'remove') await control('DELETE /messages/:id', { path });
  else await control(kind === 'retry' ? 'POST /messages/:id/retry' : 'POST /messages/:id/cancel', { path });
}

/**
 * Page after page. What is done to messages moves them to another state; a page begins where the one before ended, and
 * `queued` comes first, so that none is met twice.
 */
async function amendAll(control: ApiClient, kind: AmendmentKind, options: Selection): Promise<void> {
  const query = { ...queryOf(options), limit: TOGETHER };
  const sums = { done: 0, busy: 0, refused: 0 };
  let next: { readonly after?: string } | undefined = {};
  while (next !== undefined) {
    const page: AmendedView = await control(`POST /messages/${kind}`, { query: { ...query, ...next } });
    for (const name of ['done', 'busy', 'refused'] as const) sums[name] += page[name];
    next = page.next === undefined ? undefined : { after: page.next };
  }
  const left = [
    ...(sums.busy === 0 ? [] : [`${sums.busy} being sent right now`]),
    ...(sums.refused === 0 ? [] : [`${sums.refused} in a state that does not allow it`]),
  ];
  const rest = left.length === 0 ? '' : `; left as they are: ${left.join(', ')}`;
  process.stdout.write(`${counted(sums.done)} ${DONE[kind]}${rest}\n`);
}

async function isMeant(control: ApiClient, kind: AmendmentKind, options: Selection): Promise<boolean> {
  let count = 0;
  for await (const { id } of selected(control, options)) if (id !== '') count += 1;
  const verb = { retry: 'Send', cancel: 'Cancel', remove: 'Remove' }[kind];
  return confirmed(`${verb} ${counted(count)}${kind === 'retry' ? ' now' : ''}?`);
}

function counted(count: number): string {
  return `${count} message${count === 1 ? '' : 's'}`;
}
