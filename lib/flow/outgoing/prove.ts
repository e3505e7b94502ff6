import type { Account } from '../../accounts/account.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import { Fault, asFault } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { SenderProof } from './sender-proof.ts';
import type { MailSubmission, Payer, Recipient, Session } from './door.ts';

/** Who pays for recipients that were let in on the word that the mail itself would prove its sender. */
export class Prove {
  readonly #deps: ProveDeps;

  constructor(deps: ProveDeps) {
    this.#deps = deps;
  }

  /**
   * The recipients, those that wait for the mail's own proof with the account that it proves. Where it proves none, it
   * reaches nobody on a list, by mail no more than by phone.
   */
  async recipients(session: Session, mail: MailSubmission): Promise<ProvenRecipients> {
    if (!mail.recipients.some(isWaiting)) return { recipients: mail.recipients };
    const { account, once } = await this.#provenAccount(session, mail);
    const payer: Payer =
      account instanceof Fault ? { kind: 'refused', fault: account } : { kind: 'account', account };
    const recipients = mail.recipients.map((recipient) => ({
      ...recipient,
      ...(recipient.poster?.kind === 'unproven' && {
        poster: payer,
        mails: payer.kind === 'refused' ? [] : recipient.mails,
      }),
      targets: recipient.targets.map((target) =>
        target.payer.kind === 'unproven' ? { ...target, payer } : target,
      ),
    }));
    return once === undefined ? { recipients } : { recipients, once };
  }

  /** The account whose mail this is, or why there is none. Throws where that cannot be said now. */
  async #provenAccount(
    session: Session,
    { sender, recipients, raw }: MailSubmission,
  ): Promise<{ readonly account: Account | Fault; readonly once?: string }> {
    const { senderProof, accounts, log } = this.#deps;
    if (senderProof === undefined) return { account: new Fault('auth.required') };
    const { remote, helo = '' } = session;
    const proof = await senderProof.prove({
      remote,
      helo,
      ...(sender === undefined ? {} : { sender }),
      raw,
      recipients: recipients.filter(isWaiting).map(({ address }) => address),
    });
    log.info({ sender, from: proof.from, proof: proof.summary }, 'looked at the proof of the sender');
    if (proof.temporary) throw new Fault('auth.unavailable', { told: 'the sender cannot be checked now' });
    let refused = new Fault('auth.required', {
      told: `authentication is needed to send to a phone, and the mail does not prove its sender (${proof.summary})`,
    });
    for (const user of proof.from === undefined ? [] : await accounts.provenBy(proof.from)) {
      try {
        const account = accounts.admit(await accounts.of(user));
        return proof.once === undefined ? { account } : { account, once: proof.once };
      } catch (error) {
        refused = asFault(error);
      }
    }
    return { account: refused };
  }
}

export interface ProvenRecipients {
  readonly recipients: readonly Recipient[];
  /** Names the mail, where it proved its sender: it counts once for each phone. */
  readonly once?: string;
}

function isWaiting({ poster, targets }: Recipient): boolean {
  return poster?.kind === 'unproven' || targets.some(({ payer }) => payer.kind === 'unproven');
}

export interface ProveDeps {
  readonly accounts: Accounts;
  /** Absent: no mail proves anything. */
  readonly senderProof: SenderProof | undefined;
  readonly log: Log;
}
