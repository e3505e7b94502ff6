import { cutAddress } from '../base/mail-address.ts';

/** What a file below IceWarp's directory holds, by its path; nothing there minds case. */
export type Place =
  | { readonly kind: 'level'; readonly user: string }
  | { readonly kind: 'users' }
  /** Counters: of one user, of a domain's users (`@example.com`), or of everybody's (`*`). */
  | { readonly kind: 'counters'; readonly of: string }
  | { readonly kind: 'gateways' }
  /** Content filters, which are rules. */
  | { readonly kind: 'filter' };

/** @param path with `/`, below the directory: `config/example.com/sms.dat` */
export function placeOf(path: string): Place | undefined {
  const steps = path.split('/');
  const name = steps.at(-1)?.toLowerCase();
  const level = levelOf(steps);
  if (level === undefined || name === undefined) return undefined;
  if (name === 'sms.dat') return { kind: 'level', user: level };
  if (name === 'smsstat.dat') return { kind: 'counters', of: level };
  if (level === '*' && name === 'smsusers.dat') return { kind: 'users' };
  if (level === '*' && name === 'smsgateway.dat') return { kind: 'gateways' };
  return /^sms.*\.xml$/.test(name) && !level.slice(1).includes('@') ? { kind: 'filter' } : undefined;
}

/** Where the settings of `*`, `@example.com` or `john@example.com` stand. */
export function levelPath(user: string): string {
  if (user === '*') return 'config/sms.dat';
  if (user.startsWith('@')) return `config/${user.slice(1)}/sms.dat`;
  const { local, domain = '' } = cutAddress(user);
  return `mail/${domain}/${local}/sms.dat`;
}

function levelOf(steps: readonly string[]): string | undefined {
  const [top, domain, user] = steps;
  switch (`${top?.toLowerCase()}/${steps.length}`) {
    case 'config/2':
      return '*';
    case 'config/3':
      return `@${domain}`;
    case 'mail/4':
      return `${user}@${domain}`;
    default:
      return undefined;
  }
}
