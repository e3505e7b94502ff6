/** A request has no response. `written`: the peer may have read it, so its outcome is unknown; else it never left. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly written: boolean;

  constructor(reason: string, written: boolean) {
    super(reason);
    this.written = written;
  }
}
