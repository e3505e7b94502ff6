import type { Agenda } from '../agenda.ts';
import type { Access } from './access.ts';
import { nextDue } from './archive/listing.ts';

/** When there is work to do, in LMDB. */
export function agendaIn(access: Access): Agenda {
  return {
    nextDue: (after) => access.look((view) => nextDue(view, after)),
    watch: (watcher) => access.watch(watcher),
  };
}
