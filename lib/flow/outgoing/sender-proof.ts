/** What says whether a mail comes from whom it says (SPF, DKIM, DMARC). Implemented by senderproof/. */
export interface SenderProof {
  prove(mail: {
    readonly remote: string;
    readonly helo: string;
    readonly sender?: string;
    readonly raw: Uint8Array;
    /** Its recipients here: a signature that was made for others proves nothing. */
    readonly recipients: readonly string[];
  }): Promise<Proof>;
}

export interface Proof {
  /** Names the proven mail: it counts once for each phone. */
  readonly once?: string;
  /** The header From address that is proved: DMARC passes for it. */
  readonly from?: string;
  /** It could not be said now: no answer from the DNS. */
  readonly temporary: boolean;
  /** For the log and the sender: `dmarc=fail spf=softfail dkim=none`. */
  readonly summary: string;
}
