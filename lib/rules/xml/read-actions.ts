/** One action of a filter, made actions of ours. */
import type { ActionEntry } from '../schema.ts';
import {
  ACTION_NUMBERS,
  DELETE_MESSAGE,
  FOREIGN_ACTIONS,
  FOREIGN_MESSAGE_ACTIONS,
  MESSAGE_ACTIONS,
  PRIORITIES,
} from './numbers.ts';
import { flag } from './flag.ts';
import type { XmlElement } from './tree.ts';

type Tell = (text: string, line?: number) => void;
type Read = (
  item: XmlElement,
  lost: (text: string) => undefined,
) => ActionEntry | readonly ActionEntry[] | undefined;

/** None where there is no counterpart, which `note` is told of. */
export function actionsFrom(item: XmlElement, note: Tell): ActionEntry[] {
  const { fields, line } = item;
  const lost = (text: string): undefined => {
    note(`${text}: the action is left out`, line);
    return undefined;
  };
  const number = Number(fields.get('actiontype') ?? NaN);
  if (number === DELETE_MESSAGE) return ['delete'];
  const classname = (fields.get('classname') ?? '').trim().toLowerCase();
  const names = Object.keys(ACTION_NUMBERS) as (keyof typeof ACTION_NUMBERS)[];
  const name = names.find((each) =>
    Number.isNaN(number)
      ? ACTION_NUMBERS[each].classname === classname
      : ACTION_NUMBERS[each].number === number,
  );
  if (name === undefined) {
    const label = FOREIGN_ACTIONS[number];
    lost(
      label === undefined
        ? `action type ${fields.get('actiontype') ?? (classname || '(none)')} is not known`
        : `the action "${label}" means nothing for text messages`,
    );
    return [];
  }
  const read = READERS[name](item, lost);
  return read === undefined ? [] : isSeveral(read) ? [...read] : [read];
}

function isSeveral(read: ActionEntry | readonly ActionEntry[]): read is readonly ActionEntry[] {
  return Array.isArray(read);
}

/** The first of these fields that holds something. */
function first({ fields }: XmlElement, ...names: readonly string[]): string | undefined {
  return names.map((name) => fields.get(name)).find((value) => value !== undefined && value.trim() !== '');
}

const READERS: Readonly<Record<keyof typeof ACTION_NUMBERS, Read>> = {
  send: (item, lost) => {
    const to = first(item, 'messageto')?.trim();
    if (to === undefined) return lost('a message without an address');
    const from = first(item, 'messagefrom')?.trim();
    const subject = first(item, 'messagesubject');
    const text = item.fields.get('messagetext') ?? '';
    return {
      send: {
        to,
        ...(from === undefined ? {} : { from }),
        ...(subject === undefined ? {} : { subject }),
        text,
      },
    };
  },
  forward: (item, lost) => {
    const to = addressesIn(first(item, 'email', 'forward', 'forwardto', 'to'));
    return to === undefined ? lost('a forward without an address') : { forward: to };
  },
  copy: (item, lost) => {
    const to = addressesIn(first(item, 'email', 'copy', 'copyto', 'to'));
    return to === undefined ? lost('a copy without an address') : { copy: to };
  },
  folder: (item, lost) => {
    const folder = first(item, 'folder')?.trim().replaceAll('\\', '/') ?? '';
    return /^[^/@\s]+@[^/\s]+\/.+$/.test(folder)
      ? { folder }
      : lost(`the folder "${folder.slice(0, 60)}" is not of the form user@domain/Folder`);
  },
  priority: (item, lost) => {
    const priority = PRIORITIES[Number(first(item, 'priority') ?? NaN)];
    return priority === undefined ? lost('the priority is not known') : { priority };
  },
  respond: (item, lost) => {
    const text = first(item, 'messagetext', 'text', 'respond', 'response');
    const subject = first(item, 'messagesubject', 'subject');
    if (text === undefined) return lost('a response without a text');
    return { respond: subject === undefined ? text : { text, subject } };
  },
  header: (item, lost) => {
    const edits = editsIn(item).flatMap((each) => headerEdit(each, lost));
    return edits.length === 0 ? undefined : edits;
  },
  execute: (item, lost) => {
    const target = first(
      item,
      'executable',
      'application',
      'execute',
      'exec',
      'url',
      'path',
      'value',
    )?.trim();
    if (target === undefined) return lost('it executes nothing');
    if (/^https?:\/\//i.test(target)) return { url: target };
    if (/\.(?:dll|so)$/i.test(target)) return lost(`the library "${target.slice(0, 60)}" cannot be called`);
    const given = first(item, 'parameters', 'params', 'arguments', 'args') ?? '';
    return { program: { run: [target, ...argumentsIn(given)] } };
  },
  headerFooter: (item, lost) => {
    const before = first(item, 'headertext', 'header');
    const after = first(item, 'footertext', 'footer');
    if (before === undefined && after === undefined) return lost('a header and footer without a text');
    return [
      ...(before === undefined ? [] : [{ prepend: before }]),
      ...(after === undefined ? [] : [{ append: after }]),
    ];
  },
  sql: (item, lost) => {
    const statement = first(item, 'statement', 'sql', 'query');
    const connection = first(item, 'connection', 'connectionstring', 'dsn', 'database')?.trim();
    if (statement === undefined || connection === undefined)
      return lost('SQL without a statement or a connection');
    return { sql: { connection, statement } };
  },
  message: (item, lost) => {
    const number = Number(first(item, 'messageactiontype') ?? NaN);
    if (number === MESSAGE_ACTIONS.accept) return 'accept';
    if (number === MESSAGE_ACTIONS.delete) return 'delete';
    if (number === MESSAGE_ACTIONS.reject) return 'reject';
    const label = FOREIGN_MESSAGE_ACTIONS[number];
    return lost(
      label === undefined
        ? 'what is to become of the message is not known'
        : `"${label}" means nothing for text messages`,
    );
  },
  stop: () => 'stop',
};

function addressesIn(text: string | undefined): string | readonly string[] | undefined {
  const found = (text ?? '')
    .split(';')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  const [only] = found;
  return found.length > 1 ? found : only;
}

/** Edits stand in `headers` as items; one alone may stand in the action itself. */
function editsIn(item: XmlElement): readonly XmlElement[] {
  const list = item.children.find(({ name }) => name === 'headers');
  if (list === undefined) return item.fields.has('header') ? [item] : [];
  return list.children.flatMap((each) =>
    each.fields.has('header') ? [each] : each.children.filter(({ fields }) => fields.has('header')),
  );
}

function headerEdit({ fields }: XmlElement, lost: (text: string) => undefined): ActionEntry[] {
  const name = (fields.get('header') ?? '').trim().replace(/:$/, '').trim();
  if (!/^[!-9;-~]{1,76}$/.test(name)) {
    lost(`"${name.slice(0, 60)}" is not the name of a header field`);
    return [];
  }
  const regex = flag(fields.get('hasregex'), false) ? (fields.get('regex') ?? '') : '';
  if (flag(fields.get('editheadertype'), false)) {
    return [{ deleteHeader: regex === '' ? name : { name, regex } }];
  }
  const value = fields.get('value') ?? '';
  if (regex === '') return [{ setHeader: { name, value } }];
  return [{ rewrite: { in: name, regex, with: value } }];
}

/** Arguments as a command line has them: separated by spaces, a quoted one may hold some. */
function argumentsIn(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
