/**
 * Content filters as IceWarp exports them, made rules of ours.
 *
 * Reading is liberal: names without regard to case, an element or an attribute for a field, a file of filters or an answer of the
 * administration API; a rule is whatever holds conditions and actions. Nothing is dropped in silence: what has no
 * counterpart is in the notes, and a rule that lacks one of its conditions is imported switched off, so that it does not meet
 * messages that it was not made for.
 *
 * Throws BadXml for a file that is no XML, or hostile.
 */
import type { ActionEntry, ConditionGroup, RuleData } from '../schema.ts';
import { actionsFrom } from './read-actions.ts';
import { conditionFrom } from './read-conditions.ts';
import { BadBrackets, type RowEntry, type Tree, simplified, treeOfRow } from './brackets.ts';
import { flag } from './flag.ts';
import { type Single, groupOfTree, treeOfGroup } from './group-tree.ts';
import { type XmlElement, readXml } from './tree.ts';

/** What a filter lost, or was changed in, on its way. */
export interface Note {
  /** Title of the rule. */
  readonly rule: string;
  readonly line?: number;
  readonly text: string;
}

export interface Imported {
  readonly rules: readonly RuleData[];
  readonly notes: readonly Note[];
}

const LONGEST_TITLE = 200;
const MOST_CONDITIONS = 1000;

export function importXml(source: string): Imported {
  const notes: Note[] = [];
  const elements = rulesIn(readXml(source));
  const rules = elements.flatMap((element, index) => ruleFrom(element, index, notes));
  if (elements.length === 0) notes.push({ rule: '', text: 'the file holds no filters' });
  return { rules, notes };
}

/** Every element that holds conditions or actions. */
function rulesIn(element: XmlElement): XmlElement[] {
  const isRule = element.children.some(({ name }) => name === 'conditions' || name === 'actions');
  return isRule ? [element] : element.children.flatMap(rulesIn);
}

function ruleFrom(element: XmlElement, index: number, notes: Note[]): RuleData[] {
  const given = (element.fields.get('title') ?? element.fields.get('name') ?? '').trim();
  const title = (given === '' ? `Filter ${index + 1}` : given).replace(/\s+/g, ' ').slice(0, LONGEST_TITLE);
  let whole = true;
  const note = (text: string, line = element.line): void => {
    notes.push({ rule: title, line, text });
  };
  const lose = (text: string, line?: number): void => {
    whole = false;
    note(text, line);
  };
  const when = whenFrom(itemsOf(element, 'conditions'), lose);
  const actions = itemsOf(element, 'actions').flatMap((item): ActionEntry[] => actionsFrom(item, note));
  if (actions.length === 0) {
    note('it has no action that means anything here: it is not imported');
    return [];
  }
  if (!whole) note('it is imported switched off, since a condition is missing');
  const active = flag(element.fields.get('active'), true) && whole;
  return [{ title, ...(active ? {} : { active }), ...(when === undefined ? {} : { when }), do: actions }];
}

function itemsOf(rule: XmlElement, name: string): readonly XmlElement[] {
  return rule.children
    .filter((each) => each.name === name)
    .flatMap(({ children }) => children.filter((each) => each.name !== 'classname'));
}

const NEVER: ConditionGroup = { not: { always: true } };

/** Undefined: every message. */
function whenFrom(
  items: readonly XmlElement[],
  lose: (text: string, line?: number) => void,
): ConditionGroup | undefined {
  if (items.length > MOST_CONDITIONS) {
    lose(`it has ${items.length} conditions`);
    return NEVER;
  }
  const row = items.map((item): RowEntry<ConditionGroup> => {
    const { fields } = item;
    return {
      and: flag(fields.get('operatorand'), true),
      not: flag(fields.get('logicalnot'), false),
      left: count(fields.get('bracketsleft')),
      right: count(fields.get('bracketsright')),
      leaf: conditionFrom(item, (text) => lose(text, item.line)) ?? NEVER,
    };
  });
  if (row.length === 0) return undefined;
  try {
    const group = groupOfTree(simplified(singles(treeOfRow(row))));
    return isAlways(group) ? undefined : group;
  } catch (error) {
    if (!(error instanceof BadBrackets)) throw error;
    lose(`its brackets do not fit together: ${error.message}`);
    return NEVER;
  }
}

/** What was one condition over there may be several here. */
function singles(tree: Tree<ConditionGroup>): Tree<Single> {
  if (tree.op === 'leaf') return treeOfGroup(tree.leaf);
  if (tree.op === 'not') return { op: 'not', of: singles(tree.of) };
  return { op: tree.op, of: tree.of.map(singles) };
}

function isAlways(group: ConditionGroup): boolean {
  return group.always === true && Object.keys(group).length === 1;
}

function count(value: string | undefined): number {
  const number = Number(value ?? 0);
  return Number.isInteger(number) && number > 0 ? number : 0;
}
