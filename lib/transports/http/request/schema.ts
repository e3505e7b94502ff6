import { z } from 'zod';
import { secret, written } from '../../../settings/values.ts';
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

const auth = () =>
  z.strictObject({
    basic: z
      .strictObject({ user: z.string(), password: secret() })
      .exactOptional()
      .meta({ description: 'User name and password (RFC 7617).' }),
    bearer: secret().exactOptional().meta({ description: 'A bearer token (RFC 6750).' }),
    header: z
      .strictObject({ name: z.string(), value: secret() })
      .exactOptional()
      .meta({ description: 'A key in a header field.' }),
    query: z
      .strictObject({ name: z.string(), value: secret() })
      .exactOptional()
      .meta({ description: 'A key in the query.' }),
    oauth2: z
      .strictObject({
        tokenUrl: z.string(),
        clientId: z.string(),
        clientSecret: secret(),
        scope: z.string().exactOptional(),
        audience: z.string().exactOptional(),
        send: z.enum(['basic', 'body']).default('basic'),
      })
      .exactOptional()
      .meta({ description: 'A token got by client credentials (RFC 6749 4.4), kept while it is valid.' }),
    'aws-sigv4': z
      .strictObject({
        accessKeyId: z.string(),
        secretAccessKey: secret(),
        sessionToken: secret().exactOptional(),
        region: z.string(),
        service: z.string(),
      })
      .exactOptional()
      .meta({ description: 'AWS Signature Version 4.' }),
    'azure-hmac': secret().exactOptional().meta({ description: "Azure's HMAC by an access key." }),
    'jwt-rs256': z
      .strictObject({ key: secret(), claims: z.record(z.string(), z.string()) })
      .exactOptional()
      .meta({ description: 'A token signed by an RSA key in PEM.' }),
    mac: z.strictObject({ id: z.string(), key: secret() }).exactOptional().meta({ description: 'HTTP MAC.' }),
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
      examples: ['https://sms.example.com/send?to=%number%'],
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
    success: when()
      .exactOptional()
      .meta({
        description: 'What an answer has to be beside 2xx.',
        examples: [{ body: '^OK' }],
      }),
    id: z
      .strictObject({
        json: z.string().exactOptional(),
        xml: z.string().exactOptional(),
        regex: z.string().exactOptional(),
        header: z.string().exactOptional(),
        own: z.literal(true).exactOptional(),
      })
      .exactOptional()
      .meta({
        description:
          "The provider's id, by which its reports are matched: at a path, in the first group of a regular expression, in a header field; `own: true`: the `%key%` that it was sent.",
        examples: [{ regex: 'id=(\\w+)' }],
      }),
    failure: z
      .array(z.strictObject({ when: when(), kind: z.enum(FAILURE_KINDS) }))
      .exactOptional()
      .meta({
        description:
          'What certain answers mean; the first that fits counts. `sent`: it has it already; `number`: no such number; `down`: the gateway rests and others take over; `busy`: the same for a moment.',
        examples: [[{ when: { body: 'no credit' }, kind: 'down' }]],
      }),
    error: z
      .strictObject({
        json: z.array(z.string()).exactOptional(),
        xml: z.array(z.string()).exactOptional(),
        regex: z.string().exactOptional(),
      })
      .exactOptional()
      .meta({
        description: 'Where an answer says in words what is wrong.',
        examples: [{ json: ['message'] }],
      }),
    idempotent: z
      .boolean()
      .exactOptional()
      .meta({
        description:
          'The provider makes one SMS of a request that it gets twice (by `%key%`): one whose outcome is unknown is sent again.',
        examples: [true],
      }),
  });

export type RequestDescription = z.output<ReturnType<typeof request>>;
export type AuthDescription = z.output<ReturnType<typeof auth>>;
export type WhenDescription = z.output<ReturnType<typeof when>>;
export type Expectation = z.output<ReturnType<typeof expectation>>;
export type FailureKind = (typeof FAILURE_KINDS)[number];
