import { basicCredentials } from './basic.ts';
import { TemplateError } from '../template/message.ts';
import { withSettings } from '../template/settings.ts';

interface CutUrl {
  readonly origin: string;
  /** What follows the origin: a template. */
  readonly path: string;
  /** Credentials that stood in the URL: as `Authorization` has them, and the password alone. */
  readonly basic?: string;
  readonly password?: string;
}

/**
 * A URL template as its origin, which no message may touch, and the rest. In the origin, and in a base URL at its very beginning,
 * settings stand as they are written. Throws TemplateError where that is no address.
 */
export function cutUrl(url: string, settings: Readonly<Record<string, string>>): CutUrl {
  const open = (text: string): string => withSettings(text, settings);
  const based = url.replace(/^%settings\.baseUrl%/, () =>
    open(settings['baseUrl'] ?? '').replace(/\/+$/, ''),
  );
  const match = /^(https?:\/\/[^/?#]*)([^#]*)/is.exec(based);
  if (match === null) throw new TemplateError('the URL does not begin with http:// or https://');
  const [, head = '', rest = ''] = match;
  let parsed: URL;
  try {
    parsed = new URL(open(head));
  } catch {
    throw new TemplateError('the URL has no host, or one that cannot be');
  }
  if (/[%{}]/.test(parsed.hostname)) throw new TemplateError('the host of the URL cannot be a variable');
  const { origin, username, password } = parsed;
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  if (username === '' && password === '') return { origin, path };
  const opened = decodeURIComponent(password);
  return { origin, path, basic: basicCredentials(decodeURIComponent(username), opened), password: opened };
}

/** `path` with `query` added to the query that it may have. */
export function withQuery(path: string, query: string): string {
  if (query === '') return path;
  return path + (path.includes('?') ? (/[?&]$/.test(path) ? '' : '&') : '?') + query;
}
