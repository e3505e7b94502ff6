import { z } from 'zod';
import { Secret } from '../../base/secret.ts';
import { gatewaySchema } from '../../routing/gateway.ts';
import { BadValue, duration, path, secret, written } from '../../settings/values.ts';
import { request, urlTemplate } from './request/schema.ts';

/** Settings of presets that are nobody's secret: shown where the configuration is printed. */
const OPEN_SETTINGS = new Set(['baseUrl', 'sender', 'region', 'port', 'line']);

/** A preset's settings. Which of them are secret is for the preset to say; until it has, all are. */
const settings = () =>
  z.codec(
    z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    z.record(z.string(), z.instanceof(Secret)),
    {
      decode: (given) =>
        Object.fromEntries(Object.entries(given).map(([name, value]) => [name, new Secret(String(value))])),
      encode: (kept) =>
        Object.fromEntries(
          Object.entries(kept).map(([name, value]) => [
            name,
            OPEN_SETTINGS.has(name) ? value.open() : value.toString(),
          ]),
        ),
    },
  );

const proxy = () =>
  written(
    z.instanceof(Secret),
    (value) => {
      if (!/^https?:\/\/[^\s/?#]+\/?$/i.test(value))
        throw new BadValue('is not the URL of a proxy', 'write it as http://user:password@proxy:3128');
      return new Secret(value);
    },
    (value) => value.open().replace(/\/\/[^@]*@/, '//***@'),
  );

export const httpSchema = gatewaySchema('http', "A provider's HTTP interface, or another server's.", {
  preset: z
    .string()
    .exactOptional()
    .meta({
      description: 'A provider that mailsms knows (`mailsms gateways presets`).',
      examples: ['twilio'],
    }),
  settings: settings()
    .exactOptional()
    .meta({
      description: 'What the preset asks for (`mailsms gateways presets NAME`).',
      examples: [{ apiKey: '${MAILSMS_PROVIDER_KEY}', sender: '+15550001111' }],
    }),
  url: urlTemplate()
    .exactOptional()
    .meta({
      description: 'In place of a preset: a GET request to this URL, which any 2xx answer calls sent.',
      examples: ['https://sms.example.com/send?to=%number%&text=%data%'],
    }),
  request: request()
    .exactOptional()
    .meta({ description: 'In place of a preset: the request and what its answers mean.' }),
  sender: z
    .string()
    .exactOptional()
    .meta({
      description: '`%sender%` of messages that name no sender.',
      examples: ['+15550001111'],
      'x-default': "the preset's `settings.sender`",
    }),
  password: secret()
    .exactOptional()
    .meta({ description: '`%pass%`, and what incoming messages prove themselves by.', examples: ['secret'] }),
  split: z
    .enum(['provider', 'us'])
    .default('provider')
    .meta({
      description:
        'Who splits long messages: the provider, given all of it in one request, or mailsms, with a request for each part.',
      examples: ['us'],
    }),
  concurrency: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(8)
    .meta({ description: 'How many requests there may be at once.', examples: [2] }),
  timeouts: z
    .strictObject({
      send: duration()
        .prefault('30s')
        .meta({ description: 'From connecting to the end of the answer.', examples: ['10s'] }),
    })
    .prefault({})
    .meta({ description: 'How long the provider is waited for.' }),
  clientCert: path()
    .exactOptional()
    .meta({
      description: 'PEM file of the certificate that we show, with its key unless `clientKey` has it.',
      examples: ['certs/o2.pem'],
    }),
  clientKey: path()
    .exactOptional()
    .meta({ description: 'PEM file of its key.', examples: ['certs/o2.key'] }),
  clientKeyPassword: secret()
    .exactOptional()
    .meta({ description: 'What the key is encrypted with.', examples: ['secret'] }),
  ca: path()
    .exactOptional()
    .meta({
      description: 'PEM file of the authorities that the server is believed by.',
      examples: ['certs/ca.pem'],
      'x-default': "Node's own",
    }),
  proxy: proxy()
    .exactOptional()
    .meta({ description: 'The proxy to go through.', examples: ['http://proxy.example.com:3128'] }),
  trace: z
    .boolean()
    .default(false)
    .meta({
      description: 'Write requests and answers to the log, at level `debug`, without secrets.',
      examples: [true],
    }),
});
