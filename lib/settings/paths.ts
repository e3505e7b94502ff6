import { z } from 'zod';

/**
 * The settings with every path in them made absolute by `at`: whatever the schema reads by `path()` (values.ts), wherever
 * it stands.
 */
export function withPaths<T>(schema: z.ZodType<T>, settings: T, at: (path: string) => string): T {
  return mapped(schema, settings, at) as T;
}

function mapped(schema: z.core.$ZodType, value: unknown, at: (path: string) => string): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'optional' || def.type === 'default' || def.type === 'prefault') {
    return mapped(def.innerType, value, at);
  }
  if (def.type === 'pipe') return holdsPaths(def.in) ? eachText(value, at) : value;
  if (def.type === 'array') {
    return Array.isArray(value) ? value.map((each) => mapped(def.element, each, at)) : value;
  }
  if (def.type === 'object') {
    return eachEntry(value, (name, inner) => {
      const its = def.shape[name];
      return its === undefined ? inner : mapped(its, inner, at);
    });
  }
  if (def.type === 'record') return eachEntry(value, (_, inner) => mapped(def.valueType, inner, at));
  if (def.type !== 'union') return value;
  const option = def.options.find((each) => fits(each, value));
  return option === undefined ? value : mapped(option, value, at);
}

/** Whether what stands in the file is a path, or a list of them. */
function holdsPaths(schema: z.core.$ZodType): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'union') return def.options.some(holdsPaths);
  if (def.type === 'array') return holdsPaths(def.element);
  return z.globalRegistry.get(schema)?.['x-path'] === true;
}

/** Of several shapes, whether a value has this one. A group tells by its `type`. */
function fits(schema: z.core.$ZodType, value: unknown): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'array') return Array.isArray(value);
  if (def.type !== 'object') return typeof value !== 'object';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { type } = def.shape;
  return type === undefined || z.safeParse(type, (value as { type?: unknown }).type).success;
}

function eachText(value: unknown, at: (path: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => eachText(each, at));
  return typeof value === 'string' ? at(value) : value;
}

function eachEntry(value: unknown, change: (name: string, inner: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(name, inner)]));
}
