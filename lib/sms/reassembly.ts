/**
 * Reassembly of concatenated messages (3GPP TS 23.040 9.2.3.24.1, 9.2.3.24.8).
 *
 * Parts come in any order, more than once, and with references that senders use again soon. Parts belong together
 * by sender, reference, number of reference bits and total; where a part is already there with other content, a
 * second message with the same reference has begun, and both are put together side by side. What is not complete
 * in time is handed out with the parts that came. The state belongs to the caller; it holds at most `maxParts`
 * parts, and the oldest message is handed out early rather than held.
 */
import type { Address } from './address.ts';
import type { Encoding } from './dcs.ts';
import type { Timestamp } from './timestamp.ts';
import type { Concat } from './udh.ts';

/** What reassembly needs of a DELIVER. */
export interface DeliverPart {
  readonly originator: Pick<Address, 'number' | 'ton'>;
  readonly encoding: Encoding;
  readonly text?: string;
  readonly data?: Uint8Array;
  readonly concat?: Concat;
  readonly timestamp?: Pick<Timestamp, 'epochMs'>;
}

/** What parts belong together by: sender, reference, its bits and the total. Undefined for a message of one part. */
export function concatKey(part: Pick<DeliverPart, 'originator' | 'concat'>): string | undefined {
  const { concat, originator } = part;
  if (concat === undefined || concat.total === 1) return undefined;
  return `${originator.ton}:${originator.number}/${concat.ref}/${concat.bits}/${concat.total}`;
}

export interface Assembled {
  readonly encoding: Encoding;
  /** The text, with `gap` for every run of missing parts. */
  readonly text?: string;
  readonly data?: Uint8Array;
  /** Sequence numbers of the parts that are not there. */
  readonly missing: readonly number[];
}

/** Stands in a text where parts are missing. */
export const GAP = '[...]';

/**
 * Puts the parts of one message together, in order, each once. Where some are text and some octets the message
 * is of the kind of its first part. Without parts the message is an empty text.
 */
export function assemble(parts: readonly DeliverPart[], options: { readonly gap?: string } = {}): Assembled {
  const total = Math.max(1, ...parts.map((part) => part.concat?.total ?? 1));
  const bySequence = new Map<number, DeliverPart>();
  for (const part of parts) {
    const sequence = part.concat?.seq ?? 1;
    if (!bySequence.has(sequence)) bySequence.set(sequence, part);
  }
  const sequences = Array.from({ length: total }, (_, i) => i + 1);
  const missing = sequences.filter((sequence) => !bySequence.has(sequence));
  const ordered = sequences.map((sequence) => bySequence.get(sequence));
  const first = ordered.find((part) => part !== undefined);
  const encoding = ordered.some((part) => part?.encoding === 'ucs2') ? 'ucs2' : (first?.encoding ?? 'gsm7');
  if (first?.data !== undefined) {
    return {
      encoding: '8bit',
      data: Buffer.concat(ordered.map((part) => part?.data ?? new Uint8Array(0))),
      missing,
    };
  }
  const gap = options.gap ?? GAP;
  const text = ordered
    .map(
      (part, i) => part?.text ?? (part === undefined && (i === 0 || ordered[i - 1] !== undefined) ? gap : ''),
    )
    .join('');
  return { encoding, text, missing };
}

export interface ReassemblyOptions {
  /** How long after its last part a message is waited for, milliseconds. */
  readonly timeoutMs: number;
  /** The most parts held. Default 10,000. */
  readonly maxParts?: number;
}

interface Group<P> {
  readonly key: string;
  readonly parts: Map<number, P>;
  readonly total: number;
  lastMs: number;
}

/** Messages that are not complete. Make one with `createReassembly`, keep it, and hand it to `reassemble`. */
export interface Reassembly<P extends DeliverPart = DeliverPart> {
  readonly options: ReassemblyOptions;
  /** By key; the message that waits longest comes first. */
  readonly groups: Map<string, Group<P>[]>;
  held: number;
}

export function createReassembly<P extends DeliverPart>(options: ReassemblyOptions): Reassembly<P> {
  return { options, groups: new Map(), held: 0 };
}

export interface Outcome<P> {
  /** The parts of messages that are done with, in order of sequence: complete, timed out or pushed out. */
  readonly done: readonly { readonly parts: readonly P[]; readonly complete: boolean }[];
  /** The part was there already; it is dropped. */
  readonly duplicate: boolean;
}

/** Takes one part at time `now` (milliseconds). Messages that have timed out by then are handed out as well. */
export function reassemble<P extends DeliverPart>(state: Reassembly<P>, part: P, now: number): Outcome<P> {
  const done = [...expire(state, now)];
  const key = concatKey(part);
  if (key === undefined || part.concat === undefined)
    return { done: [...done, { parts: [part], complete: true }], duplicate: false };
  const { seq, total } = part.concat;
  const groups = state.groups.get(key) ?? [];
  if (groups.some((group) => isSame(group.parts.get(seq), part))) return { done, duplicate: true };
  const group =
    nearest(
      groups.filter((candidate) => !candidate.parts.has(seq)),
      part,
    ) ?? begin(state, key, total);
  group.parts.set(seq, part);
  group.lastMs = now;
  state.held++;
  if (group.parts.size === total) {
    remove(state, group);
    done.push({ parts: inOrder(group), complete: true });
  }
  while (state.held > (state.options.maxParts ?? 10_000)) {
    const oldest = oldestOf(state);
    remove(state, oldest);
    done.push({ parts: inOrder(oldest), complete: false });
  }
  return { done, duplicate: false };
}

/** Hands out the messages whose time is over at `now`. */
export function expire<P extends DeliverPart>(state: Reassembly<P>, now: number): Outcome<P>['done'] {
  const done: { parts: readonly P[]; complete: boolean }[] = [];
  for (const group of [...state.groups.values()].flat()) {
    if (now - group.lastMs < state.options.timeoutMs) continue;
    remove(state, group);
    done.push({ parts: inOrder(group), complete: false });
  }
  return done;
}

function begin<P extends DeliverPart>(state: Reassembly<P>, key: string, total: number): Group<P> {
  const group: Group<P> = { key, parts: new Map(), total, lastMs: 0 };
  const groups = state.groups.get(key);
  if (groups === undefined) state.groups.set(key, [group]);
  else groups.push(group);
  return group;
}

function remove<P extends DeliverPart>(state: Reassembly<P>, group: Group<P>): void {
  const rest = (state.groups.get(group.key) ?? []).filter((other) => other !== group);
  if (rest.length === 0) state.groups.delete(group.key);
  else state.groups.set(group.key, rest);
  state.held -= group.parts.size;
}

function oldestOf<P extends DeliverPart>(state: Reassembly<P>): Group<P> {
  return [...state.groups.values()]
    .flat()
    .reduce((oldest, group) => (group.lastMs < oldest.lastMs ? group : oldest));
}

/** Of several messages that lack the part, the one whose service centre time is nearest. */
function nearest<P extends DeliverPart>(groups: readonly Group<P>[], part: P): Group<P> | undefined {
  const distance = (group: Group<P>): number => {
    const [some] = group.parts.values();
    const a = some?.timestamp?.epochMs;
    const b = part.timestamp?.epochMs;
    return a === undefined || b === undefined ? 0 : Math.abs(a - b);
  };
  return [...groups].sort((a, b) => distance(a) - distance(b))[0];
}

function isSame(known: DeliverPart | undefined, part: DeliverPart): boolean {
  if (known === undefined) return false;
  if (known.text !== part.text || known.encoding !== part.encoding) return false;
  const a = known.data ?? new Uint8Array(0);
  const b = part.data ?? new Uint8Array(0);
  return Buffer.compare(a, b) === 0;
}

function inOrder<P extends DeliverPart>(group: Group<P>): P[] {
  return [...group.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
}
