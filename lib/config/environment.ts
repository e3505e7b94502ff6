import { distance } from 'fastest-levenshtein';
import type { Finding, SettingPath } from '../settings/finding.ts';
import { printPath } from '../settings/finding.ts';
import { gatewayKinds, kindNamed } from '../transports/kinds.ts';
import { type Environment, PREFIX } from '../settings/expand.ts';

/** A variable that sets a secret without a word in the file. */
export interface Override {
  readonly variable: string;
  readonly path: SettingPath;
}

/**
 * The variables that can replace settings of this configuration: `MAILSMS_MAIL_RELAY`, `MAILSMS_GATEWAY_<ID>_PIN` (and
 * whatever else is secret in a kind of gateway), `MAILSMS_ACCOUNT_<USER>_PASSWORD`; id and user in capitals, with `_` for
 * all that is no letter or digit.
 */
export function overridesFor(settings: unknown): Override[] {
  const gateways = listIn(settings, 'gateways').flatMap((gateway, index) => {
    const [id, secrets = []] = [field(gateway, 'id'), kindNamed(field(gateway, 'type'))?.secrets];
    if (typeof id !== 'string') return [];
    return secrets.map((name) => ({
      variable: `${PREFIX}GATEWAY_${shout(id)}_${variablePart(name)}`,
      path: ['gateways', index, name],
    }));
  });
  const accounts = listIn(settings, 'accounts').flatMap((account, index) =>
    typeof field(account, 'user') === 'string'
      ? [
          {
            variable: `${PREFIX}ACCOUNT_${shout(field(account, 'user'))}_PASSWORD`,
            path: ['accounts', index, 'password'],
          },
        ]
      : [],
  );
  return [{ variable: `${PREFIX}MAIL_RELAY`, path: ['mail', 'relay'] }, ...gateways, ...accounts];
}

/** Puts the overrides that are set into `settings`; says which, and what is odd about them. */
export function applyOverrides(
  settings: Record<string, unknown>,
  env: Environment,
): { readonly applied: readonly Override[]; readonly errors: Finding[]; readonly warnings: Finding[] } {
  const overrides = overridesFor(settings);
  const applied = overrides.filter(({ variable }) => env[variable] !== undefined);
  const errors: Finding[] = [];
  for (const { variable, path } of applied) {
    const same = applied.find((each) => each.variable === variable && each.path !== path);
    if (same !== undefined) {
      const others = printPath(same.path);
      errors.push({
        path,
        source: variable,
        message: `stands for ${others} as well`,
        hint: 'rename one of them',
      });
    }
    if (env[variable] === '')
      errors.push({ path, source: variable, message: 'is empty', hint: 'give it a value, or unset it' });
    else put(settings, path, env[variable]);
  }
  const known = new Set(overrides.map(({ variable }) => variable));
  const warnings = Object.keys(env)
    .filter((name) => SETS_SECRET.test(name) && !known.has(name))
    .map((name) => {
      const close = [...known].find((each) => distance(each, name) <= 2);
      const hint = close === undefined ? 'no gateway or account is called so' : `did you mean ${close}?`;
      return { path: [], source: name, message: 'this environment variable sets nothing', hint };
    });
  return { applied, errors, warnings };
}

/** Sets what is at `path`; groups that are not there are made. */
export function put(settings: unknown, path: SettingPath, value: unknown): void {
  const [step, ...rest] = path;
  if (step === undefined || typeof settings !== 'object' || settings === null) return;
  const group = settings as Record<string | number, unknown>;
  if (rest.length === 0) group[step] = value;
  else put((group[step] ??= {}), rest, value);
}

/** `client_secret` in capitals for the setting `clientSecret`. */
function variablePart(setting: string): string {
  return setting.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

const GATEWAY_SECRETS = [...new Set(gatewayKinds.flatMap(({ secrets = [] }) => secrets.map(variablePart)))];

/** What a variable that sets a secret of a gateway or an account is called. */
const SETS_SECRET = new RegExp(
  `^${PREFIX}(?:GATEWAY_\\w+_(?:${GATEWAY_SECRETS.join('|')})|ACCOUNT_\\w+_PASSWORD)$`,
);

function shout(name: unknown): string {
  return String(name)
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '_');
}

/** The list `settings[name]`; empty where there is none. */
export function listIn(settings: unknown, name: string): readonly unknown[] {
  const list = field(settings, name);
  return Array.isArray(list) ? (list as unknown[]) : [];
}

/** `value[name]`, for values of which nothing is known yet. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
