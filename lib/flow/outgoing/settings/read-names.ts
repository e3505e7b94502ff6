import { parseLocalPart } from '../../../address/local.ts';
import { type AddressOptions, parseRecipient } from '../../../address/parse.ts';
import { Fault } from '../../../base/errors.ts';
import { domainOf } from '../../../base/mail-address.ts';
import type { Helper, MailingList, Member } from '../directory.ts';
import type { Finding, SettingPath } from '../../../settings/finding.ts';
import type { HelperSettings, ListSettings } from './names.ts';

/** `helpers` and `lists` as the flow wants them, and what is wrong with them. */
export interface ReadNames {
  readonly helpers: readonly Helper[];
  readonly lists: readonly MailingList[];
  readonly findings: readonly Finding[];
}

/** IceWarp spells it in two ways. */
const EXTENSION = /%%extensionnosep?%%/i;
/** Stands in for the extension while the rest is read. */
const ANY_NUMBER = '+15550000000';

export function readNames(
  {
    helpers,
    lists,
  }: { readonly helpers: readonly HelperSettings[]; readonly lists: readonly ListSettings[] },
  options: AddressOptions,
): ReadNames {
  const findings: Finding[] = [];
  const attempt = <T>(path: SettingPath, read: () => T): T[] => {
    try {
      return [read()];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      findings.push({ path, message: error.told });
      return [];
    }
  };
  return {
    helpers: helpers.flatMap((each, index) =>
      attempt(['helpers', index, 'forward'], () => readHelper(each, options)),
    ),
    lists: lists.map(({ address, senders, members }, index) => ({
      ...nameOf(address),
      senders,
      members: members.flatMap((each, nth) =>
        attempt(['lists', index, 'members', nth], () => readMember(each, options)),
      ),
    })),
    findings: [...findings, ...strangers(lists, helpers, options)],
  };
}

function readHelper({ address, forward }: HelperSettings, options: AddressOptions): Helper {
  const extended = EXTENSION.test(forward);
  const target = parsedPhone(forward.replace(EXTENSION, ANY_NUMBER), options);
  if (target === undefined) {
    throw new Fault('address.syntax', {
      told: `"${forward}" is no sms: address; write sms:%%extensionnose%%?maxmsgs=7 or sms:+15551234567`,
    });
  }
  const { numbers, parameters } = target;
  return { ...nameOf(address), numbers: extended ? 'extension' : numbers, parameters };
}

function readMember(member: ListSettings['members'][number], options: AddressOptions): Member {
  if (typeof member !== 'string') {
    const target = parsedPhone(/^sms/i.test(member.sms) ? member.sms : `sms:${member.sms}`, options);
    if (target === undefined) throw new Fault('address.syntax', { told: `"${member.sms}" is no number` });
    return { kind: 'phone', ...target, ...(member.account === undefined ? {} : { account: member.account }) };
  }
  const phone = parsedPhone(member, options);
  if (phone !== undefined) return { kind: 'phone', ...phone };
  if (!member.includes('@')) {
    const [first] = options.domains;
    return { kind: 'name', name: member, domain: first?.name ?? '' };
  }
  const parsed = parseRecipient(member, options);
  if (parsed.kind === 'name') return { kind: 'name', name: parsed.local, domain: parsed.domain };
  return { kind: 'mail', address: member };
}

/** A phone, written with one of our domains or without any; undefined where it is something else. */
function parsedPhone(written: string, options: AddressOptions) {
  const { country } = options;
  // An @ may belong to a user name in the parameters: only one before a domain of ours ends the local part.
  const domain = domainOf(written);
  if (domain !== undefined && options.domains.some(({ name }) => name === domain)) {
    const parsed = parseRecipient(written, options);
    return parsed.kind === 'sms' ? { numbers: parsed.numbers, parameters: parsed.parameters } : undefined;
  }
  if (domain !== undefined && !/^sms[:.+=]/i.test(written)) return undefined;
  return parseLocalPart(written, country === undefined ? options : { ...options, country });
}

/** Members that are a name on our domains, but no list and no helper. */
function strangers(
  lists: readonly ListSettings[],
  helpers: readonly HelperSettings[],
  options: AddressOptions,
): Finding[] {
  const known = [...lists, ...helpers].map(({ address }) => nameOf(address));
  return lists.flatMap(({ members }, index) =>
    members.flatMap((each, nth): Finding[] => {
      let member: Member;
      try {
        member = readMember(each, options);
      } catch {
        return [];
      }
      if (member.kind !== 'name') return [];
      const { name, domain } = member;
      const found = known.some(
        (other) =>
          other.name === name.toLowerCase() && (other.domain === undefined || other.domain === domain),
      );
      return found
        ? []
        : [
            {
              path: ['lists', index, 'members', nth],
              message: `there is no list or helper "${name}" at ${domain}`,
            },
          ];
    }),
  );
}

function nameOf(address: string): { readonly name: string; readonly domain?: string } {
  const [name = '', domain] = address.toLowerCase().split('@');
  return { name, ...(domain === undefined ? {} : { domain }) };
}
