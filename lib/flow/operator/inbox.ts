import { Fault } from '../../base/errors.ts';
import { given } from '../../base/given.ts';
import type { Archive } from '../../store/archive.ts';
import { type Actor, requireRole } from './actor.ts';
import type { ManageGateways } from './gateways.ts';
import { cursorOf, type IncomingQuery } from './queries.ts';
import { type IncomingView, type IncomingViewPage, viewIncoming } from './views/incoming.ts';

/** Messages from phones at the operator's desk: look. */
export class Inbox {
  readonly #deps: InboxDeps;

  constructor(deps: InboxDeps) {
    this.#deps = deps;
  }

  async list(actor: Actor, query: IncomingQuery): Promise<IncomingViewPage> {
    requireRole(actor, 'operator');
    const { state, number, gateway, text, limit, after } = query;
    const where = given({
      number: number === undefined ? undefined : this.#deps.readNumber(number),
      gateway: gateway === undefined ? undefined : this.#deps.gateways.meant(gateway).id,
      text,
    });
    const { messages, next } = await this.#deps.store.listIncoming(
      given({ states: state, where, limit, after }),
    );
    return given({
      incoming: messages.map(viewIncoming),
      next: next === undefined ? undefined : cursorOf(next),
    });
  }

  /** Throws `request.absent`. */
  async find(actor: Actor, id: string): Promise<IncomingView> {
    requireRole(actor, 'operator');
    const found = await this.#deps.store.findIncoming(id);
    if (found === undefined) throw new Fault('request.absent', { told: `there is no message ${id}` });
    return viewIncoming(found);
  }
}

export interface InboxDeps {
  readonly store: Pick<Archive, 'findIncoming' | 'listIncoming'>;
  readonly gateways: Pick<ManageGateways, 'meant'>;
  /** A number as people write it, in the form in which it is kept. */
  readNumber(written: string): string;
}
