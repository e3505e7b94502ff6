/** Actions whose work is done outside, once the message is accepted: they only say what is to be done (verdict.ts). */
import { z } from 'zod';
import { BadRule } from '../bad-rule.ts';
import { type ActionKind, addresses, fillLine, filled, shown, template } from './action.ts';
import {
  ENVIRONMENT,
  compileProgram,
  compileSql,
  compileUrl,
  programShape,
  wait,
  waitMs,
  type ProgramSettings,
} from '../call.ts';
import { line, lines, percentEncoded } from '../clean.ts';
import { type CompileContext, headerName } from '../condition.ts';
import { isAddress, parseDestination } from './destination.ts';
import { type Draft, LONGEST_TEXT } from '../draft.ts';
import { type Clean, Template, readVariable } from '../variables.ts';
import type { NewMessage, Response, RuleEffect } from '../verdict.ts';

/** A message that rules have passed on so often is passed on no more: a loop of forwards ends. */
export const MOST_HOPS = 5;

const URL_MS = 10_000;
const TOO_MANY = 'the message has too many effects';

type Kind<S> = ActionKind<S, CompileContext>;

function add(draft: Draft, make: () => Omit<RuleEffect, 'rule'>): string | undefined {
  return draft.addEffect(make) ? undefined : TOO_MANY;
}

function tired(draft: Draft): string | undefined {
  const { hops } = draft.message;
  return hops < MOST_HOPS ? undefined : `the message has been passed on ${hops} times: it loops`;
}

/** A mail address, an sms address, or a number made one; undefined where it is none of them. */
function target(template_: Template, draft: Draft): string | undefined {
  const address = fillLine(template_, draft);
  const to = parseDestination(address, draft.gateways);
  if ('refused' in to) return isAddress(address) ? address : undefined;
  return to.kind === 'mail' ? to.address : /^sms:/i.test(address) ? address : `sms:${address}`;
}

/** The message to one more address. */
export function passOn(kind: 'forward' | 'copy' | 'archive', about: string): Kind<string | string[]> {
  return {
    schema: addresses().meta({
      description: about,
      examples: ['desk@example.com', ['a@example.com', 'sms:+15551234567']],
    }),
    compile: (given) => {
      const sources = typeof given === 'string' ? [given] : given;
      const templates = sources.map((each) => new Template(each));
      return {
        text: `${kind} to ${sources.join(', ')}`,
        act: (draft) => {
          const loops = tired(draft);
          if (loops !== undefined) return loops;
          const notes = templates.flatMap((each): string[] => {
            const to = target(each, draft);
            if (to === undefined) return [`${shown(fillLine(each, draft))} is no address`];
            const note = add(draft, () => ({ kind, payload: { to, message: draft.copy() } }));
            if (note !== undefined) return [note];
            if (kind === 'forward') draft.redirect();
            return [];
          });
          return notes.length === 0 ? undefined : notes.join('; ');
        },
      };
    },
  };
}

const sendShape = z
  .strictObject({
    to: filled().meta({ description: 'A mail or sms address.', examples: ['sms:+15551234567'] }),
    from: filled()
      .exactOptional()
      .meta({ description: 'Default: the address of our reports.', examples: ['sms@example.com'] }),
    subject: template()
      .exactOptional()
      .meta({ description: 'Its subject.', examples: ['New mail from %%from%%'] }),
    text: template().meta({ description: 'Its text.', examples: ['%%subject%%'] }),
  })
  .meta({ description: 'Sends a message of its own.' });

export const send: Kind<z.output<typeof sendShape>> = {
  schema: sendShape,
  compile: ({ to, from, subject = '', text }) => {
    const made = { to: new Template(to), subject: new Template(subject), text: new Template(text) };
    const author = from === undefined ? undefined : new Template(from);
    return {
      text: `send ${shown(text)} to ${to}`,
      act: (draft) => {
        const loops = tired(draft);
        if (loops !== undefined) return loops;
        const address = target(made.to, draft);
        if (address === undefined) return `${shown(fillLine(made.to, draft))} is no address`;
        const sender = author === undefined ? undefined : fillLine(author, draft);
        if (sender !== undefined && !isAddress(sender)) return `${shown(sender)} is no address`;
        const payload: NewMessage = {
          to: address,
          ...(sender === undefined ? {} : { from: sender }),
          subject: fillLine(made.subject, draft),
          text: made.text.fill(draft, lines, LONGEST_TEXT),
          hops: draft.message.hops + 1,
          madeBy: draft.madeBy,
        };
        return add(draft, () => ({ kind: 'send', payload }));
      },
    };
  },
};

const respondShape = z
  .union([
    template(),
    z.strictObject({
      text: template().meta({ description: 'What is answered.', examples: ['We will call you back.'] }),
      subject: template()
        .exactOptional()
        .meta({ description: 'Subject of an answer by mail.', examples: ['Your message'] }),
    }),
  ])
  .meta({
    description: 'Answers whoever wrote: a phone by SMS, the sender of a mail by mail.',
    examples: ['We will call you back.'],
  });

export const respond: Kind<z.output<typeof respondShape>> = {
  schema: respondShape,
  compile: (settings) => {
    const { text, subject } =
      typeof settings === 'string'
        ? { text: settings, subject: 'Re: %%subject%%' }
        : { subject: 'Re: %%subject%%', ...settings };
    const made = { text: new Template(text), subject: new Template(subject) };
    return {
      text: `respond ${shown(text)}`,
      act: (draft) => {
        const { direction, hops } = draft.message;
        const loops = tired(draft);
        if (loops !== undefined) return loops;
        const incoming = direction === 'incoming';
        const to = incoming ? draft.number : draft.message.sender;
        if (to === undefined || to === '') return 'there is nobody to answer';
        const gateway = incoming ? draft.gateway : undefined;
        const payload: Response = {
          via: incoming ? 'sms' : 'mail',
          to: line(to),
          ...(gateway === undefined ? {} : { gateway }),
          subject: fillLine(made.subject, draft),
          text: made.text.fill(draft, lines, LONGEST_TEXT),
          hops: hops + 1,
          madeBy: draft.madeBy,
        };
        return add(draft, () => ({ kind: 'respond', payload }));
      },
    };
  },
};

const programSchema = z
  .strictObject(programShape())
  .meta({ description: 'Runs a program, without a shell.' });

const program: Kind<ProgramSettings> = {
  schema: programSchema,
  compile: (settings, context) => {
    const call = compileProgram(settings, context);
    return {
      text: `run ${settings.run[0] ?? ''}`,
      act: (draft) => add(draft, () => ({ kind: 'program', payload: call(draft) })),
    };
  },
};

const urlShape = z
  .union([
    filled(),
    z.strictObject({
      get: filled()
        .exactOptional()
        .meta({ description: 'The URL of a GET.', examples: ['https://example.com/?n=%number%'] }),
      post: filled()
        .exactOptional()
        .meta({ description: 'The URL of a POST.', examples: ['https://example.com/hook'] }),
      body: template()
        .exactOptional()
        .meta({
          description: 'Of a POST: what is posted; default: all variables of the environment as JSON.',
          examples: ['%data%'],
        }),
      type: z
        .string()
        .regex(/^[\w.+-]+\/[\w.+-]+(?:; *[\w-]+=[\w-]+)?$/, { error: 'is not a media type' })
        .exactOptional()
        .meta({ description: 'Of a POST: its media type.', examples: ['text/plain; charset=utf-8'] }),
      headers: z
        .array(z.strictObject({ name: headerName(), value: template() }))
        .exactOptional()
        .meta({
          description: 'Header fields of the request.',
          examples: [[{ name: 'X-Token', value: 'abc' }]],
        }),
      timeout: wait('10s'),
    }),
  ])
  .meta({
    description: 'Calls a URL; variables in it are percent-encoded.',
    examples: ['https://example.com/sms/deliver.html?id=b&pass=1234&number=%number%&data=%data%'],
  });

const url: Kind<z.output<typeof urlShape>> = {
  schema: urlShape,
  compile: (given, context) => {
    const settings = typeof given === 'string' ? { get: given } : given;
    const { get, post, timeout } = settings;
    const source = oneUrl(get, post);
    const address = compileUrl(source, context);
    const fields = ('headers' in settings ? (settings.headers ?? []) : []).map(({ name, value }) => ({
      name,
      value: new Template(value),
    }));
    const text = 'body' in settings && settings.body !== undefined ? new Template(settings.body) : undefined;
    const type =
      ('type' in settings ? settings.type : undefined) ??
      (text === undefined ? 'application/json' : 'text/plain; charset=utf-8');
    const method = post === undefined ? 'GET' : 'POST';
    return {
      // Without its query and user, which may hold a password.
      text: `${method} ${source.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//***@')}`,
      act: (draft) => {
        const headers = fields.map(({ name, value }) => ({ name, value: fillLine(value, draft) }));
        const body =
          method === 'GET' ? undefined : (text?.fill(draft, fitFor(type), LONGEST_TEXT) ?? asJson(draft));
        return add(draft, () => ({
          kind: 'url',
          payload: {
            method,
            url: address(draft),
            headers: body === undefined ? headers : [{ name: 'Content-Type', value: type }, ...headers],
            ...(body === undefined ? {} : { body }),
            timeoutMs: waitMs(timeout, URL_MS),
          },
        }));
      },
    };
  },
};

function oneUrl(get: string | undefined, post: string | undefined): string {
  const [url] = [get, post].filter((each) => each !== undefined);
  if (url === undefined) throw new BadRule('has no URL', 'write { get: URL } or { post: URL }');
  if (get !== undefined && post !== undefined) throw new BadRule('has two URLs', 'use get or post');
  return url;
}

/** What a value becomes inside a body of this media type. */
function fitFor(type: string): Clean {
  if (/[/+]json\b/i.test(type)) return (value) => JSON.stringify(lines(value)).slice(1, -1);
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) return (value) => percentEncoded(lines(value));
  if (/[/+]xml\b/i.test(type)) return (value) => escapeXml(lines(value));
  return lines;
}

function escapeXml(value: string): string {
  return value.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** All that a program would find in its environment. */
function asJson(draft: Draft): string {
  const entries = ENVIRONMENT.map((name) => [name, lines(readVariable(name, draft))]);
  return JSON.stringify({ rule: draft.rule, ...Object.fromEntries(entries) });
}

const sqlShape = z
  .strictObject({
    connection: z
      .string()
      .min(1)
      .meta({ description: 'One of the SQL connections.', examples: ['crm'] }),
    statement: z
      .string()
      .min(1)
      .meta({
        description: 'What is executed; variables are bound, not pasted.',
        examples: ['INSERT INTO sms (number, text) VALUES (%number%, %data%)'],
      }),
    timeout: wait('5s'),
  })
  .meta({ description: 'Executes an SQL statement.' });

const sql: Kind<z.output<typeof sqlShape>> = {
  schema: sqlShape,
  compile: ({ connection, statement, timeout }, { connections }) => {
    const call = compileSql(connection, statement, timeout, connections);
    return {
      text: `execute ${shown(statement)} on ${connection}`,
      act: (draft) => add(draft, () => ({ kind: 'sql', payload: call(draft) })),
    };
  },
};

export const execute = { program, url, sql };
