/** Names of the lists that rules compare with, each once. */
export function listsNamed(rules: unknown): string[] {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('list' in value && typeof value.list === 'string' && Object.keys(value).length === 1)
      names.add(value.list);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(rules);
  return [...names];
}

/** A list's file as its texts: one in a line, without empty lines and those that begin with `#`. */
export function listLines(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
