import { basicCredentials } from '../auth/basic.ts';
import { TemplateError } from '../template/message.ts';
import { withSettings } from '../template/settings.ts';
import { percentEncoded } from '../template/places.ts';
import type { AuthDescription } from '../auth/schema.ts';
import type { RequestDescription } from './schema.ts';
import { isLiteral, soundsSecret } from './masked.ts';
import { isLeafDescription } from './tree.ts';
import { cutUrl } from '../auth/url.ts';

/** All secrets of a request, for a Redactor. @param settings those of a preset, opened */
export function secretsOf(
  description: RequestDescription,
  settings: Readonly<Record<string, string>>,
): string[] {
  const { url, headers, query, form, json, xml, auth = {} } = description;
  return [
    ...urlSecrets(url, settings),
    ...[headers, query, form, json, xml].flatMap((tree) => literalSecrets(tree, '')),
    ...authSecrets(auth, settings),
  ].filter((secret) => secret !== '');
}

function urlSecrets(url: string, settings: Readonly<Record<string, string>>): string[] {
  const inQuery = [...url.matchAll(/[?&]([^=&#%]+)=([^&#]*)/g)].flatMap(([, name = '', value = '']) =>
    soundsSecret(name) && isLiteral(value) ? [value, unescaped(value)] : [],
  );
  try {
    const { password, basic = '' } = cutUrl(url, settings);
    return [...inQuery, ...(password === undefined ? [] : [password, basic.replace(/^Basic /, '')])];
  } catch (error) {
    if (error instanceof TemplateError) return inQuery;
    throw error;
  }
}

function literalSecrets(tree: unknown, name: string): string[] {
  if (typeof tree === 'string' || typeof tree === 'number') {
    const text = String(tree);
    // Of `Authorization: Bearer abc` the last word is what nobody may see.
    return soundsSecret(name) && isLiteral(text) ? [text, text.split(' ').at(-1) ?? ''] : [];
  }
  if (typeof tree !== 'object' || tree === null) return [];
  if (Array.isArray(tree)) return tree.flatMap((each) => literalSecrets(each, name));
  if (isLeafDescription(tree)) return literalSecrets(tree.value, name);
  return Object.entries(tree).flatMap(([key, each]) => literalSecrets(each, key));
}

function authSecrets(auth: AuthDescription, settings: Readonly<Record<string, string>>): string[] {
  const open = (text: string): string => withSettings(text, settings);
  const { basic, bearer, header, query, oauth2, mac } = auth;
  const pairs = [
    ...(basic === undefined ? [] : [[open(basic.user), open(basic.password.open())] as const]),
    ...(oauth2 === undefined ? [] : [[open(oauth2.clientId), open(oauth2.clientSecret.open())] as const]),
  ];
  const secrets = [
    ...[bearer, header?.value, query?.value, mac?.key, auth['azure-hmac'], auth['jwt-rs256']?.key],
    ...[auth['aws-sigv4']?.secretAccessKey, auth['aws-sigv4']?.sessionToken],
  ];
  return [
    ...pairs.flatMap(([user, password]) => [
      password,
      basicCredentials(user, password).replace(/^Basic /, ''),
      basicCredentials(percentEncoded(user), percentEncoded(password)).replace(/^Basic /, ''),
    ]),
    ...secrets.flatMap((secret) => (secret === undefined ? [] : [open(secret.open())])),
  ];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
