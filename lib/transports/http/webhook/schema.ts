import { z } from 'zod';
import type { Section } from '../../../settings/section.ts';

/**
 * The description of what a provider sends to us: how it is known to be the provider's, what in it is a status report or an
 * incoming message, and what the provider wants to read in the answer. A path such as `results.*.messageId` leads to a value;
 * of several paths the first that leads to one counts. `?name` is a parameter of the URL.
 */

/** Signature schemes: webhook/schemes.ts has the code of each. */
export const SCHEMES = [
  'aws-sns',
  'bird',
  'httpsms',
  'messagebird-jwt',
  'messagebird-old',
  'plivo',
  'seven',
  'sinch',
  'smsgate',
  'standard-webhooks',
  'telnyx',
  'textbee',
  'twilio',
  'vonage-jwt',
  'vonage-sig',
] as const;

export type SchemeName = (typeof SCHEMES)[number];

const paths = () => z.union([z.string(), z.array(z.string()).min(1)]);
const words = () => z.array(z.union([z.string(), z.number()])).min(1);

/** Values at paths that say what kind of event it is: a text, a list of those that will do, or whether there is one. */
const when = () =>
  z.record(
    z.string(),
    z.union([
      z.string(),
      z.number(),
      z.array(z.union([z.string(), z.number()])),
      z.strictObject({ regex: z.string() }),
      z.strictObject({ exists: z.boolean() }),
    ]),
  );

const report = () =>
  z.strictObject({
    /** Our `%key%` or the provider's id, by which the part is found. */
    reference: paths(),
    number: paths().exactOptional(),
    outcome: z.strictObject({
      from: paths(),
      delivered: words().exactOptional(),
      undelivered: words().exactOptional(),
      /** It was not delivered in the time it had. */
      expired: words().exactOptional(),
      /** The network is still trying. What is in none of the lists says nothing. */
      temporary: words().exactOptional(),
    }),
    note: paths().exactOptional(),
  });

const incoming = () =>
  z.strictObject({
    reference: paths().exactOptional(),
    number: paths(),
    text: paths().exactOptional(),
    at: paths().exactOptional(),
    /** Octets in place of a text, where there is something at the path. */
    data: paths().exactOptional(),
    udh: paths().exactOptional(),
    octets: z.enum(['hex', 'base64']).exactOptional(),
    udhOctets: z.enum(['hex', 'base64']).exactOptional(),
    /** The data is text in UTF-16BE. */
    utf16: when().exactOptional(),
    /** A part of a longer message. */
    concat: z.strictObject({ reference: paths(), total: paths(), part: paths() }).exactOptional(),
  });

const event = () =>
  z.strictObject({
    when: when().exactOptional(),
    /** The list that holds an event an item; paths are within an item then. */
    each: z.string().exactOptional(),
    report: report().exactOptional(),
    incoming: incoming().exactOptional(),
  });

const answer = () =>
  z.strictObject({
    status: z.number().int().min(200).max(299).default(200),
    type: z.string().exactOptional(),
    body: z.string().default(''),
  });

export const webhook = () =>
  z.strictObject({
    verify: z
      .array(
        z.strictObject({
          scheme: z.enum(SCHEMES),
          /** The secret, or the public key. Where it is empty the token in the URL is enough. */
          key: z.string(),
        }),
      )
      .min(1)
      .exactOptional(),
    /** Numbers come without the `+`. */
    bareNumbers: z.boolean().default(false),
    events: z.array(event()).min(1),
    /** What is at this path is given back at the other: how a subscription is confirmed. */
    echo: z.strictObject({ when: when(), from: z.string(), to: z.string() }).exactOptional(),
    answer: z
      .strictObject({ report: answer().exactOptional(), incoming: answer().exactOptional() })
      .prefault({}),
  });

export type WebhookDescription = Section<ReturnType<typeof webhook>>;
export type EventDescription = Section<ReturnType<typeof event>>;
export type ReportDescription = Section<ReturnType<typeof report>>;
export type IncomingDescription = Section<ReturnType<typeof incoming>>;
export type WebhookCondition = Section<ReturnType<typeof when>>;
