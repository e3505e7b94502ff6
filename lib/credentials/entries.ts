import { Fault } from '../base/errors.ts';
import { bareHost, isLoopback } from '../base/host.ts';
import type { BackendSettings } from './backends.ts';
import type { Endpoint, TlsSettings } from './connect.ts';
import type { LdapSettings } from './ldap.ts';
import type { OauthSettings } from './oauth.ts';
import type { BackendEntry } from './settings.ts';

type Entry<Type extends BackendEntry['type']> = Extract<BackendEntry, { readonly type: Type }>;
type Secured = Pick<Entry<'ldap' | 'smtp' | 'imap'>, 'url' | 'starttls' | 'ca' | 'servername' | 'verify'>;

const TIMEOUT_MS = 10_000;
const PORTS: Readonly<Record<string, number>> = {
  'ldap:': 389,
  'ldaps:': 636,
  'smtp:': 587,
  'smtps:': 465,
  'imap:': 143,
  'imaps:': 993,
};

/** What the backend is made of. `hostname` is the name in our EHLO. Throws `config.invalid` with what is wrong. */
export function backendSettings(entry: BackendEntry, { hostname }: { hostname: string }): BackendSettings {
  const timeoutMs = entry.timeout ?? TIMEOUT_MS;
  switch (entry.type) {
    case 'dovecot': {
      const { socket, service, oauth } = entry;
      const more = {
        ...(service === undefined ? {} : { service }),
        ...(oauth === undefined ? {} : { oauth }),
      };
      return { type: 'dovecot', name: `dovecot ${socket}`, socket: endpoint(socket), ...more, timeoutMs };
    }
    case 'ldap': {
      const server = way(entry, 'ldap');
      return { type: 'ldap', name: entry.url, server, users: ldapUsers(entry), timeoutMs };
    }
    case 'smtp':
      return { type: 'smtp', name: entry.url, ...way(entry, 'smtp'), hostname, timeoutMs };
    case 'imap':
      return { type: 'imap', name: entry.url, ...way(entry, 'imap'), timeoutMs };
    case 'oauth': {
      const ask = oauthAsk(entry);
      const isUserinfo = 'userinfo' in ask;
      const name = isUserinfo ? ask.userinfo : ask.introspection;
      return {
        type: 'oauth',
        name,
        ask,
        claim: entry.claim ?? (isUserinfo ? 'email' : 'username'),
        ...(entry.ca === undefined ? {} : { ca: entry.ca }),
        timeoutMs,
      };
    }
  }
}

function endpoint(socket: string): Endpoint {
  if (socket.startsWith('/')) return { path: socket };
  const match = /^(?:\[([0-9a-f:]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(socket);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw invalid(`"${socket}" is neither a path nor host:port`);
  return { host, port: Number(match?.[3]) };
}

/** Host, port and protection of a URL. */
function way(entry: Secured, scheme: 'ldap' | 'smtp' | 'imap') {
  const url = parsed(entry.url);
  if (url.protocol !== `${scheme}:` && url.protocol !== `${scheme}s:`) {
    throw invalid(`"${entry.url}" does not begin with ${scheme}:// or ${scheme}s://`);
  }
  if (url.username !== '' || url.hostname === '' || !/^\/?$/.test(url.pathname) || url.search !== '') {
    throw invalid(`"${entry.url}" has more or less than a host and a port`);
  }
  const host = bareHost(url.hostname);
  const secure = url.protocol === `${scheme}s:`;
  const starttls = entry.starttls ?? !isLoopback(host);
  const { ca, servername, verify } = entry;
  const tls: TlsSettings = {
    ...(ca === undefined ? {} : { ca }),
    ...(servername === undefined ? {} : { servername }),
    ...(verify === undefined ? {} : { verify }),
  };
  return {
    host,
    port: url.port === '' ? (PORTS[url.protocol] ?? 0) : Number(url.port),
    security: secure ? ('tls' as const) : starttls ? ('starttls' as const) : ('none' as const),
    tls,
  };
}

function ldapUsers({
  dn,
  base,
  filter,
  attribute,
  bindDn,
  bindPassword,
}: Entry<'ldap'>): LdapSettings['users'] {
  const isFilled = (template: string): boolean => /%[un]/.test(template.replaceAll('%%', ''));
  if (dn !== undefined) {
    if (base !== undefined) throw invalid('either dn or base, not both');
    if (!isFilled(dn)) throw invalid('dn has no %u or %n: every user would be the same');
    return { dn };
  }
  if (base === undefined || filter === undefined) throw invalid('needs dn, or base and filter');
  if (!isFilled(filter)) throw invalid('filter has no %u or %n: every user would be the same');
  if ((bindDn === undefined) !== (bindPassword === undefined)) {
    throw invalid('bindDn and bindPassword go together');
  }
  if (bindPassword?.open() === '') throw invalid('bindPassword is empty: that would bind as nobody');
  const bind =
    bindDn === undefined || bindPassword === undefined
      ? {}
      : { bind: { dn: bindDn, password: bindPassword } };
  return { base, filter, attribute: attribute ?? 'uid', ...bind };
}

function oauthAsk(entry: Entry<'oauth'>): OauthSettings['ask'] {
  const { introspection, userinfo, clientId, clientSecret, audience, scope } = entry;
  if ((introspection === undefined) === (userinfo === undefined)) {
    throw invalid('needs either introspection or userinfo');
  }
  if (userinfo !== undefined) {
    if (audience !== undefined || scope !== undefined) {
      throw invalid('userinfo tells neither audience nor scope: use introspection');
    }
    return { userinfo: webAddress(userinfo) };
  }
  if ((clientId === undefined) !== (clientSecret === undefined)) {
    throw invalid('clientId and clientSecret go together');
  }
  return {
    introspection: webAddress(introspection ?? ''),
    ...(clientId === undefined || clientSecret === undefined
      ? {}
      : { client: { id: clientId, secret: clientSecret } }),
    ...(audience === undefined ? {} : { audience }),
    ...(scope === undefined ? {} : { scope }),
  };
}

function webAddress(written: string): string {
  const url = parsed(written);
  const isSafe =
    url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(bareHost(url.hostname)));
  if (!isSafe) throw invalid(`"${written}" is not https:, so tokens could be read on their way`);
  return written;
}

function parsed(written: string): URL {
  if (!URL.canParse(written)) throw invalid(`"${written}" is not a URL`);
  return new URL(written);
}

function invalid(told: string): Fault {
  return new Fault('config.invalid', { told });
}
