import { BadPattern } from '../../../rules/match/regex.ts';
import type { Finding, SettingPath } from '../../../settings/finding.ts';
import { type TemplatePlace, checkRequired, checkTemplate } from '../template/check.ts';
import { TemplateError } from '../template/message.ts';
import { AnswerReader } from './answer.ts';
import type { RequestDescription } from './schema.ts';
import { isLeafDescription, leavesOf } from './tree.ts';
import { cutUrl } from '../auth/url.ts';
import { isXmlName } from './xml.ts';

/**
 * What is wrong with a request description, by its places in it: found when the configuration is read. What is asked for as a
 * whole (a number and a text) is told at `whole`.
 */
export function checkRequest(
  request: RequestDescription,
  { names, whole = [] }: { readonly names: ReadonlySet<string>; readonly whole?: SettingPath },
): Finding[] {
  const templates = templatesOf(request);
  const texts = templates.map(({ text }) => text);
  return [
    ...templates.flatMap(({ text, path, place }) =>
      checkTemplate(text, names, place).map((problem) => ({ path, ...problem })),
    ),
    ...checkRequired(texts, names).map((problem) => ({ path: whole, ...problem })),
    ...wrongUrl(request),
    ...wrongBody(request),
    ...wrongHeaders(request),
    ...wrongPatterns(request),
    ...wrongAuth(request),
  ];
}

interface PlacedTemplate {
  readonly text: string;
  readonly path: SettingPath;
  readonly place: TemplatePlace;
}

function templatesOf({ url, headers, query, form, json, xml }: RequestDescription): PlacedTemplate[] {
  const trees = [
    ['headers', headers, 'text'],
    ['query', query, 'pair'],
    ['form', form, 'pair'],
    ['json', json, 'text'],
    ['xml', xml, 'text'],
  ] as const;
  return [
    { text: url, path: ['url'], place: 'url' },
    ...trees.flatMap(([name, tree, place]) =>
      leavesOf(tree, [name]).map((leaf): PlacedTemplate => ({ ...leaf, place })),
    ),
  ];
}

function wrongUrl({ url }: RequestDescription): Finding[] {
  // What settings stand for is known elsewhere; here any host will do.
  if (url.startsWith('%settings.')) return [];
  try {
    cutUrl(url.replace(/%settings\.[A-Za-z0-9]+%/g, 'x'), {});
    return [];
  } catch (error) {
    if (error instanceof TemplateError) return [{ path: ['url'], message: error.message }];
    throw error;
  }
}

function wrongBody(request: RequestDescription): Finding[] {
  const bodies = (['form', 'json', 'xml'] as const).filter((name) => request[name] !== undefined);
  const [first, second] = bodies;
  const findings: Finding[] = [];
  if (first !== undefined && second !== undefined)
    findings.push({ path: [second], message: `there is a body already, "${first}"` });
  if (first !== undefined && request.method === 'GET')
    findings.push({ path: ['method'], message: 'a GET has no body', hint: 'use POST, or "query"' });
  for (const name of ['query', 'form'] as const) {
    for (const [key, value] of Object.entries(request[name] ?? {})) {
      const fields: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (fields.some((each) => typeof each === 'object' && each !== null && !isLeafDescription(each)))
        findings.push({ path: [name, key], message: 'a parameter holds a text or a list of texts' });
    }
  }
  if (request.xml !== undefined) {
    if (Object.keys(request.xml).length !== 1)
      findings.push({ path: ['xml'], message: 'XML has one outermost element' });
    for (const { path } of groupsOf(request.xml, ['xml'])) {
      const name = path.at(-1);
      if (typeof name === 'string' && !isXmlName(name))
        findings.push({ path, message: `"${name}" is not the name of an element or @attribute` });
    }
  }
  return findings;
}

/** Every field of a tree with its path. */
function groupsOf(tree: unknown, path: SettingPath): { readonly path: SettingPath }[] {
  if (typeof tree !== 'object' || tree === null || isLeafDescription(tree)) return [];
  if (Array.isArray(tree)) return tree.flatMap((each, index) => groupsOf(each, [...path, index]));
  return Object.entries(tree).flatMap(([name, each]) => [
    { path: [...path, name] },
    ...groupsOf(each, [...path, name]),
  ]);
}

/** RFC 9110 5.6.2: token. What the connection is made of is the client's. */
function wrongHeaders({ headers = {} }: RequestDescription): Finding[] {
  return Object.keys(headers).flatMap((name) => {
    const path = ['headers', name];
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
      return [{ path, message: `"${name}" is not the name of a header field` }];
    return /^(?:connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i.test(
      name,
    )
      ? [{ path, message: `the header field ${name} is set by the connection` }]
      : [];
  });
}

function wrongPatterns(request: RequestDescription): Finding[] {
  const parts = ['success', 'id', 'failure', 'error'] as const;
  return parts.flatMap((name) => {
    try {
      new AnswerReader({ [name]: request[name] });
      return [];
    } catch (error) {
      if (error instanceof BadPattern)
        return [{ path: [name], message: `a pattern is wrong: ${error.message}` }];
      throw error;
    }
  });
}

function wrongAuth({ auth = {}, headers = {} }: RequestDescription): Finding[] {
  const ways = Object.keys(auth);
  const [first, second] = ways;
  if (first !== undefined && second !== undefined)
    return [{ path: ['auth', second], message: `there is "${first}" already`, hint: 'use one of them' }];
  const doubled = first !== undefined && Object.keys(headers).some((name) => /^authorization$/i.test(name));
  return doubled ? [{ path: ['headers'], message: '"auth" sets Authorization already' }] : [];
}
