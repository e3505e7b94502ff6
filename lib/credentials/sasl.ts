import type { Secret } from '../base/secret.ts';

/** First responses of SASL mechanisms in base64. They hold the secret: they are for the wire alone. */

/** PLAIN, RFC 4616 2, with no authorisation identity. */
export function plainResponse(user: string, password: Secret): string {
  return Buffer.from(`\0${user}\0${password.open()}`, 'utf8').toString('base64');
}

/** OAUTHBEARER, RFC 7628 3.1. `user` is escaped as a saslname (RFC 5801 4). */
export function oauthBearerResponse(user: string, token: Secret): string {
  const name = user.replaceAll('=', '=3D').replaceAll(',', '=2C');
  return Buffer.from(`n,a=${name},\x01auth=Bearer ${token.open()}\x01\x01`, 'utf8').toString('base64');
}

/** XOAUTH2, as Google and Microsoft document it. */
export function xoauth2Response(user: string, token: Secret): string {
  return Buffer.from(`user=${user}\x01auth=Bearer ${token.open()}\x01\x01`, 'utf8').toString('base64');
}
