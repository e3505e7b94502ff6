import { isLeafDescription } from './tree.ts';

/**
 * What in a request description is secret: credentials, and what stands literally under a name that sounds so. It is masked where
 * the configuration is printed, and taken out of everything that a provider says.
 */
const SECRET_NAME = /pass|pwd|pin$|secret|token|key|auth|hash|sign|credential|session/i;

export function soundsSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

const MASK = '***';

/** A URL template with credentials and secret parameters masked. */
export function maskedUrl(url: string): string {
  return url
    .replace(/^(https?:\/\/)[^/?#@]*@/i, `$1${MASK}@`)
    .replace(/([?&])([^=&#%]+)=([^&#]*)/g, (whole, mark: string, name: string, value: string) =>
      soundsSecret(name) && isLiteral(value) ? `${mark}${name}=${MASK}` : whole,
    );
}

/** A tree, or header fields, with secret leaves masked. */
export function maskedTree<T>(tree: T, name = ''): T {
  return masked(tree, name) as T;
}

function masked(tree: unknown, name: string): unknown {
  if (typeof tree === 'string') return soundsSecret(name) && isLiteral(tree) ? MASK : tree;
  if (typeof tree === 'number') return soundsSecret(name) ? MASK : tree;
  if (typeof tree !== 'object' || tree === null) return tree;
  if (Array.isArray(tree)) return tree.map((each) => masked(each, name));
  if (isLeafDescription(tree)) return { ...tree, value: masked(tree.value, name) };
  return Object.fromEntries(Object.entries(tree).map(([key, each]) => [key, masked(each, key)]));
}

/** It is no variable, which stands for something else. */
export function isLiteral(value: string): boolean {
  return value !== '' && !/^%[a-z_.]+(?:;[^%]*)?%$/i.test(value);
}
