/** Keys and indexes that lead to a setting: `['gateways', 0, 'device']`. */
export type SettingPath = readonly (string | number)[];

/** A problem before its place in the file is looked up. */
export interface Finding {
  readonly path: SettingPath;
  readonly message: string;
  readonly hint?: string;
  /** The problem is with the setting's name, not its value. */
  readonly aboutKey?: boolean;
  /** Where it is in the text, when that is known better than by the path. */
  readonly offset?: number;
  /** Where it came from, when that is not the file. */
  readonly source?: string;
}

/** `gateways[0].device` */
export function printPath(path: SettingPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}
