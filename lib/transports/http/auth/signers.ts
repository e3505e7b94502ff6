import type { KeyObject } from 'node:crypto';
import type { AuthDescription } from './schema.ts';
import { withQuery } from './url.ts';
import { type SignContext, type WireRequest, withHeaders } from './wire-request.ts';
import { TemplateError } from '../template/message.ts';
import { percentEncoded } from '../template/places.ts';
import { withSettings } from '../template/settings.ts';
import { basicCredentials } from './basic.ts';
import { makeJwt, rsaKey } from './jwt.ts';
import { signAzure, signMac } from './keyed-hash.ts';
import { signSigV4 } from './sigv4.ts';

/** How a token is got by client credentials (RFC 6749 4.4). */
export interface OAuth2Settings {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
  readonly audience?: string;
  readonly send: 'basic' | 'body';
}

type Signer = (request: WireRequest, context: SignContext) => WireRequest;

/** Credentials: a text may be a setting of a preset, or hold some; nothing of a message can be in it. */
export function signersOf(
  auth: AuthDescription,
  settings: Readonly<Record<string, string>>,
): { readonly sign: readonly Signer[]; readonly oauth2?: OAuth2Settings } {
  const open = (text: string): string => withSettings(text, settings);
  const sign: Signer[] = [];
  const authorise = (value: string): void => {
    sign.push((request) => withHeaders(request, { authorization: value }));
  };
  if (auth.basic !== undefined)
    authorise(basicCredentials(open(auth.basic.user), open(auth.basic.password.open())));
  if (auth.bearer !== undefined) authorise(`Bearer ${open(auth.bearer.open())}`);
  if (auth.header !== undefined) {
    const { name, value } = auth.header;
    const field = { [name.toLowerCase()]: headerValue(open(value.open())) };
    sign.push((request) => withHeaders(request, field));
  }
  if (auth.query !== undefined) {
    const pair = `${percentEncoded(auth.query.name)}=${percentEncoded(open(auth.query.value.open()))}`;
    sign.push((request) => ({ ...request, path: withQuery(request.path, pair) }));
  }
  const jwt = auth['jwt-rs256'];
  if (jwt !== undefined) {
    const key = rsaKeyOf(open(jwt.key.open()));
    const claims = Object.fromEntries(Object.entries(jwt.claims).map(([name, each]) => [name, open(each)]));
    sign.push((request, context) =>
      withHeaders(request, { authorization: `Bearer ${makeJwt(key, claims, context)}` }),
    );
  }
  const { mac, 'aws-sigv4': aws, 'azure-hmac': azure, oauth2 } = auth;
  if (mac !== undefined) {
    const pair = { id: open(mac.id), key: open(mac.key.open()) };
    sign.push((request, context) => signMac(request, pair, context));
  }
  if (aws !== undefined) {
    const key = {
      accessKeyId: open(aws.accessKeyId),
      secretAccessKey: open(aws.secretAccessKey.open()),
      ...(aws.sessionToken === undefined ? {} : { sessionToken: open(aws.sessionToken.open()) }),
      region: open(aws.region),
      service: open(aws.service),
    };
    sign.push((request, context) => signSigV4(request, key, context));
  }
  if (azure !== undefined) {
    const key = open(azure.open());
    sign.push((request, context) => signAzure(request, key, context));
  }
  if (oauth2 === undefined) return { sign };
  const { tokenUrl, clientId, clientSecret, scope, audience, send } = oauth2;
  return {
    sign,
    oauth2: {
      tokenUrl: open(tokenUrl),
      clientId: open(clientId),
      clientSecret: open(clientSecret.open()),
      ...(scope === undefined ? {} : { scope: open(scope) }),
      ...(audience === undefined ? {} : { audience: open(audience) }),
      send,
    },
  };
}

function headerValue(text: string): string {
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(text))
    throw new TemplateError('a credential cannot hold a control character');
  return Buffer.from(text).toString('latin1');
}

function rsaKeyOf(pem: string): KeyObject {
  const key = rsaKey(pem);
  if (key === undefined) throw new TemplateError('the private key is not an RSA key in PEM');
  return key;
}
