/** The fields that may be undefined become optional; the others stay as they are. */
export type Given<T> = {
  [Name in keyof T as undefined extends T[Name] ? never : Name]: T[Name];
} & {
  [Name in keyof T as undefined extends T[Name] ? Name : never]?: Exclude<T[Name], undefined>;
};

/**
 * An object without the names whose value is undefined, for optional fields: TypeScript (`exactOptionalPropertyTypes`),
 * schemas and whoever counts keys tell `{ a: undefined }` from `{}`.
 */
export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
