import { limitFault } from '../../accounts/accounts.ts';
import { Fault } from '../../base/errors.ts';
import type { LimitKind } from '../../store/account-book.ts';
import type { Accepted } from '../../store/outgoing.ts';
import type { Recipient, RecipientResult, Session } from './door.ts';
import type { Plan, Planned, PlannedMessage, PlannedRefusal } from './plan.ts';

/** What became of one number: the store's word on its message, or the refusal. */
export type Outcome = Taken | Refused;

export interface Taken {
  readonly planned: PlannedMessage;
  readonly taken: Exclude<Accepted, { outcome: 'limit' }>;
}

export interface Refused {
  readonly planned: Planned;
  readonly fault: Fault;
  /** The limit of the account that is reached, where that is why. */
  readonly limit?: LimitKind;
}

/** The items of a plan, for the store. */
export function itemsOf(messages: readonly Planned[]) {
  return messages.flatMap((each) => (each.kind === 'message' ? [each.item] : []));
}

/** What became of each number. @param answers the store's, one for each of the plan's items */
export function outcomesOf(messages: readonly Planned[], answers: readonly Accepted[]): Outcome[] {
  const left = [...answers];
  return messages.map((planned) =>
    planned.kind === 'refused' ? refusal(planned) : answered(planned, left.shift()),
  );
}

function refusal(planned: PlannedRefusal): Refused {
  return { planned, fault: planned.fault };
}

function answered(planned: PlannedMessage, answer: Accepted | undefined): Outcome {
  if (answer === undefined) throw new Error('the store left an item unanswered');
  if (answer.outcome !== 'limit') return { planned, taken: answer };
  const { limit } = answer;
  const { account } = planned.item.message;
  return { planned, limit, fault: limitFault(limit, account === undefined ? undefined : { user: account }) };
}

/** What the door answers: the ids of what was taken for each recipient, or its first refusal. */
export function resultsOf({ recipients }: Plan, outcomes: readonly Outcome[]): RecipientResult[] {
  return recipients.map((recipient) => {
    const own = outcomes.filter(({ planned }) => planned.recipient === recipient);
    const ids = own.flatMap((each) => ('taken' in each ? [each.taken.id] : []));
    if (ids.length > 0 || recipient.mails.length > 0) return { recipient, ids };
    return { recipient, fault: firstRefusal(own) ?? unproven(recipient) };
  });
}

/**
 * The refusals that the door's answer does not tell, which a report is for: an address may hold several numbers, and over SMTP
 * one answer stands for all recipients.
 */
export function untold(
  { via }: Session,
  outcomes: readonly Outcome[],
  results: readonly RecipientResult[],
): Refused[] {
  const taken = new Set<Recipient>(results.flatMap((each) => ('ids' in each ? [each.recipient] : [])));
  const isTold = ({ recipient }: Planned): boolean =>
    via === 'smtp' ? taken.size === 0 : !taken.has(recipient);
  return outcomes.flatMap((each) => ('fault' in each && !isTold(each.planned) ? [each] : []));
}

function firstRefusal(outcomes: readonly Outcome[]): Fault | undefined {
  for (const each of outcomes) if ('fault' in each) return each.fault;
  return undefined;
}

/** A recipient that no number stands for. */
function unproven({ poster }: Recipient): Fault {
  return poster?.kind === 'refused'
    ? poster.fault
    : new Fault('internal', { detail: 'an address without a number' });
}
