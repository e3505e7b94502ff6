import { redact } from '../base/secret.ts';
import { printRate } from '../base/units.ts';
import type { BackendEntry } from '../credentials/settings.ts';
import type { AccountSection } from '../accounts/settings.ts';
import { type GatewayConfig, kindOf } from '../transports/kinds.ts';
import { printHostPort, printListener } from '../servers/listen.ts';
import { printRelay } from '../mailer/relay-url.ts';
import type { Config } from './config.ts';

/**
 * What would run, for people: a line for each listener, gateway and so on.
 *
 * @param notes what is known of gateways beside their settings, by id: `the device is not there`
 * @param rules how many there are, where there are any
 */
export function summarise(
  config: Config,
  notes: ReadonlyMap<string, string> = new Map(),
  rules?: { readonly outgoing: { readonly size: number }; readonly incoming: { readonly size: number } },
): string {
  const { smtp, lmtp, http, mail } = config;
  const rows: [label: string, lines: readonly string[]][] = [
    ['data directory', [config.dataDir]],
    [
      'domains',
      config.domains.map(({ name, country, carrier }) =>
        withNotes(name, [carrier ?? country ?? config.country]),
      ),
    ],
    [
      'SMTP in',
      smtp.listen.map((each) =>
        withNotes(printHostPort(each), [smtp.tls === undefined ? 'no TLS' : 'STARTTLS']),
      ),
    ],
    ['SMTP over TLS', smtp.implicitTls.map(printHostPort)],
    ['LMTP in', lmtp === undefined ? [] : [printListener(lmtp.listen)]],
    ['trusted', smtp.trusted.length === 0 ? ['nobody'] : [smtp.trusted.join(', ')]],
    ['HTTP', http.listen.map(printHostPort)],
    ['mail out', [mail.relay === undefined ? `Maildir ${mail.maildir}` : printRelay(mail.relay)]],
    ['gateways', config.gateways.map((gateway) => describeGateway(gateway, notes.get(gateway.id)))],
    ['accounts', describeAccounts(config.accounts)],
    ['passwords', config.auth.backends.map(describeBackend)],
    ['helpers', config.helpers.map(({ address, forward }) => `${address} -> ${redact(forward)}`)],
    [
      'lists',
      config.lists.map(({ address, members, senders }) =>
        withNotes(`${address}: ${members.length} members`, [
          senders === 'anyone' ? 'open to anyone' : undefined,
        ]),
      ),
    ],
    [
      'rules',
      rules === undefined
        ? []
        : [`${rules.outgoing.size} for mails to phones, ${rules.incoming.size} for messages from phones`],
    ],
  ];
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  return rows
    .flatMap(([label, lines]) => {
      const shown = lines.length === 0 && ALWAYS.has(label) ? ['none'] : lines;
      return shown.map((line, index) => `  ${(index === 0 ? label : '').padEnd(width)}${line}`);
    })
    .join('\n');
}

/** What is worth a line even where there is none of it. */
const ALWAYS = new Set(['SMTP in', 'HTTP', 'gateways', 'accounts']);

function describeGateway(gateway: GatewayConfig, note: string | undefined): string {
  const { id, active, prefixes, rate, dailyCap } = gateway;
  const notes = [
    active ? undefined : 'not active',
    prefixes.length === 0 ? undefined : `only ${prefixes.join(', ')}`,
    rate === undefined ? undefined : `at most ${printRate(rate)}`,
    dailyCap === undefined ? undefined : `${dailyCap} SMS a day`,
    note,
  ];
  return `${id}: ${withNotes(kindOf(gateway).describe(gateway), notes)}`;
}

function describeBackend(backend: BackendEntry): string {
  switch (backend.type) {
    case 'dovecot':
      return `dovecot at ${backend.socket}`;
    case 'oauth':
      return `oauth at ${backend.introspection ?? backend.userinfo ?? ''}`;
    case 'imap':
    case 'ldap':
    case 'smtp':
      return `${backend.type} at ${backend.url}`;
  }
}

const MOST_ACCOUNTS = 10;

function describeAccounts(accounts: readonly AccountSection[]): string[] {
  const shown = accounts
    .slice(0, MOST_ACCOUNTS)
    .map((account) =>
      withNotes(account.user, [
        account.active ? undefined : 'locked',
        account.password === undefined ? 'no password' : undefined,
        account.password?.open() === '' ? 'blank password' : undefined,
        account.monthlyLimit === 0 ? undefined : `${account.monthlyLimit} a month`,
        account.gateway === undefined ? undefined : `through ${account.gateway}`,
        account.expire === undefined ? undefined : `until ${account.expire}`,
      ]),
    );
  return accounts.length > MOST_ACCOUNTS ? [...shown, `and ${accounts.length - MOST_ACCOUNTS} more`] : shown;
}

function withNotes(text: string, notes: readonly (string | undefined)[]): string {
  const given = notes.filter((note) => note !== undefined);
  return given.length === 0 ? text : `${text} (${given.join(', ')})`;
}
