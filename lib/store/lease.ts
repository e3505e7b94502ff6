/** Proof that the caller holds the work: a call shows it, and is refused (`false`) when somebody else holds it by now. */
export interface Lease {
  readonly id: string;
  readonly token: string;
}

/** Who takes, until when, and how many. */
export interface TakeRequest {
  readonly now: number;
  readonly until: number;
  readonly limit: number;
}
