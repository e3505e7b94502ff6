import { Command } from 'commander';
import { FilesInTheWay, placeFiles } from '../../lib/icewarp/place-files.ts';
import { type ExportAccount, writeAccounts } from '../../lib/icewarp/write.ts';
import type { AccountView } from '../../lib/flow/operator/views/account.ts';
import { type PlaceOptions, openControl, withPlace } from '../control.ts';
import { allAccounts } from './accounts.ts';

/** Writes what is kept here as the files of another system. */
export function exportCommand(): Command {
  const command = new Command('export').description('write the accounts as files of another system');
  withPlace(
    command
      .command('icewarp <dir>')
      .description("write the accounts of the running gateway as IceWarp's SMS files")
      .option('--lock', 'write users whose password has to be left blank as inactive')
      .option('--force', 'replace files that no export wrote')
      .option('--json', 'one JSON object'),
  ).action(exportIceWarp);
  return command;
}

interface ExportOptions extends PlaceOptions {
  readonly lock?: true;
  readonly force?: true;
  readonly json?: true;
}

async function exportIceWarp(dir: string, options: ExportOptions): Promise<void> {
  const control = await openControl(options);
  const accounts: ExportAccount[] = [];
  for await (const account of allAccounts(control)) accounts.push(exportable(account));
  const { files, left, withoutPassword } = writeAccounts(accounts, { lock: options.lock === true });
  let placed;
  try {
    placed = await placeFiles(dir, files, { force: options.force === true });
  } catch (error) {
    if (!(error instanceof FilesInTheWay)) throw error;
    for (const path of error.paths) process.stderr.write(`${path}: is there already\n`);
    throw new Error(`${error.message}; nothing was written. --force replaces them.`, { cause: error });
  }
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ ...placed, left, withoutPassword })}\n`);
    return;
  }
  for (const path of placed.written) process.stdout.write(`${path}\n`);
  for (const path of placed.removed) process.stdout.write(`${path} removed: nothing stands in it any more\n`);
  for (const { user, what } of left) process.stderr.write(`${user}: ${what}\n`);
  process.stderr.write('Gateways and rules are not written: set them up in IceWarp.\n');
  if (withoutPassword.length > 0)
    process.stderr.write(passwordWarning(withoutPassword, options.lock === true));
}

const MOST_NAMED = 20;

function passwordWarning(users: readonly string[], locked: boolean): string {
  const named = users.slice(0, MOST_NAMED).join(', ');
  const more = users.length > MOST_NAMED ? `, and ${users.length - MOST_NAMED} more` : '';
  const state = locked
    ? 'They are written as inactive.'
    : 'Whoever reads a blank password as none lets them in without: give them new ones, or use --lock.';
  return `\nWARNING: ${users.length} PASSWORDS ARE BLANK in smsusers.dat, since only their hashes are kept.\n${state}\n${named}${more}\n`;
}

/** Settings with a place in IceWarp's files; the others are named. */
const PLACED = ['user', 'gateway', 'description', 'monthlyLimit', 'expire', 'active'];

function exportable({ settings, hasPassword, sent, previous, lastSent }: AccountView): ExportAccount {
  const text = (name: string): string | undefined => {
    const value = settings[name];
    return typeof value === 'string' ? value : undefined;
  };
  const optional = Object.fromEntries(
    (['gateway', 'description', 'expire'] as const)
      .map((name) => [name, text(name)] as const)
      .filter(([, value]) => value !== undefined),
  );
  return {
    ...optional,
    user: text('user') ?? '',
    monthlyLimit: typeof settings['monthlyLimit'] === 'number' ? settings['monthlyLimit'] : 0,
    active: settings['active'] !== false,
    hasPassword,
    sent,
    previous,
    ...(lastSent === undefined ? {} : { lastSent }),
    others: Object.keys(settings).filter((name) => !PLACED.includes(name)),
  };
}
