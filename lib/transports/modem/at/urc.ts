import { isRegistrationNews } from './answers.ts';
import { readFinal } from './result.ts';
import { fieldsOf, isStamp } from './text-answers.ts';

/**
 * Unsolicited result codes: what a modem says without being asked, at any moment, also inside an answer.
 *
 * The rule that tells them apart: a line `+NAME: ...` or `+NAME` belongs to the command in flight when that command
 * names NAME, else nobody asked for it. The tables hold what this rule cannot know.
 */
export interface Urc {
  /** `+CMTI`, `RING`, ... */
  readonly name: string;
  /** What follows the colon. */
  readonly text: string;
  /** The PDU (or text) that follows on a line of its own: +CMT, +CDS, +CBM. */
  readonly body?: string;
}

/** Never an answer: TS 27.005 3.4.1, and indications of vendors. */
const ALWAYS = new Set([
  '+CMTI',
  '+CMT',
  '+CDS',
  '+CDSI',
  '+CBM',
  '+CBMI',
  '+CRING',
  '+CLIP',
  '+CCWA',
  '+CTZV',
  // u-blox's greeting; every command has AT in it.
  '+AT',
]);

/** An answer only to the question `AT+NAME?`; after `AT+NAME=...` it is news (TS 27.007 7.2, 7.15, 8.3). */
const ONLY_TO_QUESTION = new Set(['+CREG', '+CGREG', '+CEREG', '+CUSD', '+CPIN', '+CFUN', '+CIEV', '+CGEV']);

/** Followed by a line of their own. */
const WITH_BODY = new Set(['+CMT', '+CDS', '+CBM']);

/** Said when a modem has started (again): it has forgotten what it was told. */
const RESTARTED = new Set(['RDY', '^SYSSTART', 'MODEM:STARTUP', '+SYSSTART', '*PSREADY', '+AT']);

/**
 * Said while a modem starts, its SIM comes or goes, or its power goes. Some of it comes at other times too: it is a reason
 * to ask. +CPIN and +CFUN as news are in TS 27.007 8.3 and 8.2, the others are vendors' own.
 */
const STARTING = new Set([
  'CALL READY',
  'SMS READY',
  'PB DONE',
  'SMS DONE',
  'START',
  'STARTUP',
  'APP RDY',
  'NORMAL POWER DOWN',
  '+CPIN',
  '+CFUN',
  '+KSUP',
  '+WIND',
  '+EIND',
  '+QIND',
  '+QUSIM',
  '+QSIMSTAT',
  '+SIND',
  '+SIM',
  '+SIMCARD',
  '+STIN',
  '+PBREADY',
  '^SIMST',
  '#QSS',
]);

/** Words without a colon that come unasked (V.250 5.7.1, and vendors' start-up messages). */
const WORDS = new Set([
  ...RESTARTED,
  'RING',
  'NO CARRIER',
  'BUSY',
  'NO ANSWER',
  'NO DIALTONE',
  'CALL READY',
  'SMS READY',
  'PB DONE',
  'SMS DONE',
  'START',
  'STARTUP',
  'APP RDY',
  'NORMAL POWER DOWN',
]);

/** SIMCom's warnings, in the spellings of its firmwares; calls, as its LTE modules tell of them. */
const PHRASES = [
  /^((?:UNDER|OVER)[-_]VOLTAGE (?:WARNN?ING|POWER DOWN))()$/i,
  /^(VOICE CALL|MISSED_CALL):\s*(.*)$/i,
];

/** A name, and what follows it. Makers use all these signs in place of the `+`, and leave the colon out. */
const NAMED = /^([+^*%$#_][A-Z][A-Z0-9_]*)(?::\s*|[\s,]|$)(.*)$/i;

/** The URC that `line` is while `command` is in flight (undefined: none is); undefined where it is an answer. */
export function readUrc(line: string, command: string | undefined): Urc | undefined {
  const match = NAMED.exec(line);
  if (match?.[1] === undefined) return readWords(line);
  if (readFinal(line) !== undefined) return undefined;
  const name = match[1].toUpperCase();
  const urc = { name, text: match[2] ?? '' };
  if (ALWAYS.has(name) || command === undefined) return urc;
  const asked = command.toUpperCase();
  if (!asked.includes(name.slice(1))) return urc;
  if (ONLY_TO_QUESTION.has(name)) {
    if (!asked.endsWith('?')) return urc;
    if (isRegistrationNews(line)) return urc;
  }
  return undefined;
}

function readWords(line: string): Urc | undefined {
  const word = line.toUpperCase();
  if (WORDS.has(word)) return { name: word, text: '' };
  for (const phrase of PHRASES) {
    const [, name, text = ''] = phrase.exec(line) ?? [];
    if (name !== undefined) return { name: name.toUpperCase(), text };
  }
  return undefined;
}

/** What a message is given in: a PDU, a text in hexadecimal digits, or a text as it is. */
export type Bodies = 'pdu' | 'hex' | 'text';

/**
 * What this message is given in: what was agreed, unless its header is one of the other mode, as a modem writes it that has forgotten
 * what was agreed. In PDU mode it is `[<alpha>],<length>`, in text mode there is a time in it (TS 27.005 3.4.1).
 */
export function bodiesOf({ name, text }: Urc, agreed: Bodies): Bodies {
  if (name === '+CBM') return agreed;
  const fields = fieldsOf(text);
  if (fields.some(isStamp)) return agreed === 'pdu' ? 'text' : agreed;
  return fields.length <= 2 && /^\d{1,3}$/.test(fields.at(-1) ?? '') ? 'pdu' : agreed;
}

/** Whether the next line belongs to this URC. In text mode a status report is a line by itself (TS 27.005 3.4.1). */
export function takesBody(urc: Urc, bodies: Bodies): boolean {
  return WITH_BODY.has(urc.name) && (bodies === 'pdu' || urc.name !== '+CDS');
}

/** Whether the modem says with this that it has started anew. */
export function saysRestarted(urc: Urc): boolean {
  return RESTARTED.has(urc.name);
}

/** Whether a modem may say this when it has started anew, or its SIM is another: a reason to ask. */
export function mayHaveRestarted(urc: Urc): boolean {
  return STARTING.has(urc.name);
}

/** The line that it was, without what follows on a line of its own. */
export function printUrc({ name, text }: Urc): string {
  return text === '' ? name : `${name}: ${text}`;
}
