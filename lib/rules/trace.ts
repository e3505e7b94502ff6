/** The trace of a run, kept within bounds: it is stored with the message, and a thousand rules may have been looked at. */
import { cut, line } from './clean.ts';
import type { Finding } from './logic.ts';
import type { ActionTrace, ConditionTrace, RuleTrace, Trace } from './verdict.ts';

/** Rules that did not apply are kept up to here. */
const MOST_OTHERS = 60;
const MOST_APPLIED = 100;
/** Conditions and actions of all rules together. */
const MOST_ENTRIES = 600;
const LONGEST_SEEN = 80;
const LONGEST_TEXT = 200;

export interface RuleLabel {
  readonly title: string;
  readonly place?: string;
}

export class TraceKeeper {
  readonly #rules: RuleTrace[] = [];
  #others = 0;
  #applied = 0;
  #entries = 0;
  #left = 0;

  /** Is there still room for a rule that does not apply? Asked first, since most do not. */
  get room(): boolean {
    return this.#others < MOST_OTHERS && this.#entries < MOST_ENTRIES / 2;
  }

  passed(rule: RuleLabel, conditions: readonly Finding[]): void {
    if (!this.room) {
      this.#left += 1;
      return;
    }
    this.#others += 1;
    this.#add(rule, false, conditions, []);
  }

  applied(rule: RuleLabel, conditions: readonly Finding[], actions: readonly ActionTrace[]): void {
    if (this.#applied >= MOST_APPLIED || this.#entries >= MOST_ENTRIES) {
      this.#left += 1;
      return;
    }
    this.#applied += 1;
    this.#add(rule, true, conditions, actions);
  }

  finish(): Trace {
    return { rules: this.#rules, left: this.#left };
  }

  #add(
    { title, place }: RuleLabel,
    applied: boolean,
    conditions: readonly Finding[],
    actions: readonly ActionTrace[],
  ): void {
    const room = Math.max(0, MOST_ENTRIES - this.#entries);
    const shownActions = actions.slice(0, room).map(shortAction);
    const shownConditions = conditions.slice(0, Math.max(0, room - shownActions.length)).map(shortCondition);
    this.#entries += shownActions.length + shownConditions.length;
    this.#rules.push({
      title,
      ...(place === undefined ? {} : { place }),
      applied,
      conditions: shownConditions,
      actions: shownActions,
    });
  }
}

function shortCondition({ text, depth, truth, seen, warning }: Finding): ConditionTrace {
  return {
    text: short(text, LONGEST_TEXT),
    depth,
    result: truth === 'unknown' ? 'false' : truth,
    ...(seen === undefined ? {} : { seen: short(seen, LONGEST_SEEN) }),
    ...(warning === undefined ? {} : { warning: short(warning, LONGEST_TEXT) }),
  };
}

function shortAction(entry: ActionTrace): ActionTrace {
  const { text, note } = entry;
  return {
    ...entry,
    text: short(text, LONGEST_TEXT),
    ...(note === undefined ? {} : { note: short(note, LONGEST_TEXT) }),
  };
}

function short(text: string, length: number): string {
  const flat = line(text.length > length ? cut(text, length) : text);
  return text.length > length ? `${cut(flat, length - 3)}...` : flat;
}
