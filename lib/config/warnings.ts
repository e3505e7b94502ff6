import { isLoopback } from '../base/host.ts';
import { nameIn } from '../base/spelling.ts';
import type { Finding } from '../settings/finding.ts';
import type { Config } from './config.ts';

/**
 * What is allowed but hardly meant. Each says what will happen.
 *
 * @param given which of the top settings the file has; absent where there is no file
 */
export function warningsFor(config: Config, given: ReadonlySet<string> | undefined): Finding[] {
  return [
    ...(given === undefined ? [] : leftOut(given)),
    ...openToAll(config),
    ...openDoors(config),
    ...blankPasswords(config),
    ...inTheClear(config),
    ...nothingToDo(config),
    ...unheard(config),
  ];
}

/** For a file that holds a secret. @param mode its permission bits, where there are such */
export function readableWarning(mode: number | undefined): Finding[] {
  if (mode === undefined || (mode & 0o004) === 0) return [];
  const message = 'every user of this machine can read the passwords in this file';
  return [{ path: [], message, hint: 'chmod o-r, or take them from the environment' }];
}

function leftOut(given: ReadonlySet<string>): Finding[] {
  const warnings: Finding[] = [];
  if (!given.has('gateways')) {
    const message = 'is not set, so a virtual gateway takes every message and none reaches a real phone';
    warnings.push({ path: ['gateways'], message });
  }
  if (!given.has('domains')) {
    warnings.push({ path: ['domains'], message: 'is not set, so only mail for sms.localhost is taken' });
  }
  return warnings;
}

function openToAll({ smtp }: Config): Finding[] {
  return smtp.trusted.flatMap((network, index) => {
    if (!/\/0$/.test(network)) return [];
    const message = `"${network}" lets everybody send, without a login and in any name`;
    return [{ path: ['smtp', 'trusted', index], message }];
  });
}

/** Accounts whose password is set, and empty. */
function blankPasswords({ accounts, auth }: Config): Finding[] {
  return accounts.flatMap(({ user, password }, index): Finding[] => {
    if (password?.open() !== '') return [];
    const path = ['accounts', index, 'password'];
    return auth.blankPasswords
      ? [{ path, message: `is empty, so whoever may connect can send as "${user}"` }]
      : [
          {
            path,
            message: 'is empty, so nobody can log in with it',
            hint: 'set auth.blankPasswords, or leave the password out',
          },
        ];
  });
}

/** Addresses at which everybody can send at the cost of an account. */
function openDoors({ helpers, lists }: Config): Finding[] {
  const carries = (text: string): boolean => /[?&]user=/i.test(text);
  const message = 'lets everybody who knows the address send at the cost of the account in it';
  const doors: Finding[] = helpers.flatMap(({ forward }, index) =>
    carries(forward) ? [{ path: ['helpers', index, 'forward'], message }] : [],
  );
  lists.forEach(({ senders, members }, index) => {
    if (senders !== 'anyone') return;
    const paid = members.some((each) =>
      typeof each === 'string' ? carries(each) : each.account !== undefined || carries(each.sms),
    );
    if (paid) {
      doors.push({
        path: ['lists', index, 'senders'],
        message: "lets everybody who knows the address send at the cost of its members' accounts",
        hint: 'set senders: known',
      });
    }
  });
  return doors;
}

function inTheClear({ smtp, accounts }: Config): Finding[] {
  if (smtp.tls !== undefined || !accounts.some((account) => account.password !== undefined)) return [];
  if (smtp.listen.every(({ host }) => isLoopback(host))) return [];
  const path = ['smtp', 'listen'];
  return smtp.auth.insecure
    ? [{ path, message: 'takes passwords unencrypted from other machines', hint: 'set smtp.tls' }]
    : [
        {
          path,
          message: 'is open to other machines, but without a certificate they cannot log in',
          hint: 'set smtp.tls',
        },
      ];
}

function nothingToDo(config: Config): Finding[] {
  const { gateways, accounts, smtp, lmtp, mail } = config;
  const warnings: Finding[] = [];
  if (gateways.length === 0) {
    warnings.push({ path: ['gateways'], message: 'is empty, so every message is refused' });
  } else if (gateways.every((gateway) => !gateway.active)) {
    warnings.push({ path: ['gateways'], message: 'none is active, so every message is refused' });
  }
  accounts.forEach((account, index) => {
    const named = nameIn(
      gateways.map(({ id }) => id),
      account.gateway ?? '',
    );
    const gateway = gateways.find(({ id }) => id === named);
    if (gateway === undefined || gateway.active) return;
    const message = `"${gateway.id}" is not active, so this account's messages are refused`;
    warnings.push({ path: ['accounts', index, 'gateway'], message });
  });
  if (smtp.listen.length + smtp.implicitTls.length === 0 && lmtp === undefined) {
    warnings.push({
      path: ['smtp', 'listen'],
      message: 'is off and there is no lmtp.listen, so no mail comes in',
    });
  }
  if (
    smtp.auth.required &&
    smtp.trusted.length === 0 &&
    !accounts.some((account) => account.password !== undefined)
  ) {
    const message =
      'is set, but there is no account with a password and nobody is trusted, so nobody can send';
    warnings.push({ path: ['smtp', 'auth', 'required'], message });
  }
  if (mail.relay !== undefined && mail.relay.port !== 0) {
    const self = [...smtp.listen, ...smtp.implicitTls].find(
      ({ host, port }) => port === mail.relay?.port && host === mail.relay.host,
    );
    if (self !== undefined) {
      warnings.push({
        path: ['mail', 'relay'],
        message: 'is our own SMTP server, which takes no mail for people',
      });
    }
  }
  return warnings;
}

function unheard({ gateways, log }: Config): Finding[] {
  if (log.level === 'debug') return [];
  return gateways.flatMap((gateway, index) => {
    if (!('trace' in gateway) || !gateway.trace) return [];
    const message = `writes nothing, because log.level is ${log.level}`;
    return [{ path: ['gateways', index, 'trace'], message, hint: 'set log.level to debug' }];
  });
}
