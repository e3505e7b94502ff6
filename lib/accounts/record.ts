import type { z } from 'zod';
import { Fault } from '../base/errors.ts';
import type { AccountRecord } from '../store/records.ts';
import { printPath } from '../settings/finding.ts';
import { findingsOf } from '../settings/issues.ts';
import { account } from './settings.ts';

/** Records of accounts as they come from outside, in the words of the configuration file. */
export type GivenAccount = z.input<typeof account>;

/** Throws `config.invalid`, with every setting that is wrong. A password has no place here. */
export function readAccount(given: unknown): Omit<AccountRecord, 'password'> {
  const result = account.omit({ password: true }).safeParse(given, { reportInput: true });
  if (!result.success) {
    const names = Object.keys(account.shape);
    const tree = { namesAt: () => names, pathsOf: () => [] };
    const findings = findingsOf(result.error.issues, { tree, plain: () => undefined, quoted: () => [] });
    const told = findings.map(
      ({ path, message, hint }) =>
        `${printPath(path) || 'account'}: ${message}${hint === undefined ? '' : `; ${hint}`}`,
    );
    throw new Fault('config.invalid', { told: told.join('; ') });
  }
  const { active, monthlyLimit, ...rest } = result.data;
  return {
    ...rest,
    ...(active ? {} : { active }),
    ...(monthlyLimit === 0 ? {} : { monthlyLimit }),
  };
}

/** A record in the words of the configuration file: what `readAccount` makes the same record of. */
export function writeAccount(record: Omit<AccountRecord, 'password'>): Record<string, unknown> {
  const { active = true, monthlyLimit = 0, ...rest } = record;
  return account.omit({ password: true }).encode({
    ...mutable(rest),
    active,
    monthlyLimit,
  });
}

/** Zod's types know no readonly lists. */
function mutable({ allowed, denied, mailFrom, ...rest }: Omit<AccountRecord, 'password'>) {
  return {
    ...rest,
    ...(allowed === undefined ? {} : { allowed: [...allowed] }),
    ...(denied === undefined ? {} : { denied: [...denied] }),
    ...(mailFrom === undefined ? {} : { mailFrom: [...mailFrom] }),
  };
}
