/** What says whether a mail comes from whom it says (SPF, DKIM, DMARC). Implemented by senderproof/. */
export interface SenderProof {
  prove(mail: {
    readonly remote: string;
    readonly helo: string;
    readonly sender?: string;
    readonly raw: Uint8Array;
    /** The domains of its recipients, in lower case: a signature that was made for others proves nothing here. */
    readonly domains: readonly string[];
  }): Promise<Proof>;
}

export interface Proof {
  /** The header From address that is proved: DMARC passes for it. */
  readonly from?: string;
  /** It could not be said now: no answer from the DNS. */
  readonly temporary: boolean;
  /** For the log and the sender: `dmarc=fail spf=softfail dkim=none`. */
  readonly summary: string;
}
