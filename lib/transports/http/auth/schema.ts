import { z } from 'zod';
import type { Section } from '../../../settings/section.ts';
import { secret } from '../../../settings/values.ts';

const said = (description: string, example: string) => z.string().meta({ description, examples: [example] });

const hidden = (description: string) => secret().meta({ description, examples: ['secret'] });

/** How a gateway shows its provider who it is: one of these. */
export const auth = () =>
  z.strictObject({
    basic: z
      .strictObject({ user: said('User name.', 'me'), password: hidden('Password.') })
      .exactOptional()
      .meta({ description: 'User name and password (RFC 7617).' }),
    bearer: secret()
      .exactOptional()
      .meta({ description: 'A bearer token (RFC 6750).', examples: ['secret'] }),
    header: z
      .strictObject({ name: said('Name of the header field.', 'X-Api-Key'), value: hidden('The key.') })
      .exactOptional()
      .meta({ description: 'A key in a header field.' }),
    query: z
      .strictObject({ name: said('Name of the parameter.', 'api_key'), value: hidden('The key.') })
      .exactOptional()
      .meta({ description: 'A key in the query.' }),
    oauth2: z
      .strictObject({
        tokenUrl: said('Where tokens are got.', 'https://id.example.com/token'),
        clientId: said('Our name there.', 'mailsms'),
        clientSecret: hidden('Our secret there.'),
        scope: z
          .string()
          .exactOptional()
          .meta({ description: 'What the token is for.', examples: ['sms'] }),
        audience: z
          .string()
          .exactOptional()
          .meta({ description: 'Who the token is for.', examples: ['https://api.example.com'] }),
        send: z
          .enum(['basic', 'body'])
          .default('basic')
          .meta({ description: 'How name and secret are sent.', examples: ['body'] }),
      })
      .exactOptional()
      .meta({ description: 'A token got by client credentials (RFC 6749 4.4), kept while it is valid.' }),
    'aws-sigv4': z
      .strictObject({
        accessKeyId: said('Access key.', 'AKIDEXAMPLE'),
        secretAccessKey: hidden('Secret key.'),
        sessionToken: secret()
          .exactOptional()
          .meta({ description: 'Token of temporary keys.', examples: ['secret'] }),
        region: said('Region.', 'eu-central-1'),
        service: said('Name of the service.', 'sms-voice'),
      })
      .exactOptional()
      .meta({ description: 'AWS Signature Version 4.' }),
    'azure-hmac': secret()
      .exactOptional()
      .meta({ description: 'Access key for the HMAC of Azure.', examples: ['c2VjcmV0'] }),
    'jwt-rs256': z
      .strictObject({
        key: hidden('The RSA key, in PEM.'),
        claims: z
          .record(z.string(), z.string())
          .meta({ description: 'Claims beside times and id.', examples: [{ application_id: 'a1' }] }),
      })
      .exactOptional()
      .meta({ description: 'A token signed by an RSA key.' }),
    mac: z
      .strictObject({ id: said('Id of the key.', 'k1'), key: hidden('The key.') })
      .exactOptional()
      .meta({ description: 'HTTP MAC.' }),
  });

export type AuthDescription = Section<ReturnType<typeof auth>>;
