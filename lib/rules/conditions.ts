/**
 * The conditions: one line of the table each, with its schema, what it says to people, and how it is looked at.
 *
 * A condition only reads. It answers from the message as the rules before have left it, so a rule sees what an earlier one
 * rewrote. What cannot be answered without asking the world outside comes back as a question.
 */
import { z } from 'zod';
import { parseSize } from '../base/units.ts';
import { BadRule } from './bad-rule.ts';
import { WEEKDAYS } from './match/calendar.ts';
import { compileProgram, compileSql, programShape, wait } from './call.ts';
import { inNetwork, parseAddress, parseNetwork } from './match/cidr.ts';
import {
  amount,
  compileWords,
  headerSource,
  asList,
  fact,
  field,
  headerName,
  kind,
  range,
  size,
  some,
  whole,
  words,
} from './condition.ts';
import { findGateway, noGateway } from './actions/destination.ts';
import type { Draft } from './draft.ts';
import { type TextTest, textTest } from './match/text-test.ts';

/** One line to add one. */
export const CONDITIONS = {
  always: fact('always', 'never', 'Every message.', () => true),
  from: field('From', 'The From field.'),
  to: field('To', 'The To field; of an outgoing message `number` or `number@gateway`, and its parameters.'),
  cc: field('Cc', 'The Cc field.'),
  subject: field('Subject', 'The Subject field.'),
  replyTo: field('Reply-To', 'The Reply-To field.'),
  header: kind<TextTest & { readonly name: string }>(
    textTest({
      name: headerName().meta({ description: 'Name of the field.', examples: ['X-Priority'] }),
    }).meta({
      description: 'A header field by its name.',
    }),
    ({ name, ...test }, context) => compileWords(headerSource(name), test, context),
  ),
  anyHeader: words(
    'any header field',
    'Any header field, as `Name: value`.',
    (draft) => draft.headers.map(({ name, value }) => `${name}: ${value}`),
    true,
  ),
  sender: words('the sender', 'The envelope sender: an address, empty for bounces.', (draft) => [
    draft.sender ?? '',
  ]),
  recipient: words(
    'the recipient',
    'The address as the mail program gave it, without its password.',
    (draft) => [draft.message.recipient ?? ''],
  ),
  body: words('the text', 'The text of the message.', (draft) => [draft.text]),
  html: words('the HTML', 'The HTML part of the mail.', (draft) => [draft.html]),
  attachment: words(
    'an attachment',
    'File names of attachments.',
    (draft) => draft.message.attachments,
    true,
  ),
  number: words('the number', 'Outgoing: the destination. Incoming: who wrote.', (draft) => [draft.number]),
  gateway: kind<TextTest>(
    textTest({}).meta({
      description: 'Outgoing: the gateway chosen so far. Incoming: where it came in.',
    }),
    (test, context) => {
      const { is = [] } = test;
      const named = typeof is === 'string' ? [is] : 'list' in is ? [] : is;
      const missing = named.find((id) => id !== '' && findGateway(id, context.gateways) === undefined);
      if (missing !== undefined) throw new BadRule(noGateway(missing, context.gateways));
      return compileWords({ name: 'the gateway', values: (draft) => [draft.gateway ?? ''] }, test, context);
    },
  ),
  user: words('the account', 'The account that pays.', (draft) => [draft.message.account?.user ?? '']),
  encoding: words('the encoding', '`gsm7`, `ucs2` or `8bit`.', (draft) => [draft.message.encoding]),
  parameter: kind<TextTest & { readonly name: string }>(
    textTest({
      name: z
        .string()
        .min(1)
        .meta({ description: 'Name of the parameter.', examples: ['maxmsgs'] }),
    }).meta({ description: 'A parameter of the address.' }),
    ({ name, ...test }, context) => {
      const values = (draft: Draft): readonly string[] => [draft.parameter(name.toLowerCase())];
      return compileWords({ name: `the parameter ${name}`, values }, test, context);
    },
  ),
  prefix: kind(
    some(
      () => z.string().regex(/^\+?\d+$/, { error: 'is not the beginning of a number' }),
      'The number begins so.',
      ['+1', ['+43', '+49']],
    ),
    (given) => {
      const prefixes = asList(given);
      return {
        text: `the number begins with ${prefixes.join(' or ')}`,
        look: ({ number }) => ({ holds: prefixes.some((each) => number.startsWith(each)), seen: number }),
      };
    },
  ),
  country: kind(
    some(
      () => z.string().regex(/^[A-Za-z]{2}$/, { error: 'is not a country code of two letters' }),
      'The country of the number, ISO 3166.',
      ['US', ['AT', 'DE']],
    ),
    (given) => {
      const countries = asList(given).map((each) => each.toUpperCase());
      return {
        text: `the number is of ${countries.join(' or ')}`,
        look: (draft) => {
          const seen = draft.country ?? '';
          return { holds: countries.includes(seen), seen };
        },
      };
    },
  ),
  routed: fact(
    'a gateway is chosen',
    'no gateway is chosen',
    'A gateway has been chosen, or To is an address.',
    (draft) => {
      const to = draft.destination;
      return draft.gateway !== undefined || to?.kind === 'mail';
    },
  ),
  size: amount(
    'the size',
    'Octets of the mail.',
    size,
    (text) => parseSize(text) ?? 0,
    (draft) => draft.message.size,
  ),
  parts: amount('the parts', 'SMS that it takes.', whole, Number, (draft) => draft.message.parts),
  priority: amount('the priority', '-9 to 9, 0 being normal.', whole, Number, (draft) => draft.priority),
  hasAttachment: fact(
    'has an attachment',
    'has no attachment',
    'The mail has an attachment.',
    (draft) => draft.message.attachments.length > 0,
  ),
  authenticated: fact(
    'the sender is authenticated',
    'the sender is not authenticated',
    'The sender proved who he is.',
    (draft) => draft.message.authenticated,
  ),
  trusted: fact(
    'the client is trusted',
    'the client is not trusted',
    'It came from a relay or caller in `smtp.trusted`.',
    (draft) => draft.message.trusted,
  ),
  remote: kind(
    some(() => z.string().min(1), 'The client is in one of these networks.', [
      '10.0.0.0/8',
      ['192.0.2.7', '2001:db8::/32'],
    ]),
    (given) => {
      const networks = asList(given).map((each) => {
        const network = parseNetwork(each);
        if (network === undefined)
          throw new BadRule(`"${each}" is not a network`, 'write it as 10.0.0.0/8 or 192.0.2.7');
        return network;
      });
      return {
        text: `the client is in ${asList(given).join(' or ')}`,
        look: ({ message: { remote = '' } }) => {
          const octets = parseAddress(remote);
          const holds = octets !== undefined && networks.some((each) => inNetwork(octets, each));
          return { holds, seen: remote };
        },
      };
    },
  ),
  time: kind(
    range(
      /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/,
      'write it as 08:30',
      'The time of day; it may go over midnight.',
      [{ from: '08:00', to: '18:00' }],
    ),
    ({ from = '00:00', to = '24:00' }) => ({
      text: `it is between ${from} and ${to}`,
      look: ({ local: { time } }) => ({
        holds: from <= to ? time >= from && time < to : time >= from || time < to,
        seen: time,
      }),
    }),
  ),
  weekday: kind(
    z
      .union([z.enum(WEEKDAYS), z.array(z.enum(WEEKDAYS)).min(1)])
      .meta({ description: 'The day of the week.', examples: ['sun', ['sat', 'sun']] }),
    (given) => {
      const days: readonly string[] = asList(given);
      return {
        text: `it is ${days.join(' or ')}`,
        look: ({ local: { weekday } }) => ({ holds: days.includes(weekday), seen: weekday }),
      };
    },
  ),
  date: kind(
    range(
      /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
      'write it as 2026-12-24',
      'The date, both days counted.',
      [{ from: '2026-12-24', to: '2026-12-26' }],
    ),
    ({ from = '', to = '9999-12-31' }) => ({
      text:
        from === ''
          ? `it is ${to} or before`
          : to === '9999-12-31'
            ? `it is ${from} or after`
            : `it is ${from} to ${to}`,
      look: ({ local: { date } }) => ({ holds: date >= from && date <= to, seen: date }),
    }),
  ),
  sql: kind(
    z
      .strictObject({
        connection: z
          .string()
          .min(1)
          .meta({ description: 'One of the SQL connections.', examples: ['crm'] }),
        query: z
          .string()
          .min(1)
          .meta({
            description: 'What is asked; variables are bound, not pasted.',
            examples: ['SELECT 1 FROM customers WHERE phone = %number%'],
          }),
        timeout: wait('2s'),
      })
      .meta({ description: 'The query gives a row.' }),
    ({ connection, query, timeout }, { connections }) => {
      const call = compileSql(connection, query, timeout, connections);
      return {
        text: `the query to ${connection} gives a row`,
        look: (draft, answer) => {
          if (answer === undefined) return { question: { kind: 'sql', call: call(draft) } };
          if ('rows' in answer) return { holds: answer.rows, seen: answer.rows ? 'a row' : 'no row' };
          return { holds: false, seen: '', warning: 'failed' in answer ? answer.failed : 'no answer' };
        },
      };
    },
  ),
  program: kind(
    z
      .strictObject({
        ...programShape(),
        exit: whole()
          .exactOptional()
          .meta({ description: 'The exit code that counts as yes; default 0.', examples: [0] }),
      })
      .meta({ description: 'The program ends with an exit code.' }),
    (settings, context) => {
      const call = compileProgram(settings, context);
      const { exit = 0 } = settings;
      return {
        text: `${settings.run[0] ?? ''} exits with ${exit}`,
        look: (draft, answer) => {
          if (answer === undefined) return { question: { kind: 'program', call: call(draft) } };
          if ('exit' in answer) return { holds: answer.exit === exit, seen: `exit code ${answer.exit}` };
          return { holds: false, seen: '', warning: 'failed' in answer ? answer.failed : 'no answer' };
        },
      };
    },
  ),
} as const;

export type ConditionName = keyof typeof CONDITIONS;
export const CONDITION_NAMES = Object.keys(CONDITIONS) as readonly ConditionName[];
