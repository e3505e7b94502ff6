import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/errors.ts';
import { given } from '../../base/given.ts';
import type { Log } from '../../base/log.ts';
import type { Archive, ListQuery } from '../../store/archive.ts';
import { isWanted } from '../../store/filter.ts';
import { MESSAGE_STATES, type NewEffect, type OutgoingMessage } from '../../store/records.ts';
import { faultRecord } from '../effects/fault-record.ts';
import type { Reports } from '../effects/reports.ts';
import type { Submission } from '../outgoing/submission.ts';
import { type Actor, accountsSeenBy, by, sessionOf } from './actor.ts';
import type { ManageGateways } from './gateways.ts';
import { cursorOf, type MessageQuery, type SendRequest } from './queries.ts';
import { type AmendedView, type MessagePage, type MessageView, viewMessage } from './views/message.ts';
import { whyWaiting } from './why-waiting.ts';

/**
 * Messages to phones at the operator's desk: look, send, try again, cancel (the sender is told), remove (nobody is).
 *
 * Each change is written to the log and to the message's stations with who made it. What an actor may not see is absent
 * for it.
 */
export class Messages {
  readonly #deps: MessagesDeps;

  constructor(deps: MessagesDeps) {
    this.#deps = deps;
  }

  async list(actor: Actor, query: MessageQuery): Promise<MessagePage> {
    const { store, clock, gateways } = this.#deps;
    const { messages, next } = await store.list(this.#wanted(actor, query));
    const now = clock.now();
    const each = gateways.now();
    return given({
      messages: messages.map((message) => viewMessage(message, whyWaiting(message, each, now))),
      next: next === undefined ? undefined : cursorOf(next),
    });
  }

  /** Throws `request.absent`. */
  async find(actor: Actor, id: string): Promise<MessageView> {
    const message = await this.#seen(actor, id);
    const { clock, gateways } = this.#deps;
    return viewMessage(message, whyWaiting(message, gateways.now(), clock.now()));
  }

  /** Resolves with the ids of its messages once they are on disk; throws what a mail would be told. */
  send(actor: Actor, request: SendRequest): Promise<readonly string[]> {
    const { to, text, from, gateway, maxmsgs, flash, report } = request;
    const parameters = given({ id: gateway, maxmsgs, flash, report });
    return this.#deps.submission.submitText(sessionOf(actor), given({ to, text, from, parameters }));
  }

  /** Throws `request.absent`, or `request.conflict` where it is being sent or is in a state that does not allow it. */
  async amend(actor: Actor, id: string, kind: AmendmentKind): Promise<void> {
    const message = await this.#seen(actor, id);
    const outcome = await this.#amend(actor, message, kind);
    if (outcome === 'done') return;
    if (outcome === 'absent') throw absent(id);
    const told =
      outcome === 'busy'
        ? `message ${id} is being sent right now`
        : `message ${id} is in a state that allows no ${kind}`;
    throw new Fault('request.conflict', { told });
  }

  /**
   * The same for all messages that a query finds, a page of them: `next` says where the rest begins. Those in a state that does
   * not allow it, and those that are being sent, are counted and left as they are.
   */
  async amendAll(actor: Actor, kind: AmendmentKind, query: MessageQuery): Promise<AmendedView> {
    const { state = MESSAGE_STATES } = query;
    const first = BECOMES[kind];
    // What is done to them moves them among those of another state: these are looked at first, so that none is met twice.
    const ordered = [...state].sort((a, b) => Number(b === first) - Number(a === first));
    const wanted = this.#wanted(actor, { ...query, state: ordered });
    const { messages, next } = await this.#deps.store.list(wanted);
    // Together, so that they share the syncs of the disk.
    const outcomes = await Promise.all(messages.map((each) => this.#amend(actor, each, kind)));
    const count = (outcome: string): number => outcomes.filter((each) => each === outcome).length;
    return given({
      done: count('done'),
      busy: count('busy'),
      refused: count('refused'),
      next: next === undefined ? undefined : cursorOf(next),
    });
  }

  #wanted(actor: Actor, query: MessageQuery): ListQuery {
    const { state, number, sender, gateway, text, limit, after } = query;
    const where = given({
      number: number === undefined ? undefined : this.#deps.readNumber(number),
      sender,
      text,
      gateway: gateway === undefined ? undefined : this.#deps.gateways.meant(gateway),
      account: accountsSeenBy(actor),
    });
    return given({ states: state, where: Object.keys(where).length === 0 ? undefined : where, limit, after });
  }

  async #amend(actor: Actor, message: OutgoingMessage, kind: AmendmentKind) {
    const { store, clock, log } = this.#deps;
    const at = clock.now();
    const { id } = message;
    const who = { at, by: actor.name };
    const outcome = await store.amend(
      id,
      kind === 'remove'
        ? { kind }
        : kind === 'retry'
          ? { kind, ...who }
          : { kind, ...who, effects: this.#cancelled(actor, message) },
    );
    if (outcome === 'done') log.info({ message: id, ...by(actor) }, `${kind} by ${actor.name}`);
    return outcome;
  }

  /** What its sender is told. */
  #cancelled({ name, role }: Actor, message: OutgoingMessage): readonly NewEffect[] {
    const who = role === 'user' ? name : 'the operator';
    const fault = new Fault('message.cancelled', { told: `${who} cancelled the message` });
    return this.#deps.reports.make(message, 'failed', faultRecord(fault));
  }

  async #seen(actor: Actor, id: string): Promise<OutgoingMessage> {
    const message = await this.#deps.store.find(id);
    if (message === undefined || !mayBeSeen(actor, message)) throw absent(id);
    return message;
  }
}

function mayBeSeen(actor: Actor, message: OutgoingMessage): boolean {
  const account = accountsSeenBy(actor);
  return account === undefined || isWanted(message, { account });
}

function absent(id: string): Fault {
  return new Fault('request.absent', { told: `there is no message ${id}` });
}

const BECOMES = { retry: 'queued', cancel: 'cancelled', remove: undefined } as const;

/** `remove` forgets it. */
export type AmendmentKind = 'retry' | 'cancel' | 'remove';

export interface MessagesDeps {
  readonly store: Pick<Archive, 'find' | 'list' | 'amend'>;
  readonly gateways: Pick<ManageGateways, 'now' | 'meant'>;
  /** A number as people write it, in the form in which it is kept. */
  readNumber(written: string): string;
  readonly submission: Pick<Submission, 'submitText'>;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly log: Log;
}
