import { z } from 'zod';

/** The part of JSON Schema (draft 7) that comes out of our settings. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  /** A default that cannot be written down, in words. */
  readonly 'x-default'?: string;
  readonly examples?: readonly unknown[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  /** `#/definitions/rule` */
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** A reference to the environment, which may stand for any text. */
const REFERENCE = '\\$\\{MAILSMS_\\w+\\}';

/**
 * The JSON Schema of what a file may hold, for editors.
 *
 * @param title what kind of file it is
 */
export function jsonSchemaOf(schema: z.ZodType, title: string): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      const meta = z.globalRegistry.get(zodSchema);
      // Left out by zod where reading changes the value, though ours are written as in the file.
      if (meta?.examples !== undefined) jsonSchema.examples = meta.examples as unknown[];
      if (zodSchema._zod.def.type === 'string' && jsonSchema.pattern !== undefined)
        jsonSchema.pattern += `|${REFERENCE}`;
      delete jsonSchema['x-path'];
      // An empty group is no default worth showing: its settings have their own.
      if (jsonSchema.properties !== undefined) delete jsonSchema.default;
    },
  });
  return { title, ...made } as JsonSchema;
}

/** Which settings there are, by place and by name. */
export interface SettingsTree {
  /** Names of the settings at a place of the file. */
  namesAt(path: readonly (string | number)[]): readonly string[];
  /** Where a setting of this name is: `smtp.listen`. */
  pathsOf(name: string): readonly string[];
}

/** @param given the file's content, which tells of what kind an entry is */
export function settingsTree(root: JsonSchema, given: unknown): SettingsTree {
  const resolved = (schema: JsonSchema | undefined): JsonSchema | undefined => {
    const name = schema?.$ref?.replace('#/definitions/', '');
    return name === undefined ? schema : root.definitions?.[name];
  };

  /** Of several shapes, the one that the value has: by its `type`, or by being a list or a group. */
  const variantFor = (schema: JsonSchema | undefined, value: unknown): JsonSchema | undefined => {
    const here = resolved(schema);
    const variants = [...(here?.oneOf ?? []), ...(here?.anyOf ?? [])].map(resolved);
    if (variants.length === 0) return here;
    if (Array.isArray(value)) return variants.find((each) => each?.items !== undefined) ?? here;
    const type: unknown =
      typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined;
    return (
      variants.find((each) => type !== undefined && each?.properties?.['type']?.const === type) ??
      variants.find((each) => here?.anyOf !== undefined && each?.properties !== undefined) ??
      here
    );
  };

  function* walk(schema: JsonSchema, prefix: string, refs: readonly string[]): Generator<[string, string]> {
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      const path = prefix === '' ? name : `${prefix}.${name}`;
      yield [path, name];
      yield* within(inner, path, refs);
    }
  }

  /** What a setting holds itself, in each of its shapes; a shape inside itself is not gone into again. */
  function* within(schema: JsonSchema, path: string, refs: readonly string[]): Generator<[string, string]> {
    if (schema.$ref !== undefined && refs.includes(schema.$ref)) return;
    const inside = schema.$ref === undefined ? refs : [...refs, schema.$ref];
    const here = resolved(schema) ?? schema;
    yield* walk(here, path, inside);
    if (here.items !== undefined) yield* within(here.items, `${path}[]`, inside);
    for (const variant of [...(here.oneOf ?? []), ...(here.anyOf ?? [])])
      yield* within(variant, path, inside);
  }

  return {
    namesAt(path) {
      let here: JsonSchema | undefined = variantFor(root, given);
      let value: unknown = given;
      for (const step of path) {
        value =
          typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
        here = typeof step === 'number' ? here?.items : here?.properties?.[step];
        here = variantFor(here, value);
      }
      return Object.keys(here?.properties ?? {});
    },
    pathsOf: (name) => [...walk(root, '', [])].filter(([, last]) => last === name).map(([path]) => path),
  };
}
