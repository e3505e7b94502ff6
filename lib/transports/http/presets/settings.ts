import type { Secret } from '../../../base/secret.ts';
import { suggestion } from '../../../settings/suggestion.ts';
import { withSettings } from '../template/settings.ts';
import type { Preset } from './schema.ts';

/** What is wrong with the settings that a gateway gives to its preset. */
export interface SettingProblem {
  /** Absent where it is missing. */
  readonly name?: string;
  readonly message: string;
  readonly hint?: string;
}

export function checkSettings(
  { settings, title }: Preset,
  given: Readonly<Record<string, Secret>>,
): SettingProblem[] {
  const unknown = Object.keys(given)
    .filter((name) => !Object.hasOwn(settings, name))
    .map((name) => {
      const near = suggestion(name, Object.keys(settings));
      const hint =
        near === undefined ? `there are ${Object.keys(settings).join(', ')}` : `did you mean "${near}"?`;
      return { name, message: `${title} has no setting "${name}"`, hint };
    });
  const missing = Object.entries(settings)
    .filter(
      ([name, { optional, default: usual }]) => !optional && usual === undefined && given[name] === undefined,
    )
    .map(([name, { about }]) => ({ message: `needs "${name}"`, hint: about }));
  const wrong = Object.entries(settings).flatMap(([name, { pattern, about }]) => {
    const value = given[name]?.open();
    if (value === undefined || value.startsWith('${')) return [];
    const wanted =
      name === 'baseUrl' ? BASE_URL : pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`, 's');
    return wanted === undefined || wanted.test(value)
      ? []
      : [{ name, message: `is not what ${title} wants there`, hint: about }];
  });
  // What is misspelt is not missing as well.
  return unknown.length > 0 ? [...unknown, ...wrong] : [...missing, ...wrong];
}

const BASE_URL = /^https?:\/\/[^\s?#]+$/i;

/** All settings of a preset, opened: what is given, and the defaults, which may name others. */
export function openSettings(
  { settings }: Preset,
  given: Readonly<Record<string, Secret>>,
): Record<string, string> {
  const opened = Object.fromEntries(
    Object.entries(settings).map(([name, { default: usual = '' }]) => [name, given[name]?.open() ?? usual]),
  );
  for (const name of Object.keys(settings)) {
    if (given[name] === undefined) opened[name] = withSettings(opened[name] ?? '', opened);
  }
  return opened;
}
