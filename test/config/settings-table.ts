/**
 * The tables of docs/configuration.md, made from the schema. `npx tsx test/config/settings-table.ts` puts them into the
 * page; docs.test.ts fails where they are not up to date.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { configJsonSchema } from '../../lib/config/json-schema.ts';
import type { JsonSchema } from '../../lib/settings/json-schema.ts';

export const PAGE = new URL('../../docs/configuration.md', import.meta.url);
const BEGIN = '<!-- The tables below are made from the schema: npx tsx test/config/settings-table.ts -->\n';
const END = '<!-- End of the tables. -->';

/** The page with its tables as they should be. */
export function withTables(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('the page has no place for the tables');
  return `${before}${BEGIN}\n${tables(configJsonSchema())}\n${END}${after}`;
}

/** A setting with its path: `gateways[].id`. */
export interface Setting {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** The kinds of entries that have it, where not all have. */
  readonly kinds?: readonly string[];
}

/** The settings below a place, groups left out. */
export function settingsIn(schema: JsonSchema, prefix: string): Setting[] {
  const entries = schema.items ?? schema;
  if (entries.oneOf !== undefined) return variants(entries.oneOf, `${prefix}[]`);
  const here = schema.items === undefined ? prefix : `${prefix}[]`;
  return Object.entries(entries.properties ?? {}).flatMap(([name, inner]) => {
    const path = here === '' ? name : `${here}.${name}`;
    const itself = { path, schema: inner, required: entries.required?.includes(name) ?? false };
    if (!holdsSettings(inner)) return [itself];
    // A group that may be left out has a line of its own; any other only holds its settings.
    return [...(here !== '' && inner['x-default'] !== undefined ? [itself] : []), ...settingsIn(inner, path)];
  });
}

/** A group, or a list of groups. */
export function holdsSettings({ properties, items }: JsonSchema): boolean {
  return [properties, items?.properties, items?.oneOf].some((each) => each !== undefined);
}

/** What all variants have first, then what each has of its own. */
function variants(schemas: readonly JsonSchema[], prefix: string): Setting[] {
  const lists = schemas.map((schema) => ({
    kind: String(schema.properties?.['type']?.const),
    settings: settingsIn(schema, '').map((each) => ({ ...each, path: `${prefix}.${each.path}` })),
  }));
  const [first, ...others] = lists;
  const inAll = (path: string) => others.every(({ settings }) => settings.some((each) => each.path === path));
  const shared = (first?.settings ?? [])
    .filter(({ path }) => inAll(path))
    .map((each) => (each.schema.const === undefined ? each : { ...each, schema: choice(schemas) }));
  const own = new Map<string, Setting & { kinds: string[] }>();
  for (const { kind, settings } of lists) {
    for (const each of settings) {
      if (shared.some(({ path }) => path === each.path)) continue;
      // Kinds may have settings of one name that mean something else, or have another default.
      const key = JSON.stringify([each.path, each.schema]);
      const known = own.get(key);
      if (known === undefined) own.set(key, { ...each, kinds: [kind] });
      else known.kinds.push(kind);
    }
  }
  return [...shared, ...own.values()];
}

/** The setting that tells the variants apart. */
function choice(schemas: readonly JsonSchema[]): JsonSchema {
  const types = schemas.flatMap(({ properties }) => properties?.['type'] ?? []);
  return {
    description: types.map((type) => `\`${String(type.const)}\`: ${type.description}`).join(' '),
    examples: types.map((type) => type.const),
  };
}

function tables(root: JsonSchema): string {
  const groups = Object.entries(root.properties ?? {});
  const isGroup = ([, schema]: [string, JsonSchema]) =>
    schema.properties !== undefined || schema.items !== undefined;
  const top = groups.filter((each) => !isGroup(each));
  const single = table(top.map(([path, schema]) => ({ path, schema, required: false })));
  const others = groups
    .filter(isGroup)
    .map(
      ([name, schema]) =>
        `### ${name}\n\n${schema.description}${wholeDefault(schema)}\n\n${table(settingsIn(schema, name))}`,
    );
  return [`### At the top\n\n${single}`, ...others].join('\n');
}

function wholeDefault(schema: JsonSchema): string {
  if (schema['x-default'] !== undefined) return ` Default: ${schema['x-default']}.`;
  return Array.isArray(schema.default) && schema.default.length > 0
    ? ` Default: ${code(schema.default)}.`
    : '';
}

function table(settings: readonly Setting[]): string {
  const rows = settings.map(({ path, schema, required, kinds }) => {
    const fallback = required
      ? 'required'
      : (schema['x-default'] ?? (schema.default === undefined ? 'none' : code(schema.default)));
    const only = (kinds ?? []).map((kind) => `\`${kind}\``).join(', ');
    const meaning = only === '' ? schema.description : `Only ${only}: ${schema.description}`;
    const cells = [`\`${path}\``, meaning, fallback, (schema.examples ?? []).map(code).join('<br>')];
    return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| Setting | Meaning | Default | Examples |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

/** A value as it is written in YAML, on one line. */
function code(value: unknown): string {
  const text = stringify(value, {
    collectionStyle: 'flow',
    lineWidth: 0,
    flowCollectionPadding: false,
  }).trim();
  return `\`${text}\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(PAGE, withTables(await readFile(PAGE, 'utf8')));
}
