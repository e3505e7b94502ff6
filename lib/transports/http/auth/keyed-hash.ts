import { createHash, createHmac } from 'node:crypto';
import { type SignContext, type WireRequest, hostOf, withHeaders } from './wire-request.ts';

/** Azure's HMAC authentication: date, host and body hash, signed with the resource's access key (base64). */
export function signAzure(request: WireRequest, accessKey: string, { now }: SignContext): WireRequest {
  const date = new Date(now).toUTCString();
  const hash = createHash('sha256')
    .update(request.body ?? '')
    .digest('base64');
  const toSign = `${request.method}\n${request.path}\n${date};${hostOf(request)};${hash}`;
  const signature = createHmac('sha256', Buffer.from(accessKey, 'base64')).update(toSign).digest('base64');
  return withHeaders(request, {
    'x-ms-date': date,
    'x-ms-content-sha256': hash,
    authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
  });
}

/** HTTP MAC authentication (draft-ietf-oauth-v2-http-mac-01 3), over method, path, host and port. */
export function signMac(
  request: WireRequest,
  { id, key }: { readonly id: string; readonly key: string },
  { now, nonce }: SignContext,
): WireRequest {
  const { hostname, port, protocol } = new URL(request.origin);
  const time = Math.floor(now / 1000);
  const at = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const toSign = `${[time, nonce, request.method, request.path, hostname, at, ''].join('\n')}\n`;
  const mac = createHmac('sha256', key).update(toSign).digest('base64');
  return withHeaders(request, {
    authorization: `MAC id="${id}", ts="${time}", nonce="${nonce}", mac="${mac}"`,
  });
}
