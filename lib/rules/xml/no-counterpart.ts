/** There is nothing on the other side that does the same. */
export class NoCounterpart extends Error {}

/** A field, or a group of fields, of an item. */
export type Fields = readonly (readonly [
  name: string,
  value: string | number | boolean | readonly Fields[],
])[];
