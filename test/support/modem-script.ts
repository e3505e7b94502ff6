/**
 * Scripts for the modem in modem.ts: dialogues as data. A script says only where the modem differs from a
 * well-behaved one.
 *
 *     # 38 twice, then it accepts
 *     set echo on
 *     > PDU [1-2]
 *     < +CMS ERROR: 38
 *
 * `set NAME VALUE` sets a trait (see `Traits`). `> PATTERN [n]` names a command; `*` stands for anything; the number or
 * range in brackets, counted from 1 over the commands that fit, says which time it holds (always, where there is none).
 * PDU is the moment when a PDU and its Ctrl+Z are complete, PDU-START when its first character comes. What follows is done in place
 * of the usual:
 *
 *     < TEXT      a line, with CR LF before and after
 *     << OCTETS   just this; \r \n \t \\ and \xNN are understood
 *     ! default   what the modem would have done by itself
 *     ! prompt    the prompt for a PDU; `! prompt-bare` without its blank
 *     ! take      the PDU counts as sent (and nothing is said)
 *     ! wait MS   by the clock
 *     ! deaf      nothing is heard or said any more until it is plugged in anew
 *     ! unplug    the line goes away
 *     ! restart   everything that was set is forgotten, and RDY is said
 *
 * A command with nothing below it is met with silence.
 */
export interface Script {
  readonly traits: Readonly<Record<string, string>>;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly pattern: string;
  readonly matches: RegExp;
  readonly from: number;
  readonly to: number;
  readonly actions: readonly Action[];
}

export type Action =
  | { readonly kind: 'write'; readonly octets: string }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'default' | 'prompt' | 'prompt-bare' | 'take' | 'deaf' | 'unplug' | 'restart' };

const WORDS = ['default', 'prompt', 'prompt-bare', 'take', 'deaf', 'unplug', 'restart'] as const;

/** Reads a script. Throws with the line's number for what it does not understand. */
export function parseScript(text: string): Script {
  const traits: Record<string, string> = {};
  const rules: (Rule & { actions: Action[] })[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trimEnd();
    const wrong = (): Error => new Error(`script line ${index + 1}: ${line}`);
    if (line.trim() === '' || line.startsWith('#')) return;
    const set = /^set (\S+) (.+)$/.exec(line);
    if (set?.[1] !== undefined && set[2] !== undefined) {
      traits[set[1]] = set[2];
      return;
    }
    const rule = /^> (.*?)(?:\s+\[(\d+)(-?)(\d*)\])?$/.exec(line);
    if (rule?.[1] !== undefined) {
      const from = Number(rule[2] ?? 1);
      const to =
        rule[2] === undefined || (rule[3] === '-' && rule[4] === '') ? Infinity : Number(rule[4] || from);
      rules.push({ pattern: rule[1], matches: wildcard(rule[1]), from, to, actions: [] });
      return;
    }
    const current = rules.at(-1);
    if (current === undefined) throw wrong();
    current.actions.push(action(line) ?? fail(wrong()));
  });
  return { traits, rules };
}

function action(line: string): Action | undefined {
  if (line.startsWith('<< ')) return { kind: 'write', octets: unescape(line.slice(3)) };
  if (line.startsWith('< ')) return { kind: 'write', octets: `\r\n${line.slice(2)}\r\n` };
  const wait = /^! wait (\d+)$/.exec(line);
  if (wait !== null) return { kind: 'wait', ms: Number(wait[1]) };
  const word = WORDS.find((name) => line === `! ${name}`);
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

function fail(error: Error): never {
  throw error;
}
