import { type OAuth2Settings, signersOf } from '../auth/signers.ts';
import type { TemplateMessage } from '../template/message.ts';
import { fillHeader, fillUrl } from '../template/places.ts';
import { type Template, parseTemplate } from '../template/token.ts';
import type { RequestDescription } from './schema.ts';
import { type Filled, type Node, type TreeOptions, fillPairs, fillTree, parseTree } from './tree.ts';
import { cutUrl, withQuery } from '../auth/url.ts';
import type { SignContext, WireRequest } from '../auth/wire-request.ts';
import { type XmlTree, writeXml } from './xml.ts';

/**
 * A request description made ready: its templates are divided, its credentials known. `fill` makes the request for a message;
 * `sign` puts the credentials on it, anew for each attempt.
 */
export interface CompiledRequest {
  /** Throws TemplateError where the message has no form here. */
  fill(message: TemplateMessage): WireRequest;
  sign(request: WireRequest, context: SignContext): WireRequest;
  /** How a bearer token is got; absent where none is needed. */
  readonly oauth2?: OAuth2Settings;
}

export interface CompileOptions {
  /** Variables that templates may use. */
  readonly names: ReadonlySet<string>;
  /** Settings of a preset, opened. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Throws TemplateError for what no message could mend. */
export function compileRequest(description: RequestDescription, options: CompileOptions): CompiledRequest {
  const { charset } = description;
  const parse = (text: string): Template => parseTemplate(text, options.names, charset).template;
  const address = cutUrl(description.url, options.settings);
  const path = parse(address.path);
  const pairs = { names: options.names, ...(charset === undefined ? {} : { charset }) };
  const query = description.query === undefined ? undefined : parseTree(description.query, pairs);
  const headers = Object.entries(description.headers ?? {}).map(
    ([name, text]) => [name.toLowerCase(), parseTemplate(text, options.names).template] as const,
  );
  const body = bodyOf(description, options.names, pairs);
  const method = description.method ?? (body === undefined ? 'GET' : 'POST');
  const signers = signersOf(description.auth ?? {}, options.settings);

  return {
    fill(message) {
      const written = body?.(message);
      const added = query === undefined ? '' : fillPairs(query, message);
      return {
        method,
        origin: address.origin,
        path: withQuery(fillUrl(path, message), added),
        headers: {
          ...(written === undefined ? {} : { 'content-type': written.type }),
          ...(address.basic === undefined ? {} : { authorization: address.basic }),
          ...Object.fromEntries(headers.map(([name, template]) => [name, fillHeader(template, message)])),
        },
        ...(written === undefined ? {} : { body: written.text }),
      };
    },
    sign: (request, context) => signers.sign.reduce((left, sign) => sign(left, context), request),
    ...(signers.oauth2 === undefined ? {} : { oauth2: signers.oauth2 }),
  };
}

type Body = (message: TemplateMessage) => { readonly type: string; readonly text: string };

function bodyOf(
  { form, json, xml }: RequestDescription,
  names: ReadonlySet<string>,
  pairs: TreeOptions,
): Body | undefined {
  if (form !== undefined) {
    const node = parseTree(form, pairs);
    return (message) => ({ type: 'application/x-www-form-urlencoded', text: fillPairs(node, message) });
  }
  if (json !== undefined) {
    const node = parseTree(json, { names });
    return (message) => ({
      type: 'application/json',
      text: JSON.stringify(fillTree(node, message) ?? {}),
    });
  }
  if (xml !== undefined) {
    const node = parseTree(xml, { names });
    return (message) => ({ type: 'application/xml; charset=utf-8', text: writeXml(xmlTree(node, message)) });
  }
  return undefined;
}

function xmlTree(node: Node, message: TemplateMessage): Record<string, XmlTree> {
  const filled = fillTree(node, message);
  return typeof filled === 'object' && filled !== null && !Array.isArray(filled)
    ? Object.fromEntries(Object.entries(filled).map(([name, each]) => [name, xmlOf(each)]))
    : {};
}

function xmlOf(filled: Filled): XmlTree {
  if (filled === null) return '';
  if (typeof filled !== 'object') return String(filled);
  if (Array.isArray(filled)) return (filled as readonly Filled[]).map(xmlOf);
  return Object.fromEntries(Object.entries(filled).map(([name, each]) => [name, xmlOf(each)]));
}
