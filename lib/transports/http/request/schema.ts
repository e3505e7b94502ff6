import { z } from 'zod';
import type { Section } from '../../../settings/section.ts';
import { listOf, written } from '../../../settings/values.ts';
import { auth } from '../auth/schema.ts';
import { maskedTree, maskedUrl } from './masked.ts';

/**
 * The description of a request and of what its answers mean: `request` of a gateway, and `send` of a preset. Texts are templates
 * (template/token.ts). What they hold and what patterns mean is looked at by `checkRequest`, which knows all of it.
 */

const plainTree = () => z.record(z.string(), z.unknown());

/** Printed with what sounds secret in it masked. */
const tree = () =>
  z.codec(plainTree(), plainTree(), { decode: (value) => value, encode: (value) => maskedTree(value) });

const listOrTree = () => z.union([plainTree(), z.array(z.unknown())]);

export const urlTemplate = () =>
  written(
    z.string(),
    (value) => value,
    (value) => maskedUrl(value),
  );

const scalar = () => z.union([z.string(), z.number(), z.boolean()]);

/** What a value at a path of an answer has to be. */
const expectation = () =>
  z.union([
    scalar(),
    z.array(scalar()),
    z.strictObject({ regex: z.string() }),
    z.strictObject({ exists: z.boolean() }),
  ]);

const status = () => z.union([z.number().int().min(100).max(599), z.string().regex(/^[1-5]xx$/)]);
const statuses = () => z.union([status(), z.array(status()).min(1)]);

const when = () =>
  z.strictObject({
    status: statuses()
      .exactOptional()
      .meta({ description: 'The status, a list of them, or a class such as `4xx`.', examples: [429] }),
    body: z
      .string()
      .exactOptional()
      .meta({ description: 'A regular expression that the text must match.', examples: ['^ERR'] }),
    json: z
      .record(z.string(), expectation())
      .exactOptional()
      .meta({
        description:
          'Values by their paths; `*` stands for every item. A list holds all that will do, `regex` a pattern.',
        examples: [{ 'messages.*.status': '0' }],
      }),
    xml: z
      .record(z.string(), expectation())
      .exactOptional()
      .meta({ description: 'The same for an answer in XML.', examples: [{ 'result.code': '0' }] }),
  });

export const FAILURE_KINDS = ['sent', 'temporary', 'permanent', 'number', 'down', 'busy'] as const;

export const request = () =>
  z.strictObject({
    method: z
      .enum(['GET', 'POST', 'PUT'])
      .exactOptional()
      .meta({
        description: 'The method.',
        examples: ['POST'],
        'x-default': '`POST` where there is a body, else `GET`',
      }),
    url: urlTemplate().meta({
      description: 'Where it goes.',
      examples: ['https://sms.example.com/send?to=%number%&text=%data%'],
    }),
    headers: z
      .codec(z.record(z.string(), z.string()), z.record(z.string(), z.string()), {
        decode: (value) => value,
        encode: (value) => maskedTree(value),
      })
      .exactOptional()
      .meta({ description: 'Header fields.', examples: [{ 'X-Priority': '1' }] }),
    query: tree()
      .exactOptional()
      .meta({ description: 'Parameters added to the URL.', examples: [{ to: '%number%' }] }),
    form: tree()
      .exactOptional()
      .meta({ description: 'The body as a form.', examples: [{ to: '%number%', text: '%data%' }] }),
    json: z
      .codec(listOrTree(), listOrTree(), { decode: (value) => value, encode: (value) => maskedTree(value) })
      .exactOptional()
      .meta({ description: 'The body as JSON.', examples: [{ to: ['%number%'], text: '%data%' }] }),
    xml: tree()
      .exactOptional()
      .meta({
        description: 'The body as XML; `@name` is an attribute, `#text` the text beside attributes.',
        examples: [{ sms: { to: '%number%', text: '%data%' } }],
      }),
    charset: z
      .string()
      .exactOptional()
      .meta({ description: 'The charset of texts in URL and form.', examples: ['ISO-8859-1'] }),
    auth: auth().exactOptional().meta({ description: 'How the gateway shows who it is.' }),
    success: when().exactOptional().meta({ description: 'What an answer has to be beside 2xx.' }),
    id: z
      .strictObject({
        json: z
          .string()
          .exactOptional()
          .meta({ description: 'At this path of an answer in JSON.', examples: ['messages.0.id'] }),
        xml: z
          .string()
          .exactOptional()
          .meta({ description: 'At this path of an answer in XML.', examples: ['result.id'] }),
        regex: z
          .string()
          .exactOptional()
          .meta({
            description: 'In the first group of this regular expression.',
            examples: ['id=(\\w+)'],
          }),
        header: z
          .string()
          .exactOptional()
          .meta({ description: 'In this header field.', examples: ['X-Message-Id'] }),
        own: z
          .literal(true)
          .exactOptional()
          .meta({ description: 'The `%key%` that it was sent.', examples: [true] }),
      })
      .exactOptional()
      .meta({ description: "Where the provider's id is, by which its reports are matched." }),
    failure: z
      .array(
        z.strictObject({
          when: when().meta({ description: 'Which answers.' }),
          kind: z.enum(FAILURE_KINDS).meta({
            description:
              'What the answer means. `sent`: it has it already; `number`: no such number; `down`: the gateway rests and others take over; `busy`: the same for a moment.',
            examples: ['down'],
          }),
        }),
      )
      .exactOptional()
      .meta({ description: 'What certain answers mean; the first that fits counts.' }),
    error: z
      .strictObject({
        json: listOf(z.string())
          .exactOptional()
          .meta({ description: 'Paths in JSON, the first that is there.', examples: [['message']] }),
        xml: listOf(z.string())
          .exactOptional()
          .meta({ description: 'Paths in XML.', examples: [['result.text']] }),
        regex: z
          .string()
          .exactOptional()
          .meta({ description: 'A regular expression.', examples: ['^ERR: (.*)'] }),
      })
      .exactOptional()
      .meta({ description: 'Where an answer says in words what is wrong.' }),
    idempotent: z
      .boolean()
      .exactOptional()
      .meta({
        description:
          'The provider makes one SMS of a request that it gets twice (by `%key%`): one whose outcome is unknown is sent again.',
        examples: [true],
      }),
  });

export type RequestDescription = Section<ReturnType<typeof request>>;
export type WhenDescription = Section<ReturnType<typeof when>>;
export type Expectation = Section<ReturnType<typeof expectation>>;
export type FailureKind = (typeof FAILURE_KINDS)[number];
