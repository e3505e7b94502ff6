import { messageOf } from '../base/errors.ts';
import type { Finding } from '../settings/finding.ts';
import type { TlsFiles } from './smtp/section.ts';

/** Can the certificate be used: both files there, each what it should be, and of one pair? */
export async function checkTls(
  tls: TlsFiles | undefined,
  readFile: (path: string) => Promise<string>,
): Promise<Finding[]> {
  if (tls === undefined) return [];
  const findings: Finding[] = [];
  const texts: Partial<Record<'cert' | 'key', string>> = {};
  for (const name of ['cert', 'key'] as const) {
    try {
      const text = await readFile(tls[name]);
      const fault = WANTED[name].mark.test(text) ? undefined : WANTED[name].fault;
      if (fault === undefined) texts[name] = text;
      else findings.push({ path: ['smtp', 'tls', name], message: fault, hint: WANTED[name].hint });
    } catch (error) {
      findings.push({ path: ['smtp', 'tls', name], message: `cannot be read: ${messageOf(error)}` });
    }
  }
  const { cert, key } = texts;
  if (cert === undefined || key === undefined) return findings;
  const { createSecureContext } = await import('node:tls');
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const mismatch = /mismatch/i.test(messageOf(error));
    const message = mismatch
      ? 'is not the key of the certificate in smtp.tls.cert'
      : `cannot be used together with smtp.tls.cert: ${messageOf(error)}`;
    findings.push({ path: ['smtp', 'tls', 'key'], message });
  }
  return findings;
}

const WANTED = {
  cert: {
    mark: /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/,
    fault: 'holds no PEM certificate',
    hint: 'it begins with -----BEGIN CERTIFICATE-----',
  },
  key: {
    mark: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/,
    fault: 'holds no PEM private key',
    hint: 'it begins with -----BEGIN PRIVATE KEY-----',
  },
} as const;
