import { Command } from 'commander';
import { hashPassword } from '../../lib/accounts/password.ts';
import { given } from '../../lib/base/given.ts';
import { systemRandom } from '../../lib/base/random.ts';
import type { AccountView } from '../../lib/flow/operator/views/account.ts';
import type { ApiClient } from '../../lib/servers/http/client.ts';
import { allPages, type PlaceOptions, openControl, withPlace } from '../control.ts';
import { wholeNumber } from '../options.ts';
import { readPassword } from '../password.ts';
import { oneLine, table, when } from '../table.ts';

/** Who may send: `john`, `@example.com` (all users there that have no account of their own), `*` (everybody else). */
export function accountsCommand(): Command {
  const accounts = new Command('accounts').description(
    'see who may send; add, change and remove accounts, set passwords and counters',
  );
  withPlace(
    accounts
      .command('ls', { isDefault: true })
      .description('list accounts: those of the configuration file, then those kept in the store')
      .option('--json', 'one JSON object a line'),
  ).action(list);
  withPlace(
    accounts
      .command('show <user>')
      .description('one account with all its settings')
      .option('--json', 'as a JSON object'),
  ).action(show);
  withSettings(
    withPlace(
      accounts
        .command('add <user>')
        .description('add an account; @domain or * sets what holds for users without one')
        .option('--password', 'ask for its password, or read it from standard input')
        .option('--blank-password', 'it needs no password, where auth.blankPasswords is set'),
    ),
  ).action(async (user: string, options: ChangeOptions) => {
    const control = await openControl(options);
    const password = await passwordOf(user, options.password === true, options.blankPassword === true);
    const settings = { user, ...settingsOf(options) };
    await control('POST /accounts', { body: given({ settings, password }) });
  });
  withSettings(
    withPlace(
      accounts
        .command('set <user>')
        .description('change settings of an account; the others stay')
        .option('--clear <settings>', 'take these away: gateway,expire,...', listed),
    ),
  ).action(async (user: string, options: ChangeOptions) => {
    const control = await openControl(options);
    const cleared = Object.fromEntries((options.clear ?? []).map((name) => [name, null]));
    const settings = { ...cleared, ...settingsOf(options) };
    if (Object.keys(settings).length === 0)
      throw new Error('nothing to change; see "mailsms accounts set --help"');
    await control('PATCH /accounts/:user', { path: { user }, body: settings });
  });
  withPlace(accounts.command('rm <user...>').description('remove accounts')).action(
    async (users: string[], place: PlaceOptions) => {
      const control = await openControl(place);
      for (const user of users) await control('DELETE /accounts/:user', { path: { user } });
    },
  );
  withPlace(
    accounts
      .command('passwd <user>')
      .description('set its password: typed, or the first line of standard input')
      .option('--none', 'take it away: it cannot log in by a password of its own any more')
      .option('--blank', 'make it blank: none is asked for, where auth.blankPasswords is set'),
  ).action(async (user: string, options: PlaceOptions & { none?: boolean; blank?: boolean }) => {
    const control = await openControl(options);
    const { none = false, blank = false } = options;
    if (none && blank) throw new Error('either --none or --blank');
    const password = none ? null : ((await passwordOf(user, !blank, blank)) ?? null);
    await control('PUT /accounts/:user/password', { path: { user }, body: { password } });
  });
  withPlace(
    accounts
      .command('reset <user>')
      .description('set what it has sent this month')
      .option('--sent <n>', 'SMS', wholeNumber, 0),
  ).action(async (user: string, options: PlaceOptions & { sent: number }) => {
    const control = await openControl(options);
    await control('PUT /accounts/:user/sent', { path: { user }, body: { sent: options.sent } });
  });
  accounts
    .command('hash')
    .description('print the hash of a password, for the configuration file; needs no running gateway')
    .action(async () => {
      process.stdout.write(
        `${await hashPassword(await readPassword('the configuration file'), systemRandom)}\n`,
      );
    });
  return accounts;
}

interface ChangeOptions extends PlaceOptions {
  readonly password?: boolean;
  readonly blankPassword?: boolean;
  readonly clear?: string[];
  readonly inactive?: boolean;
  readonly active?: boolean;
  readonly [name: string]: unknown;
}

/** Asked for, or blank; undefined where there is to be none. */
async function passwordOf(user: string, asked: boolean, blank: boolean): Promise<string | undefined> {
  if (asked && blank) throw new Error('either --password or --blank-password');
  if (blank) return '';
  return asked ? (await readPassword(user)).open() : undefined;
}

/** Option, setting and how it is read. One line to add one. */
const SETTINGS: readonly [flags: string, text: string, read?: (value: string) => unknown][] = [
  ['--monthly-limit <n>', 'SMS a calendar month; 0: no limit', wholeNumber],
  ['--daily-limit <n>', 'SMS a calendar day', wholeNumber],
  ['--minute-limit <n>', 'SMS in any 60 seconds', wholeNumber],
  ['--maxmsgs <n>', 'the most SMS that one mail may take (1-128)', wholeNumber],
  ['--gateway <id>', 'the gateway that all its messages go through'],
  ['--expire <date>', 'the day from whose start on it may not send: 2027-01-31'],
  ['--group <user>', 'the account whose password, gateway, limits and expiry it shares'],
  ['--allowed <list>', 'where it may send: +1,DE', listed],
  ['--denied <list>', 'where it may not send', listed],
  ['--alias <number>', 'its own phone number'],
  ['--sender <id>', 'caller id of all its messages; %alias% stands for the alias'],
  ['--template <text>', 'layout of its texts, such as "{subject}: {text}"'],
  ['--collapse <time>', 'equal texts within that time become one: 10m'],
  ['--mail-from <list>', 'mail from these addresses is its mail where DMARC proves it', listed],
  ['--description <text>', 'for people'],
];

function withSettings(command: Command): Command {
  for (const [flags, text, read] of SETTINGS) {
    if (read === undefined) command.option(flags, text);
    else command.option(flags, text, read);
  }
  return command.option('--inactive', 'lock it').option('--active', 'unlock it');
}

function settingsOf(options: ChangeOptions): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [flags] of SETTINGS) {
    const name = /^--([a-z-]+)/
      .exec(flags)?.[1]
      ?.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    if (name !== undefined && options[name] !== undefined) settings[name] = options[name];
  }
  if (options.inactive === true) settings['active'] = false;
  else if (options.active === true) settings['active'] = true;
  return settings;
}

async function list(options: PlaceOptions & { json?: boolean }): Promise<void> {
  const control = await openControl(options);
  const rows: string[][] = [];
  for await (const account of allAccounts(control)) {
    if (options.json === true) process.stdout.write(`${JSON.stringify(account)}\n`);
    else rows.push(row(account));
  }
  if (options.json === true) return;
  if (rows.length === 0) process.stdout.write('no accounts\n');
  else process.stdout.write(table(HEAD, rows));
}

const HEAD = [
  'ACCOUNT',
  'STATE',
  'LIMIT',
  'SENT',
  'PREVIOUS',
  'LAST SENT',
  'EXPIRES',
  'GATEWAY',
  'FROM',
  'DESCRIPTION',
];
const PAGE = 500;

export function allAccounts(control: ApiClient): AsyncGenerator<AccountView> {
  return allPages(
    (after) => control('GET /accounts', { query: { limit: PAGE, ...after } }),
    ({ accounts }) => accounts,
  );
}

function row({ settings, source, hasPassword, sent, previous, lastSent }: AccountView): string[] {
  const text = (name: string): string => (settings[name] === undefined ? '-' : printed(settings[name]));
  const group = settings['group'] === undefined ? [] : [`in ${text('group')}`];
  const state = settings['active'] === false ? 'locked' : hasPassword ? 'password' : 'no password';
  return [
    text('user'),
    [state, ...group].join(', '),
    settings['monthlyLimit'] === 0 ? '-' : text('monthlyLimit'),
    String(sent),
    String(previous),
    lastSent === undefined ? '-' : when(lastSent),
    text('expire'),
    text('gateway'),
    source,
    settings['description'] === undefined ? '' : oneLine(text('description'), 40),
  ];
}

async function show(user: string, options: PlaceOptions & { json?: boolean }): Promise<void> {
  const control = await openControl(options);
  const account = await control('GET /accounts/:user', { path: { user } });
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(account, null, 2)}\n`);
    return;
  }
  const { settings, source, hasPassword, sent, previous, lastSent } = account;
  const facts: [string, string][] = [
    ...Object.entries(settings).map(([name, value]): [string, string] => [name, printed(value)]),
    ['password', hasPassword ? 'set' : 'none'],
    ['from', source === 'file' ? 'the configuration file' : 'the store'],
    ['sent this month', String(sent)],
    ['the month before', String(previous)],
    ...(lastSent === undefined ? [] : [['last sent', when(lastSent)] as [string, string]]),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  process.stdout.write(facts.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join(''));
}

function printed(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}

function listed(value: string): string[] {
  return value.split(',').map((each) => each.trim());
}
