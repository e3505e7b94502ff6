/**
 * Scripts for the emulated modem: dialogues as data. A script says only where the modem differs from a well-behaved one.
 *
 *     # 38 twice, then it accepts
 *     set echo on
 *     > PDU [1-2]
 *     < +CMS ERROR: 38
 *
 * `set NAME VALUE` sets a trait (traits.ts). `> PATTERN [n]` names a command; `*` stands for anything; the number or
 * range in brackets, counted from 1 over the commands that fit, says which time it holds (always, where there is none).
 * PDU is the moment when a PDU and its Ctrl+Z are complete, PDU-START when its first character comes. What follows is done
 * in place of the usual. `@ MS` names a time, counted from the start; what follows is done then.
 *
 *     < TEXT            a line, with CR LF before and after
 *     << OCTETS         just this; \r \n \t \\ and \xNN are understood
 *     ! default         what the modem would have done by itself
 *     ! prompt          the prompt for a PDU; `! prompt-bare` without its blank
 *     ! take            the PDU counts as sent (and nothing is said)
 *     ! wait MS         by the clock
 *     ! deaf            nothing is heard or said any more until it is plugged in anew
 *     ! unplug          the line goes away
 *     ! restart         everything that was set is forgotten, and the greeting is said
 *     ! restart-silent  the same, and nothing is said
 *     ! sim-out         the SIM is taken out; `! sim-in` puts it back
 *     ! sms FROM TEXT   a text comes from a phone
 *     ! set NAME VALUE  a trait changes
 *
 * A command with nothing below it is met with silence.
 */
export interface Script {
  readonly traits: readonly TraitLine[];
  readonly rules: readonly Rule[];
  readonly timed: readonly Timed[];
}

export interface TraitLine {
  readonly name: string;
  readonly value: string;
  /** Where it stands, from 1 on. */
  readonly line: number;
}

export interface Rule {
  readonly pattern: string;
  readonly matches: RegExp;
  readonly from: number;
  readonly to: number;
  readonly actions: readonly Action[];
}

export interface Timed {
  /** Milliseconds after the start. */
  readonly after: number;
  readonly actions: readonly Action[];
}

export type Action =
  | { readonly kind: 'write'; readonly octets: string }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'sms'; readonly from: string; readonly text: string }
  | { readonly kind: 'set'; readonly name: string; readonly value: string }
  | { readonly kind: (typeof WORDS)[number] };

const WORDS = [
  'default',
  'prompt',
  'prompt-bare',
  'take',
  'deaf',
  'unplug',
  'restart',
  'restart-silent',
  'sim-out',
  'sim-in',
] as const;

/** Reads a script. Throws an error with the line's number for what it does not understand. */
export function parseScript(text: string): Script {
  const traits: TraitLine[] = [];
  const rules: Rule[] = [];
  const timed: Timed[] = [];
  let actions: Action[] | undefined;
  text.split('\n').forEach((raw, index) => {
    const line = raw.trimEnd();
    if (line.trim() === '' || line.startsWith('#')) return;
    const set = /^set (\S+) (.+)$/.exec(line);
    const rule = /^> (.*?)(?:\s+\[(\d+)(-?)(\d*)\])?$/.exec(line);
    const time = /^@ (\d+)$/.exec(line);
    if (set?.[1] !== undefined && set[2] !== undefined) {
      traits.push({ name: set[1], value: set[2], line: index + 1 });
    } else if (rule?.[1] !== undefined) {
      const [, pattern, first, dash, last] = rule;
      const from = Number(first ?? 1);
      const open = first === undefined || (dash === '-' && last === '');
      const to = open ? Infinity : Number(last || from);
      actions = [];
      rules.push({ pattern, matches: wildcard(pattern), from, to, actions });
    } else if (time !== null) {
      actions = [];
      timed.push({ after: Number(time[1]), actions });
    } else {
      const action = parseAction(line);
      if (action === undefined) throw new Error(`script line ${index + 1} is not understood: ${line}`);
      if (actions === undefined) {
        throw new Error(`script line ${index + 1} stands before any ">" or "@" line: ${line}`);
      }
      actions.push(action);
    }
  });
  return { traits, rules, timed };
}

/** What one line below a command says; undefined for a line that says nothing that is known. */
export function parseAction(line: string): Action | undefined {
  if (line.startsWith('<< ')) return { kind: 'write', octets: unescape(line.slice(3)) };
  if (line.startsWith('< ')) return { kind: 'write', octets: `\r\n${line.slice(2)}\r\n` };
  const [, name = '', rest = ''] = /^! (\S+)(?: (.+))?$/.exec(line) ?? [];
  const [, first = '', second = ''] = /^(\S+) (.+)$/.exec(rest) ?? [];
  if (name === 'wait' && /^\d+$/.test(rest)) return { kind: 'wait', ms: Number(rest) };
  if (name === 'sms' && first !== '') return { kind: 'sms', from: first, text: second };
  if (name === 'set' && first !== '') return { kind: 'set', name: first, value: second };
  const word = rest === '' ? WORDS.find((each) => each === name) : undefined;
  return word === undefined ? undefined : { kind: word };
}

function unescape(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-f]{2})|(.))/gi,
    (_, hex: string | undefined, sign: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      return { r: '\r', n: '\n', t: '\t' }[sign ?? ''] ?? sign ?? '';
    },
  );
}

function wildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`, 'i');
}
