import { type KeyObject, createPrivateKey, sign } from 'node:crypto';
import type { SignContext } from './wire-request.ts';

const LIFETIME_S = 900;

/** A JSON Web Token (RFC 7519) signed by RS256 (RFC 7518 3.3), valid for a quarter of an hour. */
export function makeJwt(
  key: KeyObject,
  claims: Readonly<Record<string, string>>,
  { now, nonce }: SignContext,
): string {
  const time = Math.floor(now / 1000);
  const signed = [
    { typ: 'JWT', alg: 'RS256' },
    { ...claims, iat: time, exp: time + LIFETIME_S, jti: nonce },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

/** The private key of a PEM text; undefined where it is none for RS256. */
export function rsaKey(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}
