/** A value that conditions look at; its lower case is made once, since most of them do not mind case. */
export class Field {
  readonly text: string;
  #lower: string | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get lower(): string {
    return (this.#lower ??= this.text.toLowerCase());
  }
}
