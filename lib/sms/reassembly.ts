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
import { ABSENT, ESCAPE, SHIFTED, decodeSeptets, lookupTable } from './alphabet.ts';
import type { Concat, InformationElement } from './udh.ts';
import { alphabetFor } from './user-data.ts';

/** What reassembly needs of a DELIVER. */
export interface DeliverPart {
  readonly originator: Pick<Address, 'number' | 'ton'>;
  readonly encoding: Encoding;
  readonly text?: string;
  readonly data?: Uint8Array;
  readonly concat?: Concat;
  readonly elements?: readonly InformationElement[];
  readonly endsInEscape?: true;
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
  const gap = options.gap ?? GAP;
  const bySequence: (DeliverPart | undefined)[] = [undefined];
  for (const part of parts) {
    const { total, seq } = part.concat ?? { total: 1, seq: 1 };
    while (bySequence.length < total) bySequence.push(undefined);
    bySequence[seq - 1] ??= part;
  }
  const missing: number[] = [];
  const data: Uint8Array[] = [];
  let text = '';
  let encoding: Encoding | undefined;
  for (const [i, part] of bySequence.entries()) {
    if (part === undefined) {
      missing.push(i + 1);
      if (i === 0 || bySequence[i - 1] !== undefined) text += gap;
      continue;
    }
    text += escaped(bySequence[i - 1], part) ?? part.text ?? '';
    const next = bySequence[i + 1];
    if (next !== undefined && escaped(part, next) !== undefined) text = text.slice(0, -1);
    if (part.data !== undefined) data.push(part.data);
    if (encoding === undefined || (encoding === 'gsm7' && part.encoding === 'ucs2')) encoding = part.encoding;
  }
  if (encoding === '8bit') return { encoding, data: Buffer.concat(data), missing };
  return { encoding: encoding ?? 'gsm7', text, missing };
}

/** The text of a part whose first septet belongs to the escape that the part before it ends in (TS 23.038 6.2.1.1). */
function escaped(before: DeliverPart | undefined, part: DeliverPart): string | undefined {
  if (!before?.endsInEscape || part.encoding !== 'gsm7' || part.text === undefined) return undefined;
  const alphabet = alphabetFor(part.elements);
  const septet = lookupTable(alphabet)[part.text.charCodeAt(0)] ?? ABSENT;
  if (part.text === '' || septet >= SHIFTED) return undefined;
  return decodeSeptets(Uint8Array.of(ESCAPE, septet), alphabet) + part.text.slice(1);
}

export interface ReassemblyOptions {
  /** How long after its last part a message is waited for, milliseconds. */
  readonly timeoutMs: number;
  /** The most parts held. Default 10,000. */
  readonly maxParts?: number;
}

const DEFAULT_MAX_PARTS = 10_000;

interface Group<P> {
  readonly key: string;
  readonly parts: Map<number, P>;
  readonly total: number;
  lastMs: number;
}

/** Messages that are not complete. Make one with `createReassembly`, keep it, and hand it to `reassemble`. */
export interface Reassembly<P extends DeliverPart = DeliverPart> {
  readonly options: ReassemblyOptions;
  readonly byKey: Map<string, readonly Group<P>[]>;
  /** The message whose last part came longest ago comes first. */
  readonly byAge: Set<Group<P>>;
  /** Parts held. */
  held: number;
}

export function createReassembly<P extends DeliverPart>(options: ReassemblyOptions): Reassembly<P> {
  return { options, byKey: new Map(), byAge: new Set(), held: 0 };
}

/** A message that is done with: complete, timed out, or pushed out by newer ones. */
export interface Done<P> {
  /** In order of sequence. */
  readonly parts: readonly P[];
  readonly complete: boolean;
}

export interface Outcome<P> {
  readonly done: readonly Done<P>[];
  /** The part was there already; it is dropped. */
  readonly duplicate: boolean;
}

/**
 * Takes one part at time `now` (milliseconds, never going back). Messages that have timed out by then are handed
 * out as well. A part that comes again after its message was handed out begins a new one, which times out.
 */
export function reassemble<P extends DeliverPart>(state: Reassembly<P>, part: P, now: number): Outcome<P> {
  const done = expire(state, now);
  const key = concatKey(part);
  if (key === undefined || part.concat === undefined) {
    return { done: [...done, { parts: [part], complete: true }], duplicate: false };
  }
  const { seq, total } = part.concat;
  const groups = state.byKey.get(key) ?? [];
  if (groups.some((group) => isSame(group.parts.get(seq), part))) return { done, duplicate: true };
  const open = groups.filter((candidate) => !candidate.parts.has(seq));
  const group = nearest(open, part) ?? begin(state, key, total);
  group.parts.set(seq, part);
  group.lastMs = now;
  state.byAge.delete(group);
  state.byAge.add(group);
  state.held++;
  if (group.parts.size === total) done.push(handOut(state, group));
  while (state.held > (state.options.maxParts ?? DEFAULT_MAX_PARTS)) {
    const [oldest] = state.byAge;
    if (oldest === undefined) break;
    done.push(handOut(state, oldest));
  }
  return { done, duplicate: false };
}

/** Hands out the messages whose time is over at `now`. */
export function expire<P extends DeliverPart>(state: Reassembly<P>, now: number): Done<P>[] {
  const done: Done<P>[] = [];
  for (const group of state.byAge) {
    if (now - group.lastMs < state.options.timeoutMs) break;
    done.push(handOut(state, group));
  }
  return done;
}

function begin<P extends DeliverPart>(state: Reassembly<P>, key: string, total: number): Group<P> {
  const group: Group<P> = { key, parts: new Map(), total, lastMs: 0 };
  state.byKey.set(key, [...(state.byKey.get(key) ?? []), group]);
  return group;
}

function handOut<P extends DeliverPart>(state: Reassembly<P>, group: Group<P>): Done<P> {
  const rest = (state.byKey.get(group.key) ?? []).filter((other) => other !== group);
  if (rest.length === 0) state.byKey.delete(group.key);
  else state.byKey.set(group.key, rest);
  state.byAge.delete(group);
  state.held -= group.parts.size;
  const parts = [...group.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
  return { parts, complete: parts.length === group.total };
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
