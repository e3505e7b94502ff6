/** One action of ours, as the fields of items. */
import type { ActionName } from '../actions/actions.ts';
import { type Fields, NoCounterpart } from './no-counterpart.ts';
import { ACTION_NUMBERS, MESSAGE_ACTIONS, PRIORITIES } from './numbers.ts';

/** Throws NoCounterpart. */
export function writtenAction(name: ActionName, settings: unknown): readonly Fields[] {
  const write = WRITERS[name];
  if (write === undefined) throw new NoCounterpart(`the action "${name}" has no counterpart`);
  return [write(settings)];
}

type Write = (settings: unknown) => Fields;

function action(kind: keyof typeof ACTION_NUMBERS, ...fields: Fields): Fields {
  const { number, classname } = ACTION_NUMBERS[kind];
  return [['classname', classname], ['actiontype', number], ...fields];
}

function message(kind: keyof typeof MESSAGE_ACTIONS): Fields {
  return action('message', ['messageactiontype', MESSAGE_ACTIONS[kind]]);
}

const WRITERS: Readonly<Partial<Record<ActionName, Write>>> = {
  accept: () => message('accept'),
  delete: () => message('delete'),
  reject: (settings) => {
    if (settings !== true) throw new NoCounterpart('the text of a rejection has no counterpart');
    return message('reject');
  },
  stop: () => action('stop'),
  forward: (settings) => action('forward', ['email', joined(settings)]),
  copy: (settings) => action('copy', ['email', joined(settings)]),
  archive: (settings) => action('copy', ['email', joined(settings)]),
  folder: (settings) => action('folder', ['folder', String(settings)]),
  priority: (settings) => {
    const found = Object.entries(PRIORITIES).find(([, ours]) => ours === settings);
    if (found === undefined) throw new NoCounterpart(`the priority ${String(settings)} has no counterpart`);
    return action('priority', ['priority', Number(found[0])]);
  },
  send: (settings) => {
    const {
      to,
      from = '',
      subject = '',
      text,
    } = settings as Record<'to' | 'text', string> & {
      from?: string;
      subject?: string;
    };
    return action(
      'send',
      ['messagefrom', from],
      ['messageto', to],
      ['messagesubject', subject],
      ['messagetext', text],
    );
  },
  respond: (settings) => {
    const { text, subject = '' } =
      typeof settings === 'string' ? { text: settings } : (settings as { text: string; subject?: string });
    return action('respond', ['messagesubject', subject], ['messagetext', text]);
  },
  route: (settings) =>
    edit(
      ['header', 'To'],
      ['hasregex', true],
      ['regex', '^([^@&]*)(?:@[^&]*)?(.*)$'],
      ['value', `$1@${String(settings)}$2`],
    ),
  setHeader: (settings) => {
    const { name, value } = settings as { name: string; value: string };
    return edit(['header', name], ['hasregex', false], ['regex', ''], ['value', value]);
  },
  rewrite: (settings) => {
    const {
      in: where,
      regex,
      with: value,
      all,
      case: exact,
    } = settings as {
      in: string;
      regex: string;
      with: string;
      all?: boolean;
      case?: boolean;
    };
    if (where.toLowerCase() === 'body') throw new NoCounterpart('a rewrite of the text has no counterpart');
    if (all === true) throw new NoCounterpart('a rewrite of every place has no counterpart');
    if (exact === true) throw new NoCounterpart('a rewrite that minds case has no counterpart');
    return edit(['header', where], ['hasregex', true], ['regex', regex], ['value', value]);
  },
  deleteHeader: (settings) => {
    const { name, regex = '' } =
      typeof settings === 'string' ? { name: settings } : (settings as { name: string; regex?: string });
    return action('header', [
      'headers',
      [
        [
          ['editheadertype', 1],
          ['header', name],
          ['hasregex', regex !== ''],
          ['regex', regex],
          ['value', ''],
        ],
      ],
    ]);
  },
  prepend: (settings) => action('headerFooter', ['headertext', String(settings)], ['footertext', '']),
  append: (settings) => action('headerFooter', ['headertext', ''], ['footertext', String(settings)]),
  program: (settings) => {
    const { run } = settings as { run: readonly string[] };
    const [program = '', ...rest] = run;
    if (rest.some((each) => each.includes('"')))
      throw new NoCounterpart('an argument with a quote has no counterpart');
    const parameters = rest.map((each) => (/\s|^$/.test(each) ? `"${each}"` : each)).join(' ');
    return action('execute', ['executable', program], ['parameters', parameters]);
  },
  url: (settings) => {
    const url = typeof settings === 'string' ? settings : (settings as { get?: string }).get;
    if (url === undefined) throw new NoCounterpart('a POST has no counterpart');
    if (typeof settings === 'object' && (settings as { headers?: unknown }).headers !== undefined) {
      throw new NoCounterpart('header fields of a request have no counterpart');
    }
    return action('execute', ['executable', url], ['parameters', '']);
  },
  sql: (settings) => {
    const { connection, statement } = settings as { connection: string; statement: string };
    return action('sql', ['connection', connection], ['statement', statement]);
  },
};

function edit(...fields: Fields): Fields {
  return action('header', ['headers', [[['editheadertype', 0], ...fields]]]);
}

function joined(settings: unknown): string {
  return typeof settings === 'string' ? settings : (settings as string[]).join(';');
}
