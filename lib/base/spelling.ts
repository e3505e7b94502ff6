/**
 * The one of `names` that `given` means: ids and names are compared without regard to case, and kept as the configuration
 * spells them. Undefined where it means none.
 */
export function nameIn(names: Iterable<string>, given: string): string | undefined {
  const wanted = given.toLowerCase();
  let found: string | undefined;
  for (const name of names) {
    if (name === given) return name;
    if (name.toLowerCase() === wanted) found ??= name;
  }
  return found;
}
