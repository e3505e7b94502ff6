/** The id of the `index`-th effect that rules want for a message: made twice, it is the same one. */
export function effectId(message: string, index: number): string {
  return `rule.${message}.${index}`;
}
