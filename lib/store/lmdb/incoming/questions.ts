import type { IncomingResult, OpenQuestion, Question } from '../../incoming.ts';
import type { Lease } from '../../lease.ts';
import type { AcceptItem } from '../../outgoing.ts';
import type { NewEffect } from '../../records.ts';
import { accept } from '../outgoing/accept.ts';
import { enqueue } from '../effects/queue.ts';
import { finish, placeIncoming } from './reassembly.ts';
import { instant } from '../disk/key.ts';
import { held, type View, type Work } from '../disk/work.ts';

/** Questions to phones: which of several senders an answer is for. */

export function park(work: Work, lease: Lease, question: Question, ask: AcceptItem | undefined): boolean {
  const found = held(work.read(work.tables.incoming, [lease.id]), lease);
  if (found === undefined) return false;
  const open = openQuestion(work, question.number, question.gateway, work.now);
  const until = open?.until ?? instant(question.until);
  const { message, order } = found;
  const note = `whom it is for: ${(open ?? question).choices.join(', ')}`;
  const trace = [...message.trace, { at: work.now, event: 'asked', note }];
  placeIncoming(work, found, { message: { ...message, trace }, order, due: until });
  write(work, { ...(open ?? question), until, waiting: [...(open?.waiting ?? []), lease.id] });
  if (open === undefined && ask !== undefined) accept(work, ask);
  return true;
}

/** The question that is open at `now`. */
export function openQuestion(
  reader: View | Work,
  number: string,
  gateway: string,
  now: number,
): OpenQuestion | undefined {
  const kept = reader.read(reader.tables.questions, [number, gateway]);
  return kept === undefined || kept.until <= now ? undefined : kept;
}

/** Ends an incoming message, and with it those that waited for the choice that it makes. */
export function finishIncoming(work: Work, lease: Lease, result: IncomingResult): boolean {
  const found = held(work.read(work.tables.incoming, [lease.id]), lease);
  if (found === undefined || !finish(work, lease, result)) return false;
  const { number, gateway } = found.message;
  if (result.chosen !== undefined) choose(work, number, gateway, result.chosen, result.at);
  return true;
}

/** Notes the phone's choice, and ends what waited for it. */
function choose(
  work: Work,
  number: string,
  gateway: string,
  { sender, waited }: NonNullable<IncomingResult['chosen']>,
  at: number,
): void {
  const open = work.read(work.tables.questions, [number, gateway]);
  if (open === undefined) return;
  for (const { id, effects } of waited) deliverWaiting(work, id, sender, effects, at);
  write(work, { ...open, waiting: [], chosen: sender });
}

function deliverWaiting(
  work: Work,
  id: string,
  sender: string,
  effects: readonly NewEffect[],
  at: number,
): void {
  const found = work.read(work.tables.incoming, [id]);
  // Somebody may have taken it meanwhile: its time was over.
  if (found === undefined || found.message.state !== 'arrived' || found.lease !== undefined) return;
  const { message, order } = found;
  const trace = [...message.trace, { at, event: 'delivered', note: `chosen: an answer to ${sender}` }];
  const settledAt = instant(at);
  placeIncoming(work, found, { message: { ...message, state: 'delivered', trace }, order, settledAt });
  enqueue(work, effects);
}

function write(work: Work, question: OpenQuestion): void {
  const { number, gateway, until } = question;
  const { questions, expiries } = work.tables;
  const old = work.read(questions, [number, gateway]);
  if (old !== undefined) expiries.drop([old.until, 'question', number, gateway]);
  questions.put([number, gateway], question);
  expiries.add([until, 'question', number, gateway]);
}
