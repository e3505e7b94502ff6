import { parseLocalPart } from '../../address/local.ts';
import { type Parameters, mergeParameters } from '../../address/parameters.ts';
import { type AddressOptions, type Recipient as Parsed, parseRecipient } from '../../address/parse.ts';
import { printAddress } from '../../address/print.ts';
import { tokenIn } from '../../address/reply-token.ts';
import { Fault } from '../../base/errors.ts';
import { domainOf } from '../../base/mail-address.ts';
import type { Lent } from './lent.ts';

/**
 * Names on our domains that stand for phones: helper accounts and lists (spec section 1).
 *
 * A helper is a template for an address: what stands after its name is put in for the extension, and parameters
 * written there win over the template's. The helper named `sms` is the template of every `sms:` address. A list stands
 * for its members, phones and mail addresses; a member may be another list, and each is reached once.
 */
export interface Helper {
  readonly name: string;
  /** Absent: on all our domains. */
  readonly domain?: string;
  /** `extension`: those that are written after the helper's name. */
  readonly numbers: readonly string[] | 'extension';
  readonly parameters: Parameters;
}

export interface MailingList {
  readonly name: string;
  readonly domain?: string;
  /** `known`: only who may send at all; `anyone`: whoever writes, at the cost of the members' own accounts. */
  readonly senders: 'known' | 'anyone';
  readonly members: readonly Member[];
}

export type Member =
  | {
      readonly kind: 'phone';
      readonly numbers: readonly string[];
      readonly parameters: Parameters;
      /** The account that pays, without a password. */
      readonly account?: string;
    }
  | { readonly kind: 'mail'; readonly address: string }
  | { readonly kind: 'name'; readonly name: string; readonly domain: string };

/** Phones that an address reaches. */
export interface Phones {
  /** Redacted. */
  readonly address: string;
  readonly numbers: readonly string[];
  readonly parameters: Parameters;
  readonly account?: string;
  /** Set where the template of the address names the account that pays, and not who wrote the address. */
  readonly lent?: Lent;
}

export interface Reached {
  /** Whoever knows the address may send: the account that pays stands in it, or in its list, and proves no sender. */
  readonly open: boolean;
  readonly phones: readonly Phones[];
  readonly mails: readonly string[];
  /** Set where the address is that of a list. */
  readonly list?: MailingList;
}

/** The helper whose template every `sms:` address has. */
const PROTOCOL = 'sms';

export class Directory {
  readonly #helpers: readonly Helper[];
  readonly #lists: readonly MailingList[];
  readonly #options: AddressOptions;

  constructor(
    names: { readonly helpers: readonly Helper[]; readonly lists: readonly MailingList[] },
    options: AddressOptions,
  ) {
    this.#helpers = names.helpers;
    this.#lists = names.lists;
    this.#options = options;
  }

  /** What an address on one of our domains reaches. Throws `address.unknown`, `address.domain`, or an AddressError. */
  reach(address: string): Reached & { readonly redacted: string } {
    const parsed = parseRecipient(address, this.#options);
    if (parsed.kind === 'foreign') {
      throw new Fault('address.domain', { told: `mail for ${parsed.domain} is not taken here` });
    }
    const found = parsed.kind === 'sms' ? this.#protocol(parsed) : this.#named(parsed.local, parsed.domain);
    if (found === undefined) {
      const { local, domain } = parsed.kind === 'name' ? parsed : { local: '', domain: parsed.domain };
      throw new Fault('address.unknown', {
        told: `there is no "${local}" at ${domain}; a phone is written "sms:+15551234567"@${domain}`,
      });
    }
    return { ...found, redacted: parsed.redacted };
  }

  /** Whether an address is that of a phone, or of a name on our domains that may be one. */
  isOurs(address: string): boolean {
    const domain = domainOf(address);
    return domain === undefined || this.#options.domains.some(({ name }) => name === domain);
  }

  /** The phone that is written without a domain. Throws an AddressError. */
  phone(text: string): Phones {
    const { country, domains } = this.#options;
    const written = /^sms/i.test(text) ? text : `sms:${text}`;
    const target = parseLocalPart(written, {
      ...this.#options,
      ...(country === undefined ? {} : { country }),
    });
    if (target === undefined) throw new Fault('address.syntax', { told: `"${text}" is no number` });
    const { numbers, parameters } = target;
    return { address: printAddress(numbers, parameters, domains[0]?.name ?? ''), numbers, parameters };
  }

  /** The token of a reply address (address/reply-token.ts), where the address is one. */
  tokenOf(address: string): { readonly token: string; readonly redacted: string } | undefined {
    const parsed = parseRecipient(address, this.#options);
    const token = parsed.kind === 'name' ? tokenIn(parsed.local) : undefined;
    return token === undefined ? undefined : { token, redacted: parsed.redacted };
  }

  #protocol(parsed: Extract<Parsed, { kind: 'sms' }>): Reached {
    const { numbers, parameters, redacted, domain } = parsed;
    const helper = this.#helpers.find(
      (each) => isNamed(each, PROTOCOL, domain) && each.numbers === 'extension',
    );
    const merged = helper === undefined ? parameters : overTemplate(helper, parameters);
    const lent = lentBy(helper, parameters);
    return {
      open: lent !== undefined,
      phones: [{ address: redacted, numbers, parameters: merged, ...(lent && { lent }) }],
      mails: [],
    };
  }

  #named(local: string, domain: string): Reached | undefined {
    const list = this.#lists.find((each) => isNamed(each, local, domain));
    if (list !== undefined) {
      return { ...this.#members(list, domain, new Set()), open: list.senders === 'anyone', list };
    }
    for (const helper of this.#helpers) {
      const reached = this.#helper(helper, local, domain);
      if (reached !== undefined) return reached;
    }
    return undefined;
  }

  #helper(helper: Helper, local: string, domain: string): Reached | undefined {
    const extension = extensionOf(helper, local, domain, this.#options.separators);
    if (extension === undefined) return undefined;
    const given = extension === '' ? undefined : this.#extension(extension, domain);
    const numbers = helper.numbers === 'extension' ? given?.numbers : helper.numbers;
    if (numbers === undefined) {
      throw new Fault('address.syntax', {
        told: `the address "${helper.name}" needs a number after its name, as in ${helper.name}:+15551234567@${domain}`,
      });
    }
    const written = given?.parameters ?? {};
    const parameters = overTemplate(helper, written);
    const lent = lentBy(helper, written);
    const address = printAddress(numbers, parameters, domain);
    const phones = [{ address, numbers, parameters, ...(lent && { lent }) }];
    return { open: lent !== undefined, phones, mails: [] };
  }

  #extension(written: string, domain: string) {
    const ours = this.#options.domains.find((each) => each.name === domain);
    const country = ours?.carrier ?? ours?.country ?? this.#options.country;
    return parseLocalPart(`sms${written}`, {
      ...this.#options,
      ...(country === undefined ? {} : { country }),
    });
  }

  /** All that the list reaches, each once. `seen`: lists that were gone through already, so that none goes in circles. */
  #members(list: MailingList, domain: string, seen: Set<MailingList>): Omit<Reached, 'list' | 'open'> {
    seen.add(list);
    const phones: Phones[] = [];
    const mails: string[] = [];
    for (const member of list.members) {
      if (member.kind === 'mail') mails.push(member.address);
      else if (member.kind === 'phone') {
        const { numbers, parameters, account } = member;
        phones.push({
          address: printAddress(numbers, parameters, domain),
          numbers,
          parameters,
          ...(account === undefined ? {} : { account }),
        });
      } else {
        const inner = this.#lists.find((each) => isNamed(each, member.name, member.domain));
        const reached =
          inner === undefined
            ? this.#named(member.name, member.domain)
            : seen.has(inner)
              ? undefined
              : this.#members(inner, member.domain, seen);
        phones.push(...(reached?.phones ?? []));
        mails.push(...(reached?.mails ?? []));
      }
    }
    return { phones: withoutRepeats(phones), mails: [...new Set(mails)] };
  }
}

/** Where the helper's template names the account that pays, and not who wrote the address. */
function lentBy(helper: Helper | undefined, written: Parameters): Lent | undefined {
  if (helper?.parameters.user === undefined || written.user !== undefined) return undefined;
  return { template: helper.parameters, written };
}

/** What is written wins over the template; but a password is that of the user it stands with, and of no other. */
function overTemplate({ parameters: template }: Helper, written: Parameters): Parameters {
  const merged = mergeParameters(template, written);
  if (written.user === undefined || written.user === template.user || written.pass !== undefined)
    return merged;
  const { pass: _, ...rest } = merged;
  return rest;
}

function isNamed(entry: { readonly name: string; readonly domain?: string }, name: string, domain: string) {
  return (
    entry.name.toLowerCase() === name.toLowerCase() && (entry.domain === undefined || entry.domain === domain)
  );
}

/** What stands after the helper's name, with its separator; empty where nothing does. */
function extensionOf(helper: Helper, local: string, domain: string, separators = '.+='): string | undefined {
  const { name } = helper;
  if (helper.domain !== undefined && helper.domain !== domain) return undefined;
  if (!local.toLowerCase().startsWith(name.toLowerCase())) return undefined;
  const rest = local.slice(name.length);
  if (rest === '') return '';
  if (rest.startsWith('?'))
    return helper.numbers === 'extension' ? undefined : `:${helper.numbers.join(',')}${rest}`;
  return `:${separators}`.includes(rest.charAt(0)) ? rest : undefined;
}

/** A number that is reached in two ways gets one message, the first way's. */
function withoutRepeats(phones: readonly Phones[]): Phones[] {
  const seen = new Set<string>();
  return phones.flatMap((each) => {
    const numbers = each.numbers.filter((number) => !seen.has(number));
    for (const number of numbers) seen.add(number);
    return numbers.length === 0 ? [] : [{ ...each, numbers }];
  });
}
