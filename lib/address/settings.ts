import { z } from 'zod';
import { domain } from '../settings/names.ts';
import type { Section } from '../settings/section.ts';
import { BadValue, written } from '../settings/values.ts';
import { isCountry } from './number.ts';

/** ISO 3166 two-letter code. */
export function country() {
  return written(
    z.string(),
    (value) => {
      const code = value.toUpperCase();
      if (isCountry(code)) return code;
      const hint =
        code === 'UK' ? 'the code of the United Kingdom is GB' : 'write two letters such as US, DE or GB';
      throw new BadValue(`"${value}" is not the code of a country`, hint);
    },
    (value) => value,
    /^[A-Za-z]{2}$/,
  );
}

/** An entry of `domains`: a domain whose mail is ours. */
export const domainEntry = z.strictObject({
  name: domain().meta({ description: 'The domain.', examples: ['sms.example.com'] }),
  country: country()
    .exactOptional()
    .meta({
      description: 'Country of the national numbers written before this domain.',
      examples: ['US'],
      'x-default': '`country`',
    }),
  carrier: country()
    .exactOptional()
    .meta({
      description:
        'The domain is that of a closed carrier service, whose national numbers belong to this country.',
      examples: ['US'],
    }),
});

export type Domain = Section<typeof domainEntry>;

/** The most SMS that one message may take, wherever that is said. */
export const MOST_PARTS = 128;

export const mostParts = () => z.number().int().min(1).max(MOST_PARTS);

/** What may stand in place of the colon where nothing else is set. */
export const SEPARATORS = '.+=';

/** The section `addresses`: how addresses are read. */
export const addresses = z.strictObject({
  userAt: z
    .boolean()
    .default(false)
    .meta({
      description:
        'Read the last `%` or `/` of a user name as the at sign: `user=john%example.com` is john@example.com.',
      examples: [true],
    }),
  separators: z
    .string()
    .regex(/^[.+=_~-]{1,6}$/, { error: 'must be made of . + = _ ~ -' })
    .default(SEPARATORS)
    .meta({
      description: 'What may stand after `sms` instead of the colon, for systems that refuse one.',
      examples: ['.'],
    }),
});

export type AddressSettings = Section<typeof addresses>;
