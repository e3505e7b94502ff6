/** Something about a place in a file of IceWarp. */
export interface Finding {
  /** Path below the directory that is read, with `/`. */
  readonly file: string;
  /** From 1; absent where it is the file as a whole. */
  readonly line?: number;
  /** From 1, in characters: where the field begins. */
  readonly column?: number;
  /** The field's name in IceWarp's documentation: `maxsend`. */
  readonly field?: string;
  readonly message: string;
}

/** `config/smsusers.dat:3:12: expire: "x" is not a date`, as compilers print it. */
export function printFinding({ file, line, column, field, message }: Finding): string {
  const place = [file, line, column].filter((each) => each !== undefined).join(':');
  return `${place}: ${field === undefined ? '' : `${field}: `}${message}`;
}
