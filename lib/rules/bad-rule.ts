/** Something in a rule that its schema cannot tell: becomes a problem with its place. */
export class BadRule extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A text with a variable that is not known. */
export class BadTemplate extends BadRule {}
