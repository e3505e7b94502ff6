import { Fault } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';

/** Where a password is checked that mailsms does not keep itself. */
export interface PasswordBackend {
  readonly name: string;
  /**
   * Resolves with the proven user's canonical name, or undefined where user and password do not match. Throws
   * `auth.unavailable` where the backend can't say, as a PartlyUnavailable where it is several and one of them refused.
   */
  verify(user: string, password: Secret): Promise<string | undefined>;
  /** It knows no passwords: that it does not prove one says nothing. */
  readonly tokensOnly?: true;
  /** Optional: OAuth bearer tokens (RFC 7628). */
  verifyToken?(user: string, token: Secret): Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Not proven: some who were asked said no, others could not be asked. The answer is temporary, but it tells as much as a
 * refusal does to somebody who guesses.
 */
export class PartlyUnavailable extends Fault {
  constructor(cause: Fault) {
    super('auth.unavailable', {
      told: cause.told,
      ...(cause.detail === undefined ? {} : { detail: cause.detail }),
      cause,
    });
  }
}
