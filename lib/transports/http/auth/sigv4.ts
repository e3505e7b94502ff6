import { createHash, createHmac } from 'node:crypto';
import { percentEncoded } from '../template/places.ts';
import { type SignContext, type WireRequest, hostOf, withHeaders } from './wire-request.ts';

export interface SigV4Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
  readonly service: string;
}

/** Headers that proxies on the way may change. */
const UNSIGNED = new Set(['authorization', 'user-agent', 'connection', 'content-length']);

/** Signs a request by AWS Signature Version 4: all its headers, its path and query, and the hash of its body. */
export function signSigV4(request: WireRequest, key: SigV4Key, { now }: SignContext): WireRequest {
  const time = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const dated = withHeaders(request, {
    host: hostOf(request),
    'x-amz-date': time,
    ...(key.sessionToken === undefined ? {} : { 'x-amz-security-token': key.sessionToken }),
  });
  const names = Object.keys(dated.headers)
    .filter((name) => !UNSIGNED.has(name))
    .sort();
  const [path = '/', query = ''] = request.path.split(/\?(.*)/s);
  const signed = names.join(';');
  const canonical = [
    request.method,
    path.split('/').map(percentEncoded).join('/'),
    canonicalQuery(query),
    ...names.map((name) => `${name}:${(dated.headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signed,
    sha256(request.body ?? ''),
  ].join('\n');
  const scope = `${day}/${key.region}/${key.service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const secret = [day, key.region, key.service, 'aws4_request'].reduce<string | Buffer>(
    (derived, part) => createHmac('sha256', derived).update(part).digest(),
    `AWS4${key.secretAccessKey}`,
  );
  const signature = createHmac('sha256', secret).update(toSign).digest('hex');
  return withHeaders(dated, {
    authorization: `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
  });
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .map((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      return [name, value].map((each) => percentEncoded(decodeURIComponent(each))) as [string, string];
    })
    .sort(([a, one], [b, other]) => compare(a, b) || compare(one, other))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
