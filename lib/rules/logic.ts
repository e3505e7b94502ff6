/**
 * Conditions joined by and, or and not.
 *
 * What cannot be known (a regular expression out of time, a query without an answer) is neither true nor false: `not` leaves it
 * unknown, `and` is false where another condition is, `or` is true where another is. A rule whose conditions come out
 * unknown does not apply: doubt never makes a rule act. Conditions are looked at from the left, and no further than needed.
 */
import { BadRule } from './bad-rule.ts';
import { type CompileContext, type CompiledCondition } from './condition.ts';
import { CONDITIONS, type ConditionName } from './conditions.ts';
import type { Draft } from './draft.ts';
import type { ConditionGroup } from './schema.ts';
import type { Answer, Question } from './verdict.ts';

export type Truth = 'true' | 'false' | 'unknown';

export type Node =
  | { readonly op: 'and' | 'or'; readonly of: readonly Node[]; readonly text: string }
  | { readonly op: 'not'; readonly of: readonly [Node]; readonly text: string }
  | { readonly op: 'test'; readonly condition: CompiledCondition };

/** Told of each place that is wrong; compiling goes on with the others. */
export type Complain = (path: readonly (string | number)[], problem: BadRule) => void;

/** Deeper than anybody writes: an end for those who try. */
const DEEPEST = 30;

/** @param path where the group stands in the file */
export function compileConditions(
  group: ConditionGroup | readonly ConditionGroup[],
  path: readonly (string | number)[],
  context: CompileContext,
  complain: Complain,
): Node {
  if (path.length > DEEPEST * 2) {
    complain(path, new BadRule('is nested too deeply'));
    return NEVER;
  }
  const nodes: Node[] = [];
  if (isList(group)) {
    group.forEach((each, index) => nodes.push(compileConditions(each, [...path, index], context, complain)));
    return joined('and', nodes);
  }
  for (const [name, settings] of Object.entries(group)) {
    const here = [...path, name];
    if (name === 'all' || name === 'any') {
      const inner = (settings as readonly ConditionGroup[]).map((each, index) =>
        compileConditions(each, [...here, index], context, complain),
      );
      nodes.push(joined(name === 'all' ? 'and' : 'or', inner));
    } else if (name === 'not') {
      const inner = compileConditions(settings as ConditionGroup, here, context, complain);
      nodes.push({ op: 'not', of: [inner], text: 'not' });
    } else {
      try {
        nodes.push({ op: 'test', condition: compileOne(name as ConditionName, settings, context) });
      } catch (error) {
        if (!(error instanceof BadRule)) throw error;
        complain(here, error);
      }
    }
  }
  return joined('and', nodes);
}

function compileOne(name: ConditionName, settings: unknown, context: CompileContext): CompiledCondition {
  const compile = CONDITIONS[name].compile as (
    settings: unknown,
    context: CompileContext,
  ) => CompiledCondition;
  return compile(settings, context);
}

function isList(group: ConditionGroup | readonly ConditionGroup[]): group is readonly ConditionGroup[] {
  return Array.isArray(group);
}

const NEVER: Node = { op: 'or', of: [], text: 'any of' };

function joined(op: 'and' | 'or', of: readonly Node[]): Node {
  const [only] = of;
  if (of.length === 1 && only !== undefined) return only;
  return { op, of, text: op === 'and' ? 'all of' : 'any of' };
}

/** What was found out about one condition or group, for the trace. */
export interface Finding {
  readonly text: string;
  readonly depth: number;
  readonly truth: Truth | 'skipped';
  readonly seen: string | undefined;
  readonly warning: string | undefined;
}

/** One look at the conditions of a rule. */
export interface Judging {
  readonly draft: Draft;
  /** Answers to what was asked before, by condition. */
  readonly answers: ReadonlyMap<CompiledCondition, Answer> | undefined;
  /** Filled as conditions are looked at. */
  readonly trace: Finding[];
  /** What has to be asked before this can be told. */
  asked: { readonly condition: CompiledCondition; readonly question: Question } | undefined;
}

/** Stops where a question comes up: then `judging.asked` has it, and the result means nothing. */
export function judge(node: Node, judging: Judging, depth = 0): Truth {
  if (node.op === 'test') return look(node.condition, judging, depth);
  const at = judging.trace.length;
  judging.trace.push(UNTOLD);
  const truth =
    node.op === 'not' ? opposite(judge(node.of[0], judging, depth + 1)) : joinedTruth(node, judging, depth);
  const warning = truth === 'unknown' ? 'it could not be told' : undefined;
  judging.trace[at] = { text: node.text, depth, truth, seen: undefined, warning };
  return truth;
}

/** Stands where a group's result will, before those in it are looked at. */
const UNTOLD: Finding = { text: '', depth: 0, truth: 'unknown', seen: undefined, warning: undefined };

function look(condition: CompiledCondition, judging: Judging, depth: number): Truth {
  const found = condition.look(judging.draft, judging.answers?.get(condition));
  if ('question' in found) {
    judging.asked = { condition, question: found.question };
    return 'unknown';
  }
  const { holds, seen, warning, match } = found;
  if (holds && match !== undefined) judging.draft.match = match;
  const truth = warning !== undefined ? 'unknown' : holds ? 'true' : 'false';
  judging.trace.push({ text: condition.text, depth, truth, seen, warning });
  return truth;
}

function joinedTruth(node: Node & { op: 'and' | 'or' }, judging: Judging, depth: number): Truth {
  const decides: Truth = node.op === 'and' ? 'false' : 'true';
  let truth: Truth = node.op === 'and' ? 'true' : 'false';
  for (let index = 0; index < node.of.length; index++) {
    const each = node.of[index];
    if (each === undefined) continue;
    const found = judge(each, judging, depth + 1);
    if (judging.asked !== undefined) return 'unknown';
    if (found === 'unknown') truth = 'unknown';
    if (found !== decides) continue;
    for (const rest of node.of.slice(index + 1)) skip(rest, judging.trace, depth + 1);
    return decides;
  }
  return truth;
}

function skip(node: Node, trace: Finding[], depth: number): void {
  const text = node.op === 'test' ? node.condition.text : node.text;
  trace.push({ text, depth, truth: 'skipped', seen: undefined, warning: undefined });
}

function opposite(truth: Truth): Truth {
  return truth === 'unknown' ? truth : truth === 'true' ? 'false' : 'true';
}
