/**
 * The rules engine: a message in, a verdict and a trace out.
 *
 * Promises: it does no I/O, reads no clock and keeps nothing between two messages, so equal input gives equal output; it ends, whatever
 * the rules and the message are, since every pattern has a limit (regex.ts), every text and list has one (draft.ts), and no rule
 * is looked at twice. Rules are applied from the top down; each sees what those before it have made of the message. A rule applies
 * where its conditions hold (logic.ts); then its actions are done in their order. `accept`, `delete`, `reject` and `stop` end the
 * processing once the other actions of their rule are done. Where two rules set the same thing, the later one wins. A rejected
 * message has no effects at all. A rule is not applied to a message that it made itself, be that through others in between.
 *
 * What has to be asked outside, an SQL query or a program's exit code, comes out of `steps` as a question and its answer goes
 * in again; `run` does that with a port. How long an answer is waited for is said in the question and kept by who asks.
 *
 * Failure: compiling throws RulesError with every problem and its place. Running never throws: what a rule cannot do is left
 * and noted in the trace. An error of the port counts as a question without an answer.
 */
import { messageOf } from '../base/errors.ts';
import { ACTIONS, ACTION_WORDS, type ActionName } from './actions/actions.ts';
import type { CompiledAction } from './actions/action.ts';
import { BadRule } from './bad-rule.ts';
import { Calendar } from './match/calendar.ts';
import type { CompileContext } from './condition.ts';
import type { Gateways } from './actions/destination.ts';
import { Draft } from './draft.ts';
import { type Finding, type Judging, type Node, compileConditions, judge } from './logic.ts';
import { type RuleMessage, ruleName } from './message.ts';
import { type RuleFile, RulesError } from './rule-file.ts';
import type { ActionEntry, ActionGroup, RuleData } from './schema.ts';
import { TraceKeeper } from './trace.ts';
import type { ActionTrace, Answer, Ask, Outcome, Question } from './verdict.ts';
import type { Problem } from '../settings/problem.ts';

interface CompiledRule {
  readonly title: string;
  readonly place?: string;
  readonly active: boolean;
  /** Absent: every message. */
  readonly when?: Node;
  readonly actions: readonly (CompiledAction & { readonly only?: RuleMessage['direction'] })[];
}

/** A rule as it is listed. */
export interface RuleInfo {
  readonly title: string;
  readonly place?: string;
  readonly active: boolean;
  readonly actions: readonly string[];
}

/**
 * Compiles rule files in the order in which they are given.
 *
 * @throws RulesError
 */
export function compileRules(files: readonly RuleFile[], context: CompileContext): RuleSet {
  const problems: Problem[] = [];
  const rules = files.flatMap((file) =>
    file.rules.map((rule, index): CompiledRule => {
      const path = ['rules', index];
      const complain = (where: readonly (string | number)[], { message, hint }: BadRule): void => {
        problems.push(file.locate({ path: where, message, ...(hint === undefined ? {} : { hint }) }));
      };
      const place = file.placeOf(index);
      const head = {
        title: rule.title,
        active: rule.active !== false,
        ...(place === undefined ? {} : { place }),
      };
      const actions = compileActions(rule, path, context, complain);
      if (rule.when === undefined) return { ...head, actions };
      return { ...head, when: compileConditions(rule.when, [...path, 'when'], context, complain), actions };
    }),
  );
  if (problems.length > 0) throw new RulesError(problems);
  return new RuleSet(rules, context.gateways);
}

/** What the trace says of a rule that meets a message of its own making. */
const OWN_MESSAGE: readonly Finding[] = [
  {
    text: 'the message was not made by this rule',
    depth: 0,
    truth: 'false',
    seen: undefined,
    warning: undefined,
  },
];

type Complain = (path: readonly (string | number)[], problem: BadRule) => void;

function compileActions(
  rule: RuleData,
  path: readonly (string | number)[],
  context: CompileContext,
  complain: Complain,
): CompiledRule['actions'] {
  return actionsOf(rule, path).flatMap(({ name, settings, path: here }) => {
    const { compile, only } = ACTIONS[name] as {
      compile: (settings: unknown, context: CompileContext) => CompiledAction;
      only?: RuleMessage['direction'];
    };
    try {
      if (only !== undefined && context.direction !== undefined && only !== context.direction) {
        throw new BadRule(`is for ${only} messages, and these rules are for ${context.direction} ones`);
      }
      return [{ ...compile(settings, context), ...(only === undefined ? {} : { only }) }];
    } catch (error) {
      if (!(error instanceof BadRule)) throw error;
      complain(here, error);
      return [];
    }
  });
}

interface PlacedAction {
  readonly name: ActionName;
  readonly settings: unknown;
  readonly path: readonly (string | number)[];
}

/** The actions of a rule one by one, whichever way they are written. */
export function actionsOf(rule: RuleData, path: readonly (string | number)[] = []): PlacedAction[] {
  const here = [...path, 'do'];
  const listed = (Array.isArray(rule.do) ? rule.do : undefined) as readonly ActionEntry[] | undefined;
  if (listed === undefined) return entryActions(rule.do as ActionEntry, here);
  return listed.flatMap((entry, index) => entryActions(entry, [...here, index]));
}

function entryActions(entry: ActionEntry, path: readonly (string | number)[]): PlacedAction[] {
  if (typeof entry === 'string') return [{ name: entry, settings: true, path }];
  return Object.entries(entry satisfies ActionGroup).map(([name, settings]) => ({
    name: name as ActionName,
    settings,
    path: [...path, name],
  }));
}

/** Rules, ready to be run. Holds no state: it may be run for many messages at once. */
export class RuleSet {
  readonly #rules: readonly CompiledRule[];
  readonly #gateways: Gateways;
  readonly #calendar = new Calendar();

  constructor(rules: readonly CompiledRule[], gateways: Gateways) {
    this.#rules = rules;
    this.#gateways = gateways;
  }

  get size(): number {
    return this.#rules.length;
  }

  list(): readonly RuleInfo[] {
    return this.#rules.map(({ title, place, active, actions }) => ({
      title,
      ...(place === undefined ? {} : { place }),
      active,
      actions: actions.map(({ text }) => text),
    }));
  }

  /** The run step by step: yields what is to be asked, takes the answer, returns the outcome. */
  *steps(message: RuleMessage): Generator<Question, Outcome, Answer> {
    const draft = new Draft(message, { gateways: this.#gateways, calendar: this.#calendar });
    const trace = new TraceKeeper();
    for (const rule of this.#rules) {
      if (!rule.active) continue;
      if (message.madeBy?.includes(ruleName(message.direction, rule.title)) === true) {
        trace.passed(rule, OWN_MESSAGE);
        continue;
      }
      draft.rule = rule.title;
      draft.match = [];
      let conditions: readonly Finding[] = [];
      if (rule.when !== undefined) {
        let judging: Judging = { draft, answers: undefined, trace: [], asked: undefined };
        let truth = judge(rule.when, judging);
        while (judging.asked !== undefined) {
          const { condition, question } = judging.asked;
          const answers = new Map(judging.answers).set(condition, yield question);
          judging = { draft, answers, trace: [], asked: undefined };
          truth = judge(rule.when, judging);
        }
        conditions = judging.trace;
        if (truth !== 'true') {
          trace.passed(rule, conditions);
          continue;
        }
      }
      trace.applied(rule, conditions, perform(rule, draft));
      if (draft.stopped) break;
    }
    return { verdict: draft.verdict(), trace: trace.finish() };
  }

  /** Runs the rules, asking through the port. */
  async run(message: RuleMessage, ask: Ask): Promise<Outcome> {
    const steps = this.steps(message);
    let step = steps.next();
    while (step.done !== true) step = steps.next(await answered(ask, step.value));
    return step.value;
  }

  /** Runs the rules with nobody to ask: what would need an answer counts as not answered. */
  decide(message: RuleMessage): Outcome {
    const steps = this.steps(message);
    let step = steps.next();
    while (step.done !== true) step = steps.next({ failed: 'nobody was asked' });
    return step.value;
  }
}

async function answered(ask: Ask, question: Question): Promise<Answer> {
  try {
    return await ask(question);
  } catch (error) {
    return { failed: messageOf(error) };
  }
}

function perform({ actions }: CompiledRule, draft: Draft): ActionTrace[] {
  return actions.map(({ text, act, only }) => {
    const note =
      only !== undefined && only !== draft.message.direction ? `it is for ${only} messages only` : act(draft);
    return note === undefined ? { text, result: 'done' } : { text, result: 'skipped', note };
  });
}

/** Is this one of the actions that may stand as a word? */
export function isActionWord(name: string): name is ActionName {
  return (ACTION_WORDS as readonly string[]).includes(name);
}
