/**
 * The shape of a rule file, made of the tables of conditions and actions. What passes is used as it was written: the order
 * of its keys is the order of the rule.
 */
import { z } from 'zod';
import { type JsonSchema, jsonSchemaOf } from '../settings/json-schema.ts';
import { ACTIONS, ACTION_WORDS, type ActionName } from './actions/actions.ts';
import { CONDITIONS, type ConditionName } from './conditions.ts';

/** What `when` may hold: settings of conditions by name, and the three words that join them. */
export type ConditionGroup = { readonly [N in ConditionName]?: unknown } & {
  readonly all?: readonly ConditionGroup[];
  readonly any?: readonly ConditionGroup[];
  readonly not?: ConditionGroup;
};

/** Settings of actions by name; done in the order in which they stand. */
export type ActionGroup = { readonly [N in ActionName]?: unknown };
export type ActionEntry = ActionName | ActionGroup;

export interface RuleData {
  readonly title: string;
  readonly active?: boolean;
  readonly when?: ConditionGroup | readonly ConditionGroup[];
  readonly do: ActionEntry | readonly ActionEntry[];
}

export interface RuleFileData {
  readonly rules: readonly RuleData[];
}

type Shape<K extends string> = Readonly<Record<K, z.ZodExactOptional>>;

/** The schemas of a table, each of which may be left out. */
function shapeOf<K extends string>(table: Readonly<Record<K, { readonly schema: z.ZodType }>>): Shape<K> {
  const entries = Object.entries(table) as [K, { readonly schema: z.ZodType }][];
  return Object.fromEntries(
    entries.map(([name, { schema }]) => [
      name,
      schema.exactOptional().meta(z.globalRegistry.get(schema) ?? {}),
    ]),
  ) as unknown as Shape<K>;
}

const MOST_RULES = 5000;

const conditionGroup: z.ZodType = z
  .strictObject({
    ...shapeOf(CONDITIONS),
    get all(): z.ZodExactOptional {
      return z.array(conditionGroup).exactOptional().meta({ description: 'Each of these holds.' });
    },
    get any(): z.ZodExactOptional {
      return z
        .array(conditionGroup)
        .min(1)
        .exactOptional()
        .meta({ description: 'At least one of these holds.' });
    },
    get not(): z.ZodExactOptional {
      return conditionGroup.exactOptional().meta({ description: 'This does not hold.' });
    },
  })
  .superRefine(notEmpty('names no condition', 'leave "when" out for all messages, or write { always: true }'))
  .meta({ id: 'conditions', description: 'Conditions that must all hold.' });

const actionGroup = z
  .strictObject(shapeOf(ACTIONS))
  .superRefine(notEmpty('names no action', 'write for instance { route: GATEWAY }'))
  .meta({ id: 'actions', description: 'Actions, done in this order.' });

const actionEntry = () => z.union([z.enum(ACTION_WORDS), actionGroup]);

const rule = z
  .strictObject({
    title: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'What people call it.', examples: ['Alarms go out first'] }),
    active: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Is it used? Default: true.', examples: [false] }),
    when: z
      .union([conditionGroup, z.array(conditionGroup).min(1)])
      .exactOptional()
      .meta({
        description: 'The messages it is for; default: all. Several conditions must all hold.',
        examples: [{ subject: { contains: 'alarm' } }],
      }),
    do: z
      .union([z.enum(ACTION_WORDS), actionGroup, z.array(actionEntry()).min(1)])
      .meta({ description: 'What is done, in this order.', examples: [[{ route: 'us' }, 'stop']] }),
  })
  .meta({ id: 'rule', description: 'One rule.' });

export const ruleFile = z.strictObject({
  rules: z
    .array(rule)
    .max(MOST_RULES)
    .meta({ description: 'The rules, in the order in which they are applied.' }),
});

/** The JSON Schema of rule files, for editors. */
export function rulesJsonSchema(): JsonSchema {
  return jsonSchemaOf(ruleFile, 'mailsms rules');
}

function notEmpty(message: string, hint: string) {
  return (value: object, context: z.RefinementCtx): void => {
    if (Object.keys(value).length > 0) return;
    context.addIssue({ code: 'custom', message, params: { hint } });
  };
}
