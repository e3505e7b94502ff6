/** The id of the `index`-th effect that rules want for a message: made twice, it is the same one. */
export function effectId(message: string, index: number): string {
  return `rule.${message}.${index}`;
}

/** The message that an effect is about. */
export function messageOfEffect(id: string): string {
  return /^rule\.(.+)\.\d+$/.exec(id)?.[1] ?? id;
}
