import { readFile, readdir, readlink, realpath } from 'node:fs/promises';
import { within, type Clock } from '../../base/clock.ts';

/**
 * Who else has a serial line open. Two programs on one line take each other's octets: what is seen of it is time-outs and
 * `+CMS ERROR: 304`, so whoever reports one of these asks here for what may be behind it.
 *
 * Linux shows it in /proc/PID/fd: those of other users' processes only to root. Of these the name alone is
 * known, which is enough to point at a program that is known to take modems. It is a hint: what cannot be read is passed over, and
 * nobody waits long for it.
 */
export interface Holder {
  readonly pid: number;
  /** As the system shows it: `ModemManager`, `node`. */
  readonly name: string;
  /** Seen with the line open; else it is only running, and what it has open is hidden from us. */
  readonly seen: boolean;
}

/** Programs that open modems by themselves. Linux keeps 15 characters of a name. */
const TAKERS = new Set([
  'ModemManager',
  'smsd',
  'gammu-smsd',
  'bearerbox',
  'wvdial',
  'pppd',
  'asterisk',
  'ofonod',
]);

const LOOK_TIMEOUT = 1_000;
const MOST_NAMED = 4;
const PROC = '/proc';

/**
 * One clause for people on who else has the line open: `/dev/ttyUSB0 is also open in ModemManager (process 812)`;
 * undefined where nobody is known to. Never rejects, and takes a second at most.
 */
export async function describeHolders(path: string, clock: Clock, proc = PROC): Promise<string | undefined> {
  const found = await within(clock, LOOK_TIMEOUT, findHolders(path, proc), () => new Error('late')).catch(
    () => [],
  );
  const seen = found.filter((holder) => holder.seen);
  const shown = seen.length > 0 ? seen : found;
  if (shown.length === 0) return undefined;
  const named = shown.slice(0, MOST_NAMED).map(({ name, pid }) => `${name} (process ${pid})`);
  const more = shown.length - named.length;
  const names = [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return seen.length > 0 ? `${path} is also open in ${names}` : `${path} may be open in ${names} too`;
}

/** Other processes that have the line open, or may have. Rejects where the system does not show processes. */
export async function findHolders(path: string, proc = PROC): Promise<Holder[]> {
  const line = await realpath(path);
  const found: Holder[] = [];
  for (const entry of await readdir(proc)) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const open = await hasOpen(`${proc}/${entry}/fd`, line);
    if (open === false) continue;
    const name = await nameOf(`${proc}/${entry}`);
    if (name !== undefined && (open === true || TAKERS.has(name))) {
      found.push({ pid, name, seen: open === true });
    }
  }
  return found;
}

/** Undefined where it is not for us to see. */
async function hasOpen(folder: string, line: string): Promise<boolean | undefined> {
  try {
    for (const fd of await readdir(folder)) {
      const target = await readlink(`${folder}/${fd}`).catch(() => undefined);
      if (target === line) return true;
    }
    return false;
  } catch (error) {
    // One that has ended meanwhile is not there any more.
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? undefined : false;
  }
}

async function nameOf(folder: string): Promise<string | undefined> {
  return readFile(`${folder}/comm`, 'utf8').then(
    (name) => name.trim(),
    () => undefined,
  );
}
