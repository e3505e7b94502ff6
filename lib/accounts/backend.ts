import type { Secret } from '../base/secret.ts';

/** Where a password is checked that mailsms does not keep itself. */
export interface PasswordBackend {
  readonly name: string;
  /**
   * Resolves with the proven user's canonical name, or undefined where user and password do not match. Throws
   * `auth.unavailable` where the backend can't say.
   */
  verify(user: string, password: Secret): Promise<string | undefined>;
  /** Optional: OAuth bearer tokens (RFC 7628). */
  verifyToken?(user: string, token: Secret): Promise<string | undefined>;
  close(): Promise<void>;
}
