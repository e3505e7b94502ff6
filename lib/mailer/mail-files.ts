import { type KeyObject, X509Certificate, createPrivateKey } from 'node:crypto';
import { messageOf } from '../base/errors.ts';
import type { Finding } from '../settings/finding.ts';
import type { MailSettings } from './settings.ts';

/** Can the files of `mail` be used: the key that signs our mail, and the authorities for the relay's certificate? */
export async function checkMailFiles(
  { ca, dkim }: Pick<MailSettings, 'ca' | 'dkim'>,
  readFile: (path: string) => Promise<string>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const check = async (
    path: Finding['path'],
    file: string | undefined,
    wrong: (text: string) => Omit<Finding, 'path'> | undefined,
  ): Promise<void> => {
    if (file === undefined) return;
    try {
      const found = wrong(await readFile(file));
      if (found !== undefined) findings.push({ path, ...found });
    } catch (error) {
      findings.push({ path, message: `cannot be read: ${messageOf(error)}` });
    }
  };
  await check(['mail', 'ca'], ca, wrongAuthorities);
  await check(['mail', 'dkim', 'keyFile'], dkim?.keyFile, wrongKey);
  return findings;
}

function wrongAuthorities(text: string): Omit<Finding, 'path'> | undefined {
  try {
    void new X509Certificate(text);
    return undefined;
  } catch {
    return { message: 'holds no PEM certificate', hint: 'it begins with -----BEGIN CERTIFICATE-----' };
  }
}

/** RFC 8301 3.2: verifiers need not take shorter ones. */
const LEAST_BITS = 1024;

function wrongKey(text: string): Omit<Finding, 'path'> | undefined {
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch (error) {
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
      return { message: `holds a private key that cannot be read: ${messageOf(error)}` };
    }
    return { message: 'holds no PEM private key', hint: 'it begins with -----BEGIN PRIVATE KEY-----' };
  }
  const { asymmetricKeyType: type = '?', asymmetricKeyDetails: details } = key;
  if (type === 'ed25519') return undefined;
  if (type !== 'rsa') {
    return { message: `holds a key of type ${type}`, hint: 'DKIM knows rsa and ed25519' };
  }
  const bits = details?.modulusLength ?? 0;
  if (bits >= LEAST_BITS) return undefined;
  return { message: `holds an RSA key of ${bits} bits`, hint: `use ${LEAST_BITS} at least, better 2048` };
}
