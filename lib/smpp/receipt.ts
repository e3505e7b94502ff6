/**
 * Delivery receipts: SMPP 3.4 appendix B and 5.2.28.
 *
 * The text `id:IIII sub:001 dlvrd:001 submit date:... done date:... stat:DELIVRD err:000 text:...` is "SMSC vendor
 * specific", and so it comes: without `sub` and `dlvrd`, in capitals, with dates of ten, twelve or fourteen digits, with letters in `err`. The TLVs
 * receipted_message_id and message_state are preferred where they are there.
 */
import { type Tlv, tlvOf } from './tlv.ts';

/** Values of message_state, 5.2.28. */
export const STATES = [
  'SCHEDULED',
  'ENROUTE',
  'DELIVERED',
  'EXPIRED',
  'DELETED',
  'UNDELIVERABLE',
  'ACCEPTED',
  'UNKNOWN',
  'REJECTED',
  'SKIPPED',
] as const;

export type State = (typeof STATES)[number];

/** Ended well, ended badly, or not ended yet. */
export type ReceiptOutcome = 'delivered' | 'undelivered' | 'temporary';

export interface Receipt {
  /** As the other side writes it: see ids.ts for how it is told apart. */
  readonly id: string;
  readonly state: State;
  readonly outcome: ReceiptOutcome;
  /** `err` as it came: digits, hex or letters; or the code of network_error_code. */
  readonly error?: string;
  /** `done date` and `submit date` as they came: in whose zone is nowhere said. */
  readonly submitted?: string;
  readonly done?: string;
  readonly text?: string;
}

const STATE_WORDS: Readonly<Record<string, State>> = {
  SCHEDULED: 'SCHEDULED',
  SCHEDLD: 'SCHEDULED',
  ENROUTE: 'ENROUTE',
  BUFFRED: 'ENROUTE',
  BUFFERED: 'ENROUTE',
  DELIVRD: 'DELIVERED',
  DELIVERED: 'DELIVERED',
  EXPIRED: 'EXPIRED',
  DELETED: 'DELETED',
  UNDELIV: 'UNDELIVERABLE',
  UNDELIVERABLE: 'UNDELIVERABLE',
  FAILED: 'UNDELIVERABLE',
  ACCEPTD: 'ACCEPTED',
  ACCEPTED: 'ACCEPTED',
  UNKNOWN: 'UNKNOWN',
  REJECTD: 'REJECTED',
  REJECTED: 'REJECTED',
  SKIPPED: 'SKIPPED',
};

/** The seven characters of `stat`. */
const STAT: Readonly<Record<State, string>> = {
  SCHEDULED: 'ENROUTE',
  ENROUTE: 'ENROUTE',
  DELIVERED: 'DELIVRD',
  EXPIRED: 'EXPIRED',
  DELETED: 'DELETED',
  UNDELIVERABLE: 'UNDELIV',
  ACCEPTED: 'ACCEPTD',
  UNKNOWN: 'UNKNOWN',
  REJECTED: 'REJECTD',
  SKIPPED: 'REJECTD',
};

const OUTCOMES: Readonly<Record<State, ReceiptOutcome>> = {
  SCHEDULED: 'temporary',
  ENROUTE: 'temporary',
  DELIVERED: 'delivered',
  EXPIRED: 'undelivered',
  DELETED: 'undelivered',
  UNDELIVERABLE: 'undelivered',
  ACCEPTED: 'temporary',
  UNKNOWN: 'temporary',
  REJECTED: 'undelivered',
  SKIPPED: 'undelivered',
};

const KEY = /(?:^|\s)(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text)\s*:/gi;
const LONGEST_TEXT = 1000;

/** Whether a text reads like a receipt, which is how those without esm_class are told. */
export function looksLikeReceipt(text: string): boolean {
  const head = text.slice(0, LONGEST_TEXT);
  return /^\s*id\s*:/i.test(head) && /\sstat\s*:/i.test(head);
}

/** A receipt from the text of a deliver_sm and its TLVs; undefined where neither says which message it is about. */
export function readReceipt(text: string, tlvs: readonly Tlv[]): Receipt | undefined {
  const fields = fieldsOf(text.slice(0, LONGEST_TEXT));
  const id = tlvOf(tlvs, 'receipted_message_id')?.trim() || (fields.get('id') ?? '');
  const state = stateOf(tlvs) ?? STATE_WORDS[fields.get('stat')?.toUpperCase() ?? ''];
  if (id === '' || state === undefined) return undefined;
  const error = networkError(tlvs) ?? fields.get('err');
  const [submitted, done, words] = [fields.get('submit date'), fields.get('done date'), fields.get('text')];
  return {
    id,
    state,
    outcome: OUTCOMES[state],
    ...(error === undefined || error === '' ? {} : { error }),
    ...(submitted === undefined ? {} : { submitted }),
    ...(done === undefined ? {} : { done }),
    ...(words === undefined ? {} : { text: words }),
  };
}

/** The text of a receipt in the usual form, for ESMEs that read nothing else. Dates are UTC, `YYMMDDhhmm`. */
export function writeReceipt(receipt: {
  readonly id: string;
  readonly state: State;
  readonly submittedAt: number;
  readonly doneAt: number;
  readonly error?: number;
  readonly text?: string;
}): string {
  const delivered = receipt.state === 'DELIVERED' ? '001' : '000';
  return (
    `id:${receipt.id} sub:001 dlvrd:${delivered} submit date:${date(receipt.submittedAt)} ` +
    `done date:${date(receipt.doneAt)} stat:${STAT[receipt.state]} ` +
    `err:${String(receipt.error ?? 0).padStart(3, '0')} text:${(receipt.text ?? '').slice(0, 20)}`
  );
}

/** `key: value` pairs; a value ends where the next key begins, and `text` at the end. */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  const marks = [...text.matchAll(KEY)];
  const whole = marks.findIndex(([, key]) => key?.toLowerCase() === 'text');
  const used = whole === -1 ? marks : marks.slice(0, whole + 1);
  const fields = new Map<string, string>();
  used.forEach((mark, at) => {
    const key = (mark[1] ?? '').toLowerCase().replace(/^(submit|done).?date$/, '$1 date');
    const value = text.slice(mark.index + mark[0].length, used[at + 1]?.index).trim();
    if (!fields.has(key)) fields.set(key, value);
  });
  return fields;
}

/** message_state is an octet; some systems put an ASCII digit there. */
function stateOf(tlvs: readonly Tlv[]): State | undefined {
  const value = safely(() => tlvOf(tlvs, 'message_state'));
  if (value === undefined) return undefined;
  return STATES[value >= 0x30 && value <= 0x39 ? value - 0x30 : value];
}

/** network_error_code: the kind of network, then two octets, 5.3.2.31. */
function networkError(tlvs: readonly Tlv[]): string | undefined {
  const value = tlvOf(tlvs, 'network_error_code');
  if (value === undefined || value.length !== 3) return undefined;
  return String(((value[1] ?? 0) << 8) | (value[2] ?? 0));
}

/** A TLV of the wrong length says nothing; the text may. */
function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function date(at: number): string {
  return new Date(at).toISOString().replace(/\D/g, '').slice(2, 12);
}
