import { nameIn } from '../base/spelling.ts';
import { Fault } from '../base/errors.ts';
import { backendSettings } from '../credentials/entries.ts';
import type { Finding, SettingPath } from '../settings/finding.ts';
import { suggestion } from '../settings/suggestion.ts';
import { kindNamed } from '../transports/kinds.ts';
import { readNames } from '../flow/outgoing/settings/read-names.ts';
import { field, listIn } from './environment.ts';
import { type HostPort, printHostPort } from '../servers/listen.ts';
import type { FileSettings } from './schema.ts';

/**
 * What no setting can know of itself: names that must be unique or must exist, addresses that exclude each other.
 *
 * @param given the file's content, of which nothing need be right
 * @param sections those parts of it that are right
 */
export function crossChecks(given: unknown, sections: Partial<FileSettings>): Finding[] {
  return [
    ...duplicates(given, 'gateways', 'id', 'id'),
    ...duplicates(given, 'accounts', 'user', 'name (case does not matter)'),
    ...duplicates(given, 'domains', 'name', 'name'),
    ...duplicates(given, 'helpers', 'address', 'address'),
    ...duplicates(given, 'lists', 'address', 'address'),
    ...sharedBetweenGateways(given),
    ...wrongGateways(sections),
    ...unknownGateways(given),
    ...unknownGroups(given),
    ...wrongNames(sections),
    ...wrongBackends(sections),
    ...listenConflicts(sections),
    ...implicitWithoutTls(sections),
  ];
}

function duplicates(given: unknown, list: string, name: string, called: string): Finding[] {
  const owners = new Map<string, number>();
  return listIn(given, list).flatMap((entry, index) => {
    const value = field(entry, name);
    if (typeof value !== 'string') return [];
    const key = value.toLowerCase();
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, index);
    return owner === undefined
      ? []
      : [{ path: [list, index, name], message: `${list}[${owner}] has this ${called} already` }];
  });
}

/** What only one gateway in use may have, such as a serial line: each kind says which of its settings are so. */
function sharedBetweenGateways(given: unknown): Finding[] {
  const owners = new Map<string, number>();
  return listIn(given, 'gateways').flatMap((gateway, index) => {
    const exclusive = kindNamed(field(gateway, 'type'))?.exclusive ?? [];
    return exclusive.flatMap((name): Finding[] => {
      const value = field(gateway, name);
      if (typeof value !== 'string' || field(gateway, 'active') === false) return [];
      const key = `${name} ${value}`;
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, index);
      return owner === undefined
        ? []
        : [{ path: ['gateways', index, name], message: `gateways[${owner}] has this ${name} already` }];
    });
  });
}

/** What each kind of gateway finds wrong with its settings taken together. */
function wrongGateways({ gateways }: Partial<FileSettings>): Finding[] {
  return (gateways ?? []).flatMap((gateway, index) =>
    (kindNamed(gateway.type)?.problems?.(gateway) ?? []).map((finding) => ({
      ...finding,
      path: ['gateways', index, ...finding.path],
    })),
  );
}

function unknownGateways(given: unknown): Finding[] {
  if (field(given, 'gateways') === undefined && field(given, 'accounts') === undefined) return [];
  const listed = field(given, 'gateways') === undefined ? ['phone'] : listIn(given, 'gateways').map(idOf);
  const ids = listed.filter((id) => id !== undefined);
  return listIn(given, 'accounts').flatMap((account, index) => {
    const gateway = field(account, 'gateway');
    if (typeof gateway !== 'string' || nameIn(ids, gateway) !== undefined) return [];
    const near = suggestion(gateway, ids);
    const hint =
      near !== undefined
        ? `did you mean "${near}"?`
        : ids.length === 0
          ? 'there are no gateways'
          : `there are ${ids.join(', ')}`;
    return [{ path: ['accounts', index, 'gateway'], message: `there is no gateway "${gateway}"`, hint }];
  });
}

/** A group must be an account of the file, or one kept in the store, which is not looked at here. */
function unknownGroups(given: unknown): Finding[] {
  const accounts = listIn(given, 'accounts');
  return accounts.flatMap((account, index) => {
    const group = field(account, 'group');
    if (typeof group !== 'string') return [];
    const path = ['accounts', index, 'group'];
    if (group.toLowerCase() === String(field(account, 'user')).toLowerCase()) {
      return [{ path, message: 'is the account itself' }];
    }
    const found = accounts.find((each) => String(field(each, 'user')).toLowerCase() === group.toLowerCase());
    if (found === undefined || field(found, 'group') === undefined) return [];
    return [{ path, message: `"${group}" is a member of a group itself`, hint: 'groups do not nest' }];
  });
}

/** What the settings of a backend say together. */
function wrongBackends({ auth }: Partial<FileSettings>): Finding[] {
  return (auth?.backends ?? []).flatMap((backend, index): Finding[] => {
    try {
      backendSettings(backend, { hostname: 'localhost' });
      return [];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return [{ path: ['auth', 'backends', index], message: error.told }];
    }
  });
}

function wrongNames({ helpers, lists, domains, country, addresses }: Partial<FileSettings>): Finding[] {
  if (domains === undefined || addresses === undefined) return [];
  const { userAt, separators } = addresses;
  const options = { domains, userAt, separators, ...(country === undefined ? {} : { country }) };
  return [...readNames({ helpers: helpers ?? [], lists: lists ?? [] }, options).findings];
}

function idOf(gateway: unknown): string | undefined {
  const id = field(gateway, 'id');
  return typeof id === 'string' ? id : undefined;
}

/** Every TCP listener with its setting. */
function listenersIn({
  smtp,
  lmtp,
  http,
}: Partial<FileSettings>): { path: SettingPath; address: HostPort }[] {
  const all = (path: SettingPath, list: readonly HostPort[] | undefined) =>
    (list ?? []).map((address) => ({ path, address }));
  return [
    ...all(['smtp', 'listen'], smtp?.listen),
    ...all(['smtp', 'implicitTls'], smtp?.implicitTls),
    ...all(['lmtp', 'listen'], lmtp === undefined || 'path' in lmtp.listen ? [] : [lmtp.listen]),
    ...all(['http', 'listen'], http?.listen),
  ];
}

function listenConflicts(sections: Partial<FileSettings>): Finding[] {
  const taken: { path: SettingPath; address: HostPort }[] = [];
  return listenersIn(sections).flatMap((each) => {
    const other = taken.find(({ address }) => overlap(address, each.address));
    taken.push(each);
    if (other === undefined) return [];
    const where = other.path === each.path ? 'is listed twice' : `is taken by ${other.path.join('.')}`;
    const as = printHostPort(other.address);
    const same = as === printHostPort(each.address);
    return [{ path: each.path, message: `${printHostPort(each.address)} ${where}${same ? '' : ` (${as})`}` }];
  });
}

function overlap(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  // Listening on :: takes the IPv4 addresses too.
  return (
    a.host === b.host ||
    [a, b].some(({ host }) => host === '::') ||
    (isV4Any(a) && isV4(b)) ||
    (isV4Any(b) && isV4(a))
  );
}

function isV4Any({ host }: HostPort): boolean {
  return host === '0.0.0.0';
}

function isV4({ host }: HostPort): boolean {
  return !host.includes(':');
}

function implicitWithoutTls({ smtp }: Partial<FileSettings>): Finding[] {
  if (smtp === undefined || smtp.implicitTls.length === 0 || smtp.tls !== undefined) return [];
  return [{ path: ['smtp', 'implicitTls'], message: 'needs a certificate', hint: 'set smtp.tls' }];
}
