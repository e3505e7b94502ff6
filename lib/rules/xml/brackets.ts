/**
 * Conditions as a row with brackets, the way IceWarp keeps them, and as a tree.
 *
 * In a row each condition says how it is joined to what stands before it (the first one's word counts for nothing), whether it is
 * negated, and how many brackets open before and close behind it. `and` binds tighter than `or`: a or b and c is a or (b and c).
 * The negation is of the one condition, not of the bracket before which it stands. When a tree is made a row, brackets are put
 * around everything that is joined by another word than what is around it, so that no reader needs to know what binds tighter.
 */
export interface RowEntry<T> {
  readonly and: boolean;
  readonly not: boolean;
  readonly left: number;
  readonly right: number;
  readonly leaf: T;
}

export type Tree<T> =
  | { readonly op: 'and' | 'or'; readonly of: readonly Tree<T>[] }
  | { readonly op: 'not'; readonly of: Tree<T> }
  | { readonly op: 'leaf'; readonly leaf: T };

export class BadBrackets extends Error {}

/** More brackets before one condition than this are no expression. */
const MOST_BRACKETS = 20;

/** Throws BadBrackets where they do not fit together. */
export function treeOfRow<T>(row: readonly RowEntry<T>[]): Tree<T> {
  /** Of each open bracket: finished terms of `or`, and the term of `and` that is being made. */
  const levels: Level<T>[] = [newLevel()];
  for (const [index, { and, not, left, right, leaf }] of row.entries()) {
    if (left > MOST_BRACKETS || right > MOST_BRACKETS) throw new BadBrackets('there are too many brackets');
    const first = levels.at(-1);
    if (first !== undefined && index > 0 && !and) endTerm(first);
    for (let count = 0; count < left; count++) levels.push(newLevel());
    const simple: Tree<T> = { op: 'leaf', leaf };
    levels.at(-1)?.term.push(not ? { op: 'not', of: simple } : simple);
    for (let count = 0; count < right; count++) {
      const closed = levels.pop();
      const outer = levels.at(-1);
      if (closed === undefined || outer === undefined)
        throw new BadBrackets('a bracket is closed that was not opened');
      outer.term.push(finish(closed));
    }
  }
  const [only] = levels;
  if (levels.length !== 1 || only === undefined) throw new BadBrackets('a bracket is not closed');
  return finish(only);
}

interface Level<T> {
  readonly terms: Tree<T>[];
  term: Tree<T>[];
}

function newLevel<T>(): Level<T> {
  return { terms: [], term: [] };
}

function endTerm<T>(level: Level<T>): void {
  level.terms.push(join('and', level.term));
  level.term = [];
}

function finish<T>(level: Level<T>): Tree<T> {
  endTerm(level);
  return join('or', level.terms);
}

/** Those joined by the same word become one level. */
function join<T>(op: 'and' | 'or', of: readonly Tree<T>[]): Tree<T> {
  const flat = of.flatMap((each): readonly Tree<T>[] => (each.op === op ? each.of : [each]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { op, of: flat };
}

export function rowOfTree<T>(tree: Tree<T>): RowEntry<T>[] {
  return rows(simplified(tree), true);
}

/** The same with every `not` at a single condition and no joint inside its like: what a row can say. */
export function simplified<T>(tree: Tree<T>): Tree<T> {
  return inward(tree, false);
}

/** `not` brought inward to the conditions (De Morgan), and equal joints made one. */
function inward<T>(tree: Tree<T>, negated: boolean): Tree<T> {
  if (tree.op === 'leaf') return negated ? { op: 'not', of: tree } : tree;
  if (tree.op === 'not') return inward(tree.of, !negated);
  const op = (tree.op === 'and') === negated ? 'or' : 'and';
  return join(
    op,
    tree.of.map((each) => inward(each, negated)),
  );
}

function rows<T>(tree: Tree<T>, and: boolean): RowEntry<T>[] {
  if (tree.op === 'leaf') return [{ and, not: false, left: 0, right: 0, leaf: tree.leaf }];
  if (tree.op === 'not') {
    if (tree.of.op !== 'leaf') throw new Error('a negation was not brought inward');
    return [{ and, not: true, left: 0, right: 0, leaf: tree.of.leaf }];
  }
  return tree.of.flatMap((each, index) => {
    const joint = index === 0 ? and : tree.op === 'and';
    const inner = rows(each, joint);
    const group = each.op === 'and' || each.op === 'or';
    return group ? bracketed(inner) : inner;
  });
}

function bracketed<T>(entries: readonly RowEntry<T>[]): RowEntry<T>[] {
  return entries.map((each, index) => ({
    ...each,
    left: each.left + (index === 0 ? 1 : 0),
    right: each.right + (index === entries.length - 1 ? 1 : 0),
  }));
}
