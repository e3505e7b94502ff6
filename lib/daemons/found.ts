/** What a daemon's configuration says of gateways and users, as settings of mailsms. */
export interface Found {
  readonly gateways: readonly Settings[];
  readonly accounts: readonly Settings[];
  /** Every line that says something which is not taken over, with the reason. No values: they may be secrets. */
  readonly notes: readonly Note[];
}

/** An entry of `gateways` or `accounts`, in the order in which it is to be written. */
export type Settings = Readonly<Record<string, unknown>>;

export interface Note {
  readonly line: number;
  readonly message: string;
}

/** A setting in another daemon's file. */
export interface Line {
  readonly line: number;
  readonly key: string;
  readonly value: string;
}

/** Lines that stand together: `[GSM1]` of an INI file, a group of Kannel's. */
export interface Section {
  readonly name: string;
  readonly line: number;
  readonly lines: readonly Line[];
}

/**
 * A section that is being read: what nobody asks for is named in the end. Keys are told apart without case, as all three
 * daemons do.
 */
export class Reading {
  readonly #section: Section;
  readonly #taken = new Set<Line>();
  readonly #notes: Note[] = [];

  constructor(section: Section) {
    this.#section = section;
  }

  /** The value of a key: the last one, since a later line takes the place of an earlier one. Undefined where it is absent or empty. */
  take(...keys: readonly string[]): string | undefined {
    const found = this.#find(keys);
    return found === undefined || found.value === '' ? undefined : found.value;
  }

  /** Whether a switch is on. */
  isOn(key: string, byDefault: boolean): boolean {
    const value = this.take(key)?.toLowerCase();
    if (value === undefined) return byDefault;
    return /^(?:yes|true|on|1|enable)/.test(value);
  }

  /** Says why the value of a key cannot be used. */
  refuse(key: string, message: string): void {
    const found = this.#find([key]);
    if (found !== undefined) this.#notes.push({ line: found.line, message: `${key}: ${message}` });
  }

  /** What was refused, and what was not asked for, with the reason that `why` gives. */
  notes(why: (key: string) => string): readonly Note[] {
    const { name, lines } = this.#section;
    const left = lines.filter((each) => !this.#taken.has(each));
    return [
      ...this.#notes,
      ...left.map(({ line, key }) => ({
        line,
        message: `${name === '' ? '' : `${name}, `}${key}: ${why(key)}`,
      })),
    ];
  }

  #find(keys: readonly string[]): Line | undefined {
    const names = keys.map((key) => key.toLowerCase());
    const all = this.#section.lines.filter(({ key }) => names.includes(key.toLowerCase()));
    for (const each of all) this.#taken.add(each);
    return all.at(-1);
  }
}

/** Reasons by patterns of keys, the first that matches; else that mailsms has no such setting. */
export function reasons(...table: readonly (readonly [RegExp, string])[]): (key: string) => string {
  return (key) => table.find(([pattern]) => pattern.test(key))?.[1] ?? 'mailsms has no such setting';
}

/** A name as an id of ours: letters, digits, `_`, `.` and `-`, at most 32, unlike those that are taken. */
export function idFrom(name: string, taken: ReadonlySet<string>): string {
  const plain = name
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 28);
  const base = plain === '' ? 'gateway' : plain;
  for (let count = 1; ; count++) {
    const id = count === 1 ? base : `${base}-${count}`;
    if (!taken.has(id.toLowerCase())) return id;
  }
}
