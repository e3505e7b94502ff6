/** Values in parsed JSON or XML by a path: `messages.0.status`, `messages.*.id`. `*` stands for every item or field. */
export function valuesAt(root: unknown, path: string): unknown[] {
  let found: unknown[] = [root];
  for (const step of path === '' ? [] : path.split('.')) {
    found = found.flatMap((value) => stepInto(value, step));
    // Hostile answers cannot multiply: each step of a path is taken over so many values at most.
    if (found.length > MOST_VALUES) found = found.slice(0, MOST_VALUES);
  }
  return found.filter((value) => value !== undefined);
}

/** The values that are text, numbers or booleans, as text. */
export function textsAt(root: unknown, path: string): string[] {
  return valuesAt(root, path).flatMap((value) => textOf(value) ?? []);
}

/** A scalar as text; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return undefined;
}

const MOST_VALUES = 1000;

function stepInto(value: unknown, step: string): unknown[] {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return step === '*' ? [...items] : /^\d{1,4}$/.test(step) ? [items[Number(step)]] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (step === '*') return Object.values(value);
  return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
}
