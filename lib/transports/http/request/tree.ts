import type { TemplateMessage } from '../template/message.ts';
import { TemplateError } from '../template/message.ts';
import { fillText, fillValue } from '../template/evaluate.ts';
import { percentEncoded } from '../template/places.ts';
import { type Template, parseTemplate } from '../template/token.ts';

/**
 * Trees of a request description: fields and lists whose leaves are templates. A leaf is a text, or
 * `{ value, as, omit }`: `as` gives what is one token another type, `omit: empty` leaves an empty leaf out. A group or list
 * all of whose leaves are left out is left out too.
 */
export type Node =
  | { readonly kind: 'leaf'; readonly template: Template; readonly as: LeafType; readonly omit: boolean }
  | { readonly kind: 'constant'; readonly value: number | boolean | null }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'group'; readonly fields: readonly (readonly [string, Node])[] };

export type LeafType = 'text' | 'number' | 'boolean' | 'list';

export interface TreeOptions {
  /** Variables that templates may use. */
  readonly names: ReadonlySet<string>;
  readonly charset?: string;
}

/** A leaf with attributes of its own. Any other object is a group of fields. */
export interface LeafDescription {
  readonly value: string;
  readonly as?: 'number' | 'boolean' | 'list';
  readonly omit?: 'empty';
}

export function isLeafDescription(given: unknown): given is LeafDescription {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false;
  const { value, ...rest } = given as Record<string, unknown>;
  const keys = Object.keys(rest);
  return typeof value === 'string' && keys.length > 0 && keys.every((key) => key === 'as' || key === 'omit');
}

/** A tree of the configuration or of a preset, ready to be filled. */
export function parseTree(given: unknown, options: TreeOptions): Node {
  const leaf = (text: string, as: LeafType, omit: boolean): Node => ({
    kind: 'leaf',
    template: parseTemplate(text, options.names, options.charset).template,
    as,
    omit,
  });
  if (typeof given === 'string') return leaf(given, 'text', false);
  if (typeof given === 'number' || typeof given === 'boolean') return { kind: 'constant', value: given };
  if (typeof given !== 'object' || given === null) return { kind: 'constant', value: null };
  if (Array.isArray(given)) return { kind: 'list', items: given.map((each) => parseTree(each, options)) };
  if (isLeafDescription(given)) return leaf(given.value, given.as ?? 'text', given.omit === 'empty');
  const fields = Object.entries(given).map(([key, value]) => [key, parseTree(value, options)] as const);
  return { kind: 'group', fields };
}

/** The texts of all leaves, for checks. */
export function leavesOf(
  given: unknown,
  path: readonly (string | number)[] = [],
): { readonly text: string; readonly path: readonly (string | number)[] }[] {
  if (typeof given === 'string') return [{ text: given, path }];
  if (typeof given !== 'object' || given === null) return [];
  if (Array.isArray(given)) return given.flatMap((each, index) => leavesOf(each, [...path, index]));
  if (isLeafDescription(given)) return [{ text: given.value, path: [...path, 'value'] }];
  return Object.entries(given).flatMap(([key, value]) => leavesOf(value, [...path, key]));
}

export type Filled =
  string | number | boolean | null | readonly Filled[] | { readonly [key: string]: Filled };

/** The tree with its leaves filled, for JSON; undefined where nothing of it is left. Throws TemplateError. */
export function fillTree(node: Node, message: TemplateMessage): Filled | undefined {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'leaf':
      return fillLeaf(node, message);
    case 'list': {
      const items = node.items.map((item) => fillTree(item, message)).filter((item) => item !== undefined);
      return items.length === 0 && node.items.length > 0 ? undefined : items;
    }
    case 'group': {
      const fields = node.fields.flatMap(([key, field]): [string, Filled][] => {
        const value = fillTree(field, message);
        return value === undefined ? [] : [[key, value]];
      });
      return fields.length === 0 && node.fields.length > 0 ? undefined : Object.fromEntries(fields);
    }
  }
}

function fillLeaf(
  { template, as, omit }: Extract<Node, { kind: 'leaf' }>,
  message: TemplateMessage,
): Filled | undefined {
  const text = fillText(template, message);
  if (text === '' && omit) return undefined;
  switch (as) {
    case 'text':
      return text;
    case 'list':
      return text === '' ? [] : [text];
    case 'boolean':
      return text !== '' && text !== '0' && text !== 'false';
    case 'number': {
      const value = Number(text);
      if (text.trim() === '' || !Number.isFinite(value)) throw new TemplateError(`"${text}" is not a number`);
      return value;
    }
  }
}

/** The tree as `name=value&...`, all escaped: a query, or a form. A list repeats its name. Throws TemplateError. */
export function fillPairs(node: Node, message: TemplateMessage): string {
  if (node.kind !== 'group') return '';
  return node.fields
    .flatMap(([name, field]) =>
      (field.kind === 'list' ? field.items : [field]).map((each) => [name, each] as const),
    )
    .flatMap(([name, field]) => {
      if (field.kind === 'constant')
        return [`${percentEncoded(name)}=${percentEncoded(String(field.value))}`];
      if (field.kind !== 'leaf') return [];
      const value = fillValue(field.template, message);
      return value.length === 0 && field.omit ? [] : [`${percentEncoded(name)}=${percentEncoded(value)}`];
    })
    .join('&');
}
