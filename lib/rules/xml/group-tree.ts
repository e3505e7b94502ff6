/** The conditions of a rule as a tree of single ones, and back. */
import type { ConditionGroup } from '../schema.ts';
import type { Tree } from './brackets.ts';

/** One condition by itself. */
export interface Single {
  readonly name: string;
  readonly settings: unknown;
}

export function treeOfGroup(group: ConditionGroup | readonly ConditionGroup[]): Tree<Single> {
  if (isList(group)) return joined('and', group.map(treeOfGroup));
  const parts = Object.entries(group).map(([name, settings]): Tree<Single> => {
    if (name === 'all') return joined('and', (settings as ConditionGroup[]).map(treeOfGroup));
    if (name === 'any') return joined('or', (settings as ConditionGroup[]).map(treeOfGroup));
    if (name === 'not') return { op: 'not', of: treeOfGroup(settings as ConditionGroup) };
    return { op: 'leaf', leaf: { name, settings } };
  });
  return joined('and', parts);
}

const ALWAYS: Tree<Single> = { op: 'leaf', leaf: { name: 'always', settings: true } };

/** `all: []` holds for every message. */
function joined(op: 'and' | 'or', of: readonly Tree<Single>[]): Tree<Single> {
  const [only] = of;
  if (only === undefined) return op === 'and' ? ALWAYS : { op: 'not', of: ALWAYS };
  return of.length === 1 ? only : { op, of };
}

export function groupOfTree(tree: Tree<Single>): ConditionGroup {
  if (tree.op === 'leaf') return { [tree.leaf.name]: tree.leaf.settings };
  if (tree.op === 'not') return { not: groupOfTree(tree.of) };
  const groups = tree.of.map(groupOfTree);
  if (tree.op === 'or') return { any: groups };
  return merged(groups) ?? { all: groups };
}

/** Conditions of different kinds that must all hold are one group: so people write them. */
function merged(groups: readonly ConditionGroup[]): ConditionGroup | undefined {
  const names = groups.flatMap((group) => Object.keys(group));
  if (new Set(names).size !== names.length) return undefined;
  return Object.fromEntries(groups.flatMap((group) => Object.entries(group)));
}

function isList(group: ConditionGroup | readonly ConditionGroup[]): group is readonly ConditionGroup[] {
  return Array.isArray(group);
}
