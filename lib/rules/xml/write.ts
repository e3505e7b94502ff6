/**
 * Rules of ours as content filters in IceWarp's shape: element names as its administration API writes them, every field of an
 * item present, brackets wherever they could matter.
 *
 * Written is what the other side can do the same with. What it cannot is in the notes: a rule that would lose a
 * condition is left out, since it would meet messages that it was not made for; a lost action leaves the others.
 */
import { actionsOf } from '../rule-set.ts';
import type { RuleData } from '../schema.ts';
import { rowOfTree } from './brackets.ts';
import { treeOfGroup } from './group-tree.ts';
import type { KnownCondition } from './numbers.ts';
import type { Note } from './read.ts';
import { type Fields, NoCounterpart } from './no-counterpart.ts';
import { escapeXml } from './tree.ts';
import { writtenAction } from './write-actions.ts';
import { writtenCondition } from './write-conditions.ts';

export interface Exported {
  readonly xml: string;
  readonly notes: readonly Note[];
}

export function exportXml(rules: readonly RuleData[]): Exported {
  const notes: Note[] = [];
  const filters = rules.flatMap((rule, index): Fields[] => {
    const note = (text: string): void => {
      notes.push({ rule: rule.title, text });
    };
    try {
      const conditions = conditionsOf(rule);
      const actions = actionsOf(rule).flatMap(({ name, settings }): readonly Fields[] => {
        try {
          return writtenAction(name, settings);
        } catch (error) {
          if (!(error instanceof NoCounterpart)) throw error;
          note(`${error.message}: the action is left out`);
          return [];
        }
      });
      if (actions.length === 0) throw new NoCounterpart('none of its actions has a counterpart');
      return [
        [
          ['conditions', conditions],
          ['actions', actions],
          ['title', rule.title],
          ['active', rule.active !== false],
          ['ruleid', index + 1],
        ],
      ];
    } catch (error) {
      if (!(error instanceof NoCounterpart)) throw error;
      note(`${error.message}: the rule is left out`);
      return [];
    }
  });
  const body = filters.map((fields) => element('item', fields, 1)).join('');
  const root = body === '' ? '<CONTENTFILTER/>\n' : `<CONTENTFILTER>\n${body}</CONTENTFILTER>\n`;
  return { xml: `<?xml version="1.0" encoding="UTF-8"?>\n${root}`, notes };
}

function conditionsOf(rule: RuleData): Fields[] {
  const tree = treeOfGroup(rule.when ?? []);
  return rowOfTree(tree).map(({ and, not, left, right, leaf: { name, settings } }): Fields => {
    const { known, fields, negated } = writtenCondition(name, settings);
    return [...head(known, and, not !== negated, left, right), ...fields];
  });
}

function head(
  { classname, number }: KnownCondition,
  and: boolean,
  not: boolean,
  left: number,
  right: number,
): Fields {
  return [
    ['classname', classname],
    ['conditiontype', number],
    ['operatorand', and],
    ['logicalnot', not],
    ['bracketsleft', left],
    ['bracketsright', right],
  ];
}

function element(name: string, fields: Fields, depth: number): string {
  const indent = '  '.repeat(depth);
  const inner = fields.map(([field, value]) => {
    if (typeof value !== 'object') return `${indent}  ${simple(field, value)}\n`;
    const items = value.map((each) => element('item', each, depth + 2)).join('');
    return items === ''
      ? `${indent}  <${field}/>\n`
      : `${indent}  <${field}>\n${items}${indent}  </${field}>\n`;
  });
  return `${indent}<${name}>\n${inner.join('')}${indent}</${name}>\n`;
}

function simple(name: string, value: string | number | boolean): string {
  const text = typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
  return text === '' ? `<${name}/>` : `<${name}>${escapeXml(text)}</${name}>`;
}
