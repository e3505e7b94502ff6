import type { Archive } from '../archive.ts';
import type { Access } from './access.ts';
import { amend } from './archive/amend.ts';
import { find, findIncoming, list, listIncoming, quarantined, stats } from './archive/listing.ts';
import { purge } from './archive/purge.ts';
import { tallies } from './outgoing/tally.ts';

/** Everything that is kept, in LMDB. */
export function archiveIn(access: Access): Archive {
  return {
    find: (id) => access.look((view) => find(view, id)),
    findIncoming: (id) => access.look((view) => findIncoming(view, id)),
    listIncoming: (query) => access.look((view) => listIncoming(view, query)),
    list: (query) => access.look((view) => list(view, query)),
    amend: (id, change) => access.run((work) => amend(work, id, change)),
    tallies: () => access.look((view) => tallies(view, access.today())),
    stats: () => access.look(stats),
    quarantined: (limit) => access.look((view) => quarantined(view, limit)),
    purge: (before, limit) => access.run((work) => purge(work, before, limit)),
  };
}
