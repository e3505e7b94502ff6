import type { Direction } from '../../rules/message.ts';
import type { RuleSet } from '../../rules/rule-set.ts';
import type { Ask } from '../../rules/verdict.ts';

/** The rules in force: they may be other ones at the next message. */
export interface Rules {
  /** Absent where there are none. */
  set(direction: Direction): RuleSet | undefined;
  readonly ask: Ask;
  /** IANA time zone in which rules mean times. */
  readonly zone: string;
}
