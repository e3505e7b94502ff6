/** Octets of a user name: a mail address fits (RFC 5321 4.5.3.1), with room. */
const NAME_OCTETS = 320;
/** Octets of a password or token: tokens of some providers have 4 KB. */
const SECRET_OCTETS = 8192;

/** Control, unassigned and invisible characters; spaces other than the plain one. */
const UNUSUAL = /[\p{C}\p{Default_Ignorable_Code_Point}]|(?! )\p{Z}/u;

/**
 * The one spelling of a user name that is asked for, or undefined where a name has several.
 *
 * A directory or mail server may find the same user by many spellings: it folds case, drops invisible characters,
 * squeezes spaces and normalises compatibility characters (RFC 4518 2, RFC 8265 3). Each spelling would be an account of
 * its own here, with limits of its own. So case is folded, and a name that is changed by the rest is not asked for.
 */
export function plainName(user: string): string | undefined {
  const name = user.toLowerCase();
  if (name === '' || Buffer.byteLength(name) > NAME_OCTETS) return undefined;
  if (UNUSUAL.test(name) || name !== name.trim() || name.includes('  ')) return undefined;
  if (name.normalize('NFKC') !== name || name.toUpperCase().toLowerCase() !== name) return undefined;
  return name;
}

/** Whether a password can be asked for at all: an empty one proves nothing anywhere (RFC 4513 5.1.2), and NUL ends SASL PLAIN's fields (RFC 4616 2). */
export function isAskable(secret: string): boolean {
  return secret !== '' && !secret.includes('\0') && Buffer.byteLength(secret) <= SECRET_OCTETS;
}

/** A bearer token as RFC 6750 2.1 spells it. */
export function isBearerToken(token: string): boolean {
  return /^[A-Za-z0-9._~+/-]+=*$/.test(token) && token.length <= SECRET_OCTETS;
}
