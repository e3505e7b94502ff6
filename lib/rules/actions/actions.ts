/**
 * The actions: one line of the table each, with its schema, what it says to people, and what it does to the draft.
 *
 * An action changes the draft or adds an effect to it, and nothing else. What it cannot do it leaves, and says why: a rule
 * never half does an action.
 */
import { z } from 'zod';
import {
  type ActionKind,
  changeDestination,
  checkDestination,
  filled,
  fillDestination,
  fillLine,
  isDestination,
  shown,
  template,
} from './action.ts';
import { BadRule } from '../bad-rule.ts';
import { lines } from '../clean.ts';
import { type CompileContext, headerName } from '../condition.ts';
import { RULE_PARAMETERS, findGateway, isAddress, noGateway, overlay, phone } from './destination.ts';
import { type Draft, LONGEST_TEXT } from '../draft.ts';

import { execute, passOn, respond, send } from './effects.ts';
import { rewrite } from './rewrite.ts';
import { pattern } from '../match/text-test.ts';
import { Template } from '../variables.ts';

function kind<S>(
  schema: z.ZodType<S>,
  compile: ActionKind<S, CompileContext>['compile'],
  more: Pick<ActionKind<S, CompileContext>, 'word' | 'only'> = {},
): ActionKind<S, CompileContext> {
  return { schema, compile, ...more };
}

/** An action that is a word and has no settings. */
function word(text: string, about: string, act: (draft: Draft) => void) {
  return kind(
    z.literal(true).meta({ description: about }),
    () => ({
      text,
      act: (draft) => {
        act(draft);
        return undefined;
      },
    }),
    { word: true },
  );
}

const headerAndValue = (about: string) =>
  z
    .strictObject({
      name: headerName().meta({ description: 'Name of the field.', examples: ['X-Origin'] }),
      value: template().meta({ description: 'Its value.', examples: ['sms'] }),
    })
    .meta({ description: about });

/** A text of several lines. */
function fillText(value: Template, draft: Draft): string {
  return value.fill(draft, lines, LONGEST_TEXT);
}

/** An action that changes the text. */
function wording(verb: string, about: string, change: (text: string, given: string) => string) {
  return kind(template().meta({ description: about, examples: ['Example Ltd: '] }), (source) => {
    const made = new Template(source);
    return {
      text: `${verb} ${shown(source)}`,
      act: (draft) => {
        draft.setText(change(draft.text, fillText(made, draft)));
        return undefined;
      },
    };
  });
}

const DEFAULT_REJECTION = 'the message was refused by a rule';
const LONGEST_REJECTION = 400;

function rejection(source: string) {
  const made = new Template(source);
  return {
    text: `reject ${shown(source)}`,
    act: (draft: Draft) => {
      draft.decide('reject', fillLine(made, draft).slice(0, LONGEST_REJECTION) || DEFAULT_REJECTION);
      return undefined;
    },
  };
}

const parameterValue = () => z.union([z.string(), z.number(), z.boolean()]);

/** One line to add one. */
export const ACTIONS = {
  route: kind(
    filled().meta({ description: 'The gateway that is to take it.', examples: ['us'] }),
    (source, { gateways }) => {
      const made = new Template(source);
      if (made.constant && findGateway(source, gateways) === undefined)
        throw new BadRule(noGateway(source, gateways));
      return {
        text: `route to ${source}`,
        act: (draft) => {
          const to = draft.destination;
          if (to?.kind !== 'phone') return 'the message does not go to a phone';
          const id = fillLine(made, draft);
          const gateway = findGateway(id, draft.gateways);
          if (gateway === undefined) return noGateway(id, draft.gateways);
          draft.setDestination(phone(to.number, gateway, to.parameters));
          return undefined;
        },
      };
    },
    { only: 'outgoing' },
  ),
  parameters: kind(
    z
      .strictObject(
        Object.fromEntries(RULE_PARAMETERS.map((name) => [name, parameterValue().exactOptional()])),
      )
      .meta({
        description: 'Parameters of the message, over those of its address; an empty one is taken away.',
        examples: [{ sender: '%sender_phonealias%' }],
      }),
    (settings) => {
      const pairs = Object.entries(settings as Record<string, string | number | boolean>).map(
        ([name, value]) => ({
          name,
          value: new Template(typeof value === 'boolean' ? (value ? '1' : '0') : String(value)),
        }),
      );
      return {
        text: `set ${pairs.map(({ name, value }) => `${name}=${value.source}`).join(', ')}`,
        act: (draft) => {
          const to = draft.destination;
          if (to?.kind !== 'phone') return 'the message does not go to a phone';
          const over = pairs.map(({ name, value }) => ({ name, value: fillLine(value, draft) }));
          draft.setDestination(phone(to.number, to.gateway, overlay(to.parameters, over)));
          return undefined;
        },
      };
    },
    { only: 'outgoing' },
  ),
  setHeader: kind(
    headerAndValue('Sets a header field; `To` of an outgoing message is `number` or `number@gateway`.'),
    ({ name, value }, context) => {
      checkDestination(name, value, context);
      const made = new Template(value);
      return {
        text: `set ${name} to ${shown(value)}`,
        act: (draft) => {
          if (isDestination(draft, name)) return changeDestination(draft, fillDestination(made, draft));
          draft.setHeader(name, fillLine(made, draft));
          return undefined;
        },
      };
    },
  ),
  addHeader: kind(headerAndValue('Adds a header field beside others of its name.'), ({ name, value }) => {
    const made = new Template(value);
    return {
      text: `add ${name}: ${shown(value)}`,
      act: (draft) => {
        if (isDestination(draft, name)) return 'a message has one destination';
        return draft.addHeader(name, fillLine(made, draft)) ? undefined : 'there are too many header fields';
      },
    };
  }),
  deleteHeader: kind(
    z
      .union([
        headerName(),
        z.strictObject({
          name: headerName().meta({ description: 'Name of the field.', examples: ['X-Mailer'] }),
          regex: z
            .string()
            .min(1)
            .exactOptional()
            .meta({ description: 'Only those whose value it is found in.', examples: ['^internal'] }),
        }),
      ])
      .meta({ description: 'Takes header fields away.', examples: ['X-Mailer'] }),
    (settings) => {
      const { name, regex } = typeof settings === 'string' ? { name: settings, regex: undefined } : settings;
      const search = regex === undefined ? undefined : pattern(regex, false);
      return {
        text: `delete ${name}${regex === undefined ? '' : ` where it matches ${shown(regex)}`}`,
        act: (draft) => {
          if (isDestination(draft, name)) return 'a message needs its destination';
          const found = draft.deleteHeaders(name, (value) => {
            const match = search?.exec(value, draft.budget);
            return match === undefined || (match !== null && match !== 'timeout');
          });
          return found === 0 ? 'there is no such field' : undefined;
        },
      };
    },
  ),
  rewrite,
  text: wording('set the text to', 'The text of the message.', (_, given) => given),
  prepend: wording('put before the text', 'What stands before the text.', (text, given) => given + text),
  append: wording('put after the text', 'What stands after the text.', (text, given) => text + given),
  sender: kind(
    filled().meta({
      description: 'The envelope sender: who gets reports and answers.',
      examples: ['it@example.com'],
    }),
    (source) => {
      const made = new Template(source);
      return {
        text: `set the sender to ${shown(source)}`,
        act: (draft) => {
          const address = fillLine(made, draft);
          if (!isAddress(address)) return `"${address.slice(0, 60)}" is no address`;
          draft.setSender(address);
          return undefined;
        },
      };
    },
    { only: 'outgoing' },
  ),
  priority: kind(
    z
      .number()
      .int()
      .min(-9)
      .max(9)
      .meta({ description: '-9 (can wait) to 9 (urgent).', examples: [5] }),
    (priority) => ({
      text: `set the priority to ${priority}`,
      act: (draft) => {
        draft.setPriority(priority);
        return undefined;
      },
    }),
  ),
  forward: passOn(
    'forward',
    'Incoming: who gets it instead of the usual mailbox. Outgoing: who gets it too.',
  ),
  copy: passOn('copy', 'Who gets a copy.'),
  archive: passOn('archive', 'A mailbox that keeps it, with header fields that say who wrote to whom.'),
  send,
  respond,
  folder: kind(
    filled().meta({ description: 'Mailbox and folder that get it.', examples: ['desk@example.com/SMS'] }),
    (source) => {
      const made = new Template(source);
      return {
        text: `deliver to ${source}`,
        act: (draft) => {
          const [, mailbox = '', folder = ''] = /^([^/]*@[^/]*)\/(.+)$/.exec(fillLine(made, draft)) ?? [];
          if (!isAddress(mailbox)) return 'it is not of the form user@domain/Folder';
          if (folder.split('/').some((step) => step === '' || step === '.' || step === '..'))
            return `"${folder.slice(0, 60)}" is no folder`;
          draft.setFolder({ mailbox, folder });
          return undefined;
        },
      };
    },
    { only: 'incoming' },
  ),
  program: execute.program,
  url: execute.url,
  sql: execute.sql,
  accept: word('accept', 'The message is accepted; no other rule is looked at.', (draft) =>
    draft.decide('accept'),
  ),
  delete: word('delete', 'The message goes nowhere; no other rule is looked at.', (draft) =>
    draft.decide('delete'),
  ),
  reject: {
    ...kind(
      z.union([z.literal(true), filled()]).meta({
        description: 'The sender is told no, with this text; no other rule is looked at.',
        examples: ['not at night'],
      }),
      (settings) => rejection(settings === true ? DEFAULT_REJECTION : settings),
    ),
    word: true,
  },
  stop: word('stop', 'No other rule is looked at.', (draft) => {
    draft.stopped = true;
  }),
} as const;

export type ActionName = keyof typeof ACTIONS;
export const ACTION_NAMES = Object.keys(ACTIONS) as readonly ActionName[];
/** Actions that can stand as a word. */
export const ACTION_WORDS: readonly ActionName[] = ACTION_NAMES.filter(
  (name) => 'word' in ACTIONS[name] && ACTIONS[name].word,
);
