/** `1`, `true`, `T`; a field that is missing or empty is as `missing` says. */
export function flag(value: string | undefined, missing: boolean): boolean {
  const word = (value ?? '').trim().toLowerCase();
  return word === '' ? missing : !['0', 'false', 'f', 'no'].includes(word);
}
