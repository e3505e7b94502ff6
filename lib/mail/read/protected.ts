import { Fault } from '../../base/errors.ts';
import { type Entity, leavesOf } from './entity.ts';

/** Signed and encrypted mail: the first is read without its signature, the second cannot be read and says so. */

const SIGNED = /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n/m;
const SIGNATURE = /^-----BEGIN PGP SIGNATURE-----/m;
const ENCRYPTED = /^\s*-----BEGIN PGP MESSAGE-----/;

/** The text inside a cleartext signature (RFC 9580 section 7), dash-escapes undone; other text as it is. */
export function withoutPgp(text: string): string {
  if (!text.includes('-----BEGIN PGP SIGNED')) return text;
  const start = SIGNED.exec(text);
  if (start === null) return text;
  const inner = text.slice(start.index + start[0].length);
  const end = SIGNATURE.exec(inner);
  return text.slice(0, start.index) + inner.slice(0, end?.index).replace(/^- /gm, '');
}

/** @throws {Fault} mail.malformed for a mail that is encrypted by PGP/MIME (RFC 3156 4) or S/MIME (RFC 8551 3.3). */
export function refuseEncrypted(entity: Entity): void {
  if (entity.type === 'multipart/encrypted') throw encrypted('PGP/MIME');
  for (const { type, params } of leavesOf(entity)) {
    if (
      /^application\/(?:x-)?pkcs7-mime$/.test(type) &&
      /^(?:auth)?enveloped-data$/i.test(params['smime-type'] ?? '')
    ) {
      throw encrypted('S/MIME');
    }
  }
}

/**
 * @throws {Fault} mail.malformed for a text that is nothing but an encrypted message.
 */
export function refuseEncryptedText(text: string): void {
  if (ENCRYPTED.test(text)) throw encrypted('PGP');
}

/** What the sender of an encrypted mail is told. */
export function encrypted(by: string): Fault {
  return new Fault('mail.malformed', { told: `the mail is encrypted (${by}) and cannot be read here` });
}
