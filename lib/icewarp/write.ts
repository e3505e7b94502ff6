import { cutAddress } from '../base/mail-address.ts';
import { writeDelphiDate } from './delphi.ts';
import { writeLine } from './line.ts';
import { levelPath } from './place.ts';

/**
 * Accounts as IceWarp's files.
 *
 * Users that log in with a password of ours, and those whose names are no mail addresses, are users of the SMS service:
 * they stand in smsusers.dat. The others have an sms.dat at their level, and are counted in smsstat.dat. What has no place
 * in these files is named, never dropped silently. Passwords are kept as hashes and cannot be written.
 */
export interface ExportAccount {
  readonly user: string;
  readonly gateway?: string;
  readonly description?: string;
  readonly monthlyLimit: number;
  readonly expire?: string;
  readonly active: boolean;
  readonly hasPassword: boolean;
  readonly sent: number;
  readonly previous: number;
  /** Milliseconds since 1970. */
  readonly lastSent?: number;
  /** What else is set: `dailyLimit`, `allowed`. */
  readonly others: readonly string[];
}

export interface Exported {
  /** By path below the directory. */
  readonly files: ReadonlyMap<string, string>;
  /** What is not in them, or not as it was. */
  readonly left: readonly { readonly user: string; readonly what: string }[];
  /** Users of smsusers.dat, whose passwords are blank in it. */
  readonly withoutPassword: readonly string[];
}

export interface WriteOptions {
  /** Users whose passwords are blank are written as inactive. */
  readonly lock: boolean;
}

export const USERS_FILE = 'config/smsusers.dat';
export const COUNTERS_FILE = 'config/smsstat.dat';

/** IceWarp runs on Windows more often than not. */
const END = '\r\n';

export function writeAccounts(accounts: readonly ExportAccount[], { lock }: WriteOptions): Exported {
  const users: string[] = [];
  const counted: string[] = [];
  const files = new Map<string, string>();
  const left: { user: string; what: string }[] = [];
  const withoutPassword: string[] = [];
  const paths = new Set<string>();
  for (const account of accounts) {
    const { user } = account;
    const level = user === '*' || user.startsWith('@');
    const own = !level && (account.hasPassword || !user.includes('@'));
    const path = own ? USERS_FILE : levelPath(user);
    const why =
      unwritable(user, own) ?? (!own && paths.has(path.toLowerCase()) ? 'its file is taken' : undefined);
    if (why !== undefined) {
      left.push({ user, what: `not exported at all: ${why}` });
      continue;
    }
    left.push(...lossesOf(account).map((what) => ({ user, what })));
    const { sent, previous, lastSent = 0 } = account;
    const counters = { sent, prevsent: previous, lastsent: Math.floor(lastSent / 1000) };
    const none = { sent: 0, prevsent: 0, lastsent: 0 };
    const row = {
      password: '',
      gateway: account.gateway ?? '',
      description: plain(account.description ?? ''),
      maxsend: account.monthlyLimit,
      expire: account.expire === undefined ? 0 : writeDelphiDate(account.expire),
      inactive: !account.active || (own && lock),
    };
    if (own) {
      users.push(writeLine({ ...row, ...counters, user }));
      withoutPassword.push(user);
      continue;
    }
    paths.add(path.toLowerCase());
    files.set(path, writeLine({ ...row, ...none, user: '' }) + END);
    if (level || (sent === 0 && previous === 0)) continue;
    const blank = { password: '', gateway: '', description: '', maxsend: 0, expire: 0, inactive: false };
    counted.push(writeLine({ ...blank, ...counters, user }));
  }
  if (users.length > 0) files.set(USERS_FILE, users.join(END) + END);
  if (counted.length > 0) files.set(COUNTERS_FILE, counted.join(END) + END);
  return { files, left, withoutPassword };
}

/** Why a name cannot stand in a line, or as the name of a folder. */
function unwritable(user: string, own: boolean): string | undefined {
  if (/[:\p{C}\p{Z}]/u.test(user)) return 'its name holds a colon, or what cannot be seen';
  if (own || user === '*') return undefined;
  const { local, domain = '' } = cutAddress(user);
  const folders = user.startsWith('@') ? [domain] : [local, domain];
  const odd = folders.some(
    (each) => /^\.*$/.test(each) || /[\\/*?"<>|]/.test(each) || Buffer.byteLength(each) > LONGEST_FOLDER,
  );
  return odd ? 'its name cannot be that of a folder' : undefined;
}

/** Octets that file systems allow in a name, and some to spare. */
const LONGEST_FOLDER = 240;

function lossesOf({ description = '', expire, others }: ExportAccount): string[] {
  const losses: string[] = [];
  if (others.length > 0) losses.push(`no place for ${others.join(', ')}`);
  if (plain(description) !== description) losses.push('description: colons and line breaks replaced');
  if (expire !== undefined && expire < FIRST_DAY) losses.push(`expire: ${expire} written as ${FIRST_DAY}`);
  return losses;
}

/** The first day that a Delphi date can tell from none. */
const FIRST_DAY = '1899-12-31';

function plain(description: string): string {
  return description
    .replaceAll(':', ';')
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/[\0-\x08\n-\x1f\x7f]/g, ' ');
}
