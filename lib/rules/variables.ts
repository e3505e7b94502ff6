/**
 * Variables in the texts of actions: `%%subject%%` is a header field (any of them), `%number%` one of the table below. A
 * variable may carry attributes: `%number;interprefix=00%`, `%data;hex%`.
 *
 * A text is taken apart once, when the rules are compiled, and each value is made fit for its place when it is
 * put in (clean.ts). What stands in a value is never read as a variable again.
 */
import { cutAddress } from '../base/mail-address.ts';
import { BadTemplate } from './bad-rule.ts';
import { cut } from './clean.ts';
import type { Draft } from './draft.ts';
import { suggestion } from '../settings/suggestion.ts';

/** One line to add one: its name, and where it comes from. */
const TABLE: Readonly<Record<string, (draft: Draft) => string>> = {
  number: (draft) => draft.number,
  data: (draft) => draft.text,
  text: (draft) => draft.text,
  body: (draft) => draft.text,
  ':body': (draft) => draft.text,
  from: (draft) => draft.header('from'),
  ':from': (draft) => draft.header('from'),
  ':from_email': (draft) => addressIn(draft.header('from')),
  ':from_alias': (draft) => aliasOf(draft.header('from')),
  ':from_domain': (draft) => domainOf(draft.header('from')),
  to: (draft) => draft.header('to'),
  ':to': (draft) => draft.header('to'),
  ':to_email': (draft) => addressIn(draft.header('to')),
  ':to_alias': (draft) => aliasOf(draft.header('to')),
  ':to_domain': (draft) => domainOf(draft.header('to')),
  cc: (draft) => draft.header('cc'),
  subject: (draft) => draft.header('subject'),
  ':subject': (draft) => draft.header('subject'),
  sender: (draft) => draft.parameter('sender') || (draft.sender ?? ''),
  sender_email: (draft) => draft.sender ?? '',
  sender_phonealias: (draft) => draft.message.account?.phoneAlias ?? '',
  recipient: (draft) => draft.message.recipient ?? '',
  user: (draft) => draft.message.account?.user ?? '',
  gateway: (draft) => draft.gateway ?? '',
  country: (draft) => draft.country ?? '',
  date: (draft) => draft.local.date,
  time: (draft) => draft.local.time,
  weekday: (draft) => draft.local.weekday,
  size: (draft) => String(draft.message.size),
  parts: (draft) => String(draft.message.parts),
  encoding: (draft) => draft.message.encoding,
  binary: (draft) => (draft.message.encoding === '8bit' ? '1' : '0'),
  priority: (draft) => String(draft.priority),
  attachments: (draft) => draft.message.attachments.filter((each) => each !== '').join(', '),
  remote: (draft) => draft.message.remote ?? '',
  direction: (draft) => draft.message.direction,
  id: (draft) => draft.message.id ?? '',
  effectid: (draft) => draft.effectId,
  udh: (draft) => draft.parameter('udh'),
  pid: (draft) => draft.parameter('pid'),
  dcs: (draft) => draft.parameter('dcs'),
  maxmsgs: (draft) => draft.parameter('maxmsgs'),
  msgid: (draft) => draft.parameter('msgid'),
  reply: (draft) => draft.parameter('reply'),
  value: (draft) => draft.parameter('value'),
  match: (draft) => draft.match[0] ?? '',
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((group) => [`match${group}`, (draft: Draft) => draft.match[group] ?? '']),
  ),
};

/** Names of the table, for the documentation and its test. */
export const VARIABLE_NAMES: readonly string[] = Object.keys(TABLE);

/** Between two percent signs on each side these are no header fields. */
const DOUBLED: Readonly<Record<string, (draft: Draft) => string>> = {
  body: (draft) => draft.text,
  sender: (draft) => draft.sender ?? '',
  recipient: (draft) => draft.message.recipient ?? '',
};

/** What an attribute makes of a value; the text after `=` is its argument. */
const ATTRIBUTES: Readonly<Record<string, (value: string, argument: string) => string>> = {
  hex: (value) => Buffer.from(value, 'utf8').toString('hex'),
  b64: (value) => Buffer.from(value, 'utf8').toString('base64'),
  interprefix: (value, prefix) => (value.startsWith('+') ? prefix + value.slice(1) : value),
  cut: (value, length) => cut(value, Number(length) || 0),
  lower: (value) => value.toLowerCase(),
  upper: (value) => value.toUpperCase(),
};

const VARIABLE = /%%([A-Za-z][A-Za-z0-9-]*)%%|%(:?[A-Za-z][A-Za-z0-9_]*)((?:;[A-Za-z0-9]+(?:=[^%;]*)?)*)%/g;
const GROUP = /\$([$&0-9])/g;

/** Where a value is put: what it has to become there. */
export type Clean = (value: string) => string;

type Piece = string | ((draft: Draft, groups: readonly (string | undefined)[]) => string);

export interface TemplateOptions {
  /** Read `$1` as a group of the pattern. */
  readonly groups?: boolean;
  /** An unknown variable is left as it stands. */
  readonly lenient?: boolean;
}

/** A text with variables, taken apart. */
export class Template {
  readonly source: string;
  readonly #pieces: readonly Piece[];

  /** Throws BadTemplate where a variable is not known. */
  constructor(source: string, options: TemplateOptions = {}) {
    this.source = source;
    this.#pieces = pieces(source, options);
  }

  /** A text without variables. */
  get constant(): boolean {
    return this.#pieces.every((piece) => typeof piece === 'string');
  }

  /**
   * The text with its values, each passed through `clean`, cut at `most` UTF-16 units.
   *
   * @param written the text of the template itself, made fit too; default: as it is
   */
  fill(
    draft: Draft,
    clean: Clean,
    most: number,
    groups: readonly (string | undefined)[] = [],
    written: Clean = (text) => text,
  ): string {
    let text = '';
    for (const piece of this.#pieces) {
      text += typeof piece === 'string' ? written(piece) : clean(piece(draft, groups));
      if (text.length > most) return cut(text, most);
    }
    return text;
  }

  /** The text between the variables, one piece more than there are of them: for SQL, where values are bound. */
  parts(): { readonly text: readonly string[]; readonly values: readonly ((draft: Draft) => string)[] } {
    const text = [''];
    const values: ((draft: Draft) => string)[] = [];
    for (const piece of this.#pieces) {
      if (typeof piece === 'string') {
        text.push((text.pop() ?? '') + piece);
      } else {
        values.push((draft) => piece(draft, []));
        text.push('');
      }
    }
    return { text, values };
  }
}

/** The value of a variable of the table. */
export function readVariable(name: string, draft: Draft): string {
  return own(TABLE, name)?.(draft) ?? '';
}

function pieces(source: string, { groups = false, lenient = false }: TemplateOptions): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of source.matchAll(VARIABLE)) {
    const value = variable(match, lenient);
    if (value === undefined) continue;
    found.push(...plain(source.slice(end, match.index), groups), value);
    end = match.index + match[0].length;
  }
  found.push(...plain(source.slice(end), groups));
  return found.filter((piece) => piece !== '');
}

/** Undefined where the percent signs mean something else. */
function variable(match: RegExpMatchArray, lenient: boolean): Piece | undefined {
  const [whole, header, name = '', attributes = ''] = match;
  if (header !== undefined) {
    return own(DOUBLED, header.toLowerCase()) ?? ((draft) => draft.header(header));
  }
  const read = own(TABLE, name.toLowerCase());
  if (read === undefined) {
    // `%2Fab%20`: percent-escapes of a URL.
    if (lenient || /^[0-9A-Fa-f]{2}/.test(name)) return undefined;
    const near = suggestion(name, VARIABLE_NAMES);
    throw new BadTemplate(
      `knows no variable ${whole}`,
      near === undefined ? 'docs/rules.md has all variables' : `did you mean "%${near}%"?`,
    );
  }
  const steps = attributes
    .split(';')
    .filter((each) => each !== '')
    .map((each) => attribute(each, whole));
  return (draft) => steps.reduce((value, step) => step(value), read(draft));
}

function attribute(text: string, variable: string): (value: string) => string {
  const [name = '', ...argument] = text.split('=');
  const apply = own(ATTRIBUTES, name.toLowerCase());
  if (apply === undefined) {
    throw new BadTemplate(
      `${variable} has no attribute "${name}"`,
      `use ${Object.keys(ATTRIBUTES).join(', ')}`,
    );
  }
  return (value) => apply(value, argument.join('='));
}

/** The text between variables, with the groups in it. */
function plain(text: string, groups: boolean): Piece[] {
  if (!groups) return [text];
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(GROUP)) {
    const [whole, what = ''] = match;
    found.push(text.slice(end, match.index));
    if (what === '$') found.push('$');
    else found.push((_, caught) => caught[what === '&' ? 0 : Number(what)] ?? '');
    end = match.index + whole.length;
  }
  return [...found, text.slice(end)];
}

/** The address of the first mailbox in a field. */
function addressIn(field: string): string {
  return /<([^<>]*)>/.exec(field)?.[1] ?? field.trim();
}

/** What stands before the at sign, without `sms:` and quotes: the number of a message from a phone. */
function aliasOf(field: string): string {
  const { local } = cutAddress(addressIn(field));
  return local.replace(/^"(.*)"$/, '$1').replace(/^sms:/i, '');
}

function domainOf(field: string): string {
  return cutAddress(addressIn(field)).domain ?? '';
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
