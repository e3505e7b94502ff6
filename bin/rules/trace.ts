/** A verdict and its trace for people: each rule with its conditions and actions, then what becomes of the message. */
import { styleText } from 'node:util';
import { redact } from '../../lib/base/secret.ts';
import type { RuleMessage } from '../../lib/rules/message.ts';
import type {
  ConditionTrace,
  Outcome,
  RuleEffect,
  RuleTrace,
  Trace,
  Verdict,
} from '../../lib/rules/verdict.ts';
import { oneLine } from '../table.ts';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

export function outcomeForPeople(message: RuleMessage, { verdict, trace }: Outcome): string {
  const lines = [
    `${message.direction} ${message.direction === 'outgoing' ? 'to' : 'from'} ${message.number}: ${oneLine(message.text, 60)}`,
    '',
    ...traceLines(trace),
  ];
  return `${[...lines, ...verdictLines(verdict)].join('\n')}\n`;
}

/** What the rules saw and did, an empty line after each. */
export function traceLines(trace: Trace): string[] {
  const lines: string[] = [];
  if (trace.rules.length === 0) lines.push('No rule was looked at.', '');
  for (const rule of trace.rules) lines.push(...ruleLines(rule), '');
  if (trace.left > 0) lines.push(paint('dim', `${trace.left} more rules, not shown here`), '');
  return lines;
}

function ruleLines({ title, place, applied, conditions, actions }: RuleTrace): string[] {
  const mark = applied ? paint('green', 'applies') : paint('dim', 'does not apply');
  const widest = Math.min(
    60,
    Math.max(0, ...conditions.map((each) => each.depth * 2 + [...each.text].length)),
  );
  return [
    `${paint('bold', title)}  ${mark}${place === undefined ? '' : paint('dim', `  ${place}`)}`,
    ...conditions.map((each) => conditionLine(each, widest)),
    ...actions.map(({ text, result, note }) => {
      const arrow = result === 'done' ? paint('green', '->') : paint('yellow', '--');
      return `  ${arrow}     ${oneLine(text, 90)}${note === undefined ? '' : paint('yellow', `  (${note})`)}`;
    }),
  ];
}

const WORDS: Readonly<Record<ConditionTrace['result'], readonly [string, Style]>> = {
  true: ['true ', 'green'],
  false: ['false', 'red'],
  skipped: ['  -  ', 'dim'],
};

function conditionLine({ text, depth, result, seen, warning }: ConditionTrace, widest: number): string {
  const [word, style] = WORDS[result];
  const said = `${'  '.repeat(depth)}${oneLine(text, 60 - depth * 2)}`;
  const value = seen === undefined ? '' : paint('dim', seen === '' ? 'nothing there' : oneLine(seen, 50));
  const doubt = warning === undefined ? '' : paint('yellow', `  (${warning})`);
  return `  ${paint(style, word)}  ${said.padEnd(widest)}  ${value}${doubt}`.trimEnd();
}

function verdictLines(verdict: Verdict): string[] {
  const { outcome, text, rule, stopped, to, headers, subject, body, sender, priority, folder, usual } =
    verdict;
  const rows: [string, string][] = [];
  const colour: Style = outcome === 'accept' ? 'green' : outcome === 'reject' ? 'red' : 'yellow';
  const by = rule === undefined ? '' : `  by "${rule}"`;
  rows.push(['Verdict', `${paint(colour, outcome)}${text === undefined ? '' : `: ${text}`}${by}`]);
  if (stopped && rule === undefined) rows.push(['Stopped', 'by a rule']);
  if (to !== undefined) rows.push(['To', to.text]);
  if (sender !== undefined) rows.push(['Sender', sender]);
  if (subject !== undefined) rows.push(['Subject', subject]);
  if (headers !== undefined) {
    for (const { name, value } of headers) rows.push(['Header', `${name}: ${oneLine(value, 80)}`]);
  }
  if (body !== undefined) rows.push(['Text', oneLine(body, 90)]);
  if (priority !== undefined) rows.push(['Priority', String(priority)]);
  if (folder !== undefined) rows.push(['Folder', `${folder.mailbox}/${folder.folder}`]);
  if (!usual) rows.push(['Mailbox', 'not the usual one']);
  for (const effect of verdict.effects) rows.push(['Effect', effectText(effect)]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

function effectText(effect: RuleEffect): string {
  const { kind, payload } = effect;
  switch (kind) {
    case 'forward':
    case 'copy':
    case 'archive':
      return `${kind} to ${payload.to}`;
    case 'send':
      return `send ${oneLine(payload.text, 50)} to ${payload.to}`;
    case 'respond':
      return `respond by ${payload.via} to ${payload.to}: ${oneLine(payload.text, 50)}`;
    case 'program':
      return `run ${payload.program.join(' ')}`;
    case 'url':
      return redact(`${payload.method} ${payload.url}`);
    case 'sql':
      return `on ${payload.connection}: ${oneLine(payload.text.join('?'), 60)} with ${payload.values.map((each) => oneLine(each, 20)).join(', ')}`;
  }
}

/** Colours where a terminal shows them. */
function paint(style: Style, text: string): string {
  const plain = !process.stdout.isTTY || (process.env['NO_COLOR'] ?? '') !== '';
  return plain ? text : styleText(style, text);
}
