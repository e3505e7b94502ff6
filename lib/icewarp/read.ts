import { Secret } from '../base/secret.ts';
import { type FieldName, type ReadLine, type Row, readLine } from './line.ts';
import { type Place, placeOf } from './place.ts';
import type { Finding } from './problem.ts';
import { decodeFile, linesOf } from './text.ts';

/**
 * The accounts that IceWarp's files keep.
 *
 * Users of the SMS service stand in smsusers.dat. A mail user's settings are those of the first sms.dat: the user's own,
 * the domain's, everybody's; mail users are counted in smsstat.dat. Every line that cannot be read is named; the others
 * are read all the same, and whoever calls decides whether that is enough.
 */
export interface SourceFile {
  /** Below the directory, with `/`. */
  readonly path: string;
  readonly octets: Uint8Array;
}

export interface FoundAccount {
  readonly user: string;
  readonly file: string;
  readonly line: number;
  /** Where each field begins, for what else may be found wrong with it. */
  readonly columns: Readonly<Record<FieldName, number>>;
  /** In the words of the configuration file; null: not set. Absent: only its counters are known. */
  readonly settings?: FoundSettings;
  /** Empty: none is asked for. */
  readonly password?: Secret;
  readonly counters?: FoundCounters;
  readonly notes: readonly string[];
}

export interface FoundSettings {
  readonly gateway: string | null;
  readonly description: string | null;
  readonly monthlyLimit: number;
  readonly expire: string | null;
  readonly active: boolean;
}

/** `sent` counts the month of `lastSent` (milliseconds since 1970), `previous` the one before. */
export interface FoundCounters {
  readonly sent: number;
  readonly previous: number;
  readonly lastSent?: number;
}

export interface ReadOptions {
  /** What each gateway of IceWarp is called here; those that are not named keep their names. Blank: none. */
  readonly gateways: ReadonlyMap<string, string>;
  /** Gateways that accounts may be pinned to. */
  readonly known: readonly string[];
}

export interface FoundAccounts {
  readonly accounts: readonly FoundAccount[];
  readonly bad: readonly Finding[];
  /** What could be read, and how, where that is not plain. */
  readonly notes: readonly Finding[];
}

export function readAccounts(files: readonly SourceFile[], options: ReadOptions): FoundAccounts {
  const reading = new Reading(options);
  const placed = files.flatMap(({ path, octets }) => {
    const place = placeOf(path);
    return place === undefined ? [] : [{ path, octets, place }];
  });
  // Counters are put beside accounts, so those are read first.
  for (const kind of ['users', 'level', 'counters'] as const) {
    for (const file of placed) if (file.place.kind === kind) reading.file(file.path, file.octets, file.place);
  }
  return { accounts: [...reading.accounts.values()], bad: reading.bad, notes: reading.notes };
}

class Reading {
  readonly accounts = new Map<string, FoundAccount>();
  readonly bad: Finding[] = [];
  readonly notes: Finding[] = [];
  /** Where the counters of mail users were found. */
  readonly #counted = new Map<string, string>();
  readonly #options: ReadOptions;
  readonly #aliases: ReadonlyMap<string, string>;
  readonly #known: ReadonlyMap<string, string>;

  constructor(options: ReadOptions) {
    this.#options = options;
    this.#aliases = new Map([...options.gateways].map(([from, to]) => [from.toLowerCase(), to]));
    this.#known = new Map(options.known.map((id) => [id.toLowerCase(), id]));
  }

  file(file: string, octets: Uint8Array, place: Place): void {
    const text = decodeFile(octets);
    if (text === undefined) {
      this.bad.push({ file, message: 'is no text: it holds NUL octets' });
      return;
    }
    const lines = linesOf(text);
    const [, second] = lines;
    if (place.kind === 'level' && second !== undefined) {
      this.bad.push({ file, line: second.number, message: 'a second record; the file of a level holds one' });
    }
    for (const { number, text: line } of place.kind === 'level' ? lines.slice(0, 1) : lines) {
      const read = readLine(line, {
        file,
        line: number,
        level: place.kind === 'level',
        isGateway: (name) => this.#isGateway(name),
      });
      this.bad.push(...read.bad);
      if (read.row === undefined) this.notes.push(...read.notes);
      else this.#take(read as ReadLine & { row: Row }, { file, line: number }, place);
    }
  }

  #take(read: ReadLine & { row: Row }, at: { file: string; line: number }, place: Place): void {
    if (place.kind === 'users') this.#user(read, at);
    else if (place.kind === 'level') this.#level(read, at, place.user);
    else if (place.kind === 'counters') this.#counters(read, at, place.of);
  }

  #user({ row, columns, notes }: ReadLine & { row: Row }, at: { file: string; line: number }): void {
    const { user, password } = row;
    if (user === '' || user === '*' || user.startsWith('@')) {
      const message = user === '' ? 'is blank' : `"${user}" would stand for many users`;
      this.bad.push({ ...at, column: columns.user, field: 'user', message });
      return;
    }
    const settings = this.#settings(row, columns, at);
    if (settings === undefined) return;
    this.#add({
      ...at,
      user,
      columns,
      settings,
      password: new Secret(password),
      counters: countersOf(row),
      notes: notes.map(brief),
    });
  }

  #level({ row, columns, notes }: ReadLine & { row: Row }, at: { file: string; line: number }, user: string) {
    const settings = this.#settings(row, columns, at);
    if (settings === undefined) return;
    const more: string[] = [];
    if (row.user.trim() !== '' || row.password !== '') {
      more.push('user and password in it mean nothing: the file is that of a level');
    }
    if (row.sent > 0 || row.prevsent > 0) more.push('its counters mean nothing: smsstat.dat holds them');
    this.#add({ ...at, user, columns, settings, notes: [...notes.map(brief), ...more] });
  }

  #counters(
    { row, columns, notes }: ReadLine & { row: Row },
    at: { file: string; line: number },
    of: string,
  ) {
    const own = row.user === '' && of !== '*' && !of.startsWith('@') ? of : row.user;
    const user = of.startsWith('@') && own !== '' && !own.includes('@') ? `${own}${of}` : own;
    if (user === '' || user === '*' || user.startsWith('@')) {
      const message = user === '' ? 'is blank' : `"${user}" is nobody who sends`;
      this.bad.push({ ...at, column: columns.user, field: 'user', message });
      return;
    }
    const name = user.toLowerCase();
    const found = this.accounts.get(name);
    const counters = countersOf(row);
    const twice = this.#counted.get(name);
    if (twice !== undefined) {
      const message = `"${user}" is counted twice: first in ${twice}`;
      this.bad.push({ ...at, column: columns.user, field: 'user', message });
      return;
    }
    this.#counted.set(name, `${at.file}:${at.line}`);
    if (found === undefined) {
      this.#add({ ...at, user, columns, counters, notes: [...notes.map(brief), 'counters only'] });
    } else if (found.counters === undefined) {
      const told = [...notes.map(brief), `counters from ${at.file}:${at.line}`];
      this.accounts.set(name, { ...found, counters, notes: [...found.notes, ...told] });
    } else {
      this.notes.push({ ...at, message: `"${user}" is counted in ${found.file}; this line means nothing` });
    }
  }

  #add(account: FoundAccount): void {
    const { user, file, line, columns } = account;
    const first = this.accounts.get(user.toLowerCase());
    if (first === undefined) {
      this.accounts.set(user.toLowerCase(), account);
      return;
    }
    const message = `"${user}" stands twice: first in ${first.file}:${first.line}`;
    this.bad.push({ file, line, column: columns.user, field: 'user', message });
  }

  #settings(row: Row, columns: ReadLine['columns'], at: { file: string; line: number }) {
    const { gateway: written, description, maxsend, expire, inactive } = row;
    const gateway = this.#gateway(written);
    if (gateway === undefined) {
      const ids = this.#options.known.join(', ');
      this.bad.push({
        ...at,
        column: columns.gateway,
        field: 'gateway',
        message: `no gateway "${written}" in mailsms, which has ${ids}; add it, or say --gateway "${written}=ID"`,
      });
      return undefined;
    }
    return {
      gateway: gateway === '' ? null : gateway,
      description: description === '' ? null : description,
      monthlyLimit: maxsend,
      expire: expire ?? null,
      active: !inactive,
    };
  }

  /** The name that it has here; undefined where there is none. */
  #gateway(written: string): string | undefined {
    if (written === '') return '';
    const name = this.#aliases.get(written.toLowerCase()) ?? written;
    return name === '' ? '' : this.#known.get(name.toLowerCase());
  }

  #isGateway(name: string): boolean {
    return this.#aliases.has(name.toLowerCase()) || this.#known.has(name.toLowerCase());
  }
}

function countersOf({ sent, prevsent, lastsent }: Row): FoundCounters {
  return { sent, previous: prevsent, ...(lastsent === undefined ? {} : { lastSent: lastsent }) };
}

/** A note beside the account whose line it is about. */
function brief({ field, message }: Finding): string {
  return field === undefined ? message : `${field}: ${message}`;
}
