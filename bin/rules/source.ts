/** Where a command takes its rules from: the files it was given, or the configured ones. */
import { dirname } from 'node:path';
import type { Config } from '../../lib/config/config.ts';
import { loadConfig } from '../../lib/config/load.ts';
import { type LoadedRules, type RulesPlaces, loadRules } from '../../lib/rulefiles/load.ts';
import { outsideLimits } from '../../lib/outside/limits.ts';
import type { Direction } from '../../lib/rules/message.ts';
import { RulesError } from '../../lib/rules/rule-file.ts';
import type { RuleSet } from '../../lib/rules/rule-set.ts';
import type { PlaceOptions } from '../control.ts';

export interface SourceOptions {
  readonly rules: readonly string[];
  /** `NAME=FILE`, over those of the configuration. */
  readonly list: readonly string[];
  readonly incoming?: true;
  readonly outgoing?: true;
}

export interface RulesSource {
  /** Those that were asked for. */
  readonly directions: readonly Direction[];
  readonly set: (direction: Direction) => RuleSet;
  readonly notes: LoadedRules['notes'];
  readonly config: Config;
}

/** Throws RulesError, ConfigError. */
export async function openRules(options: PlaceOptions & SourceOptions): Promise<RulesSource> {
  const cwd = process.cwd();
  const { config, file } = await loadConfig({
    ...(options.config === undefined ? {} : { file: options.config }),
    ...(options.data === undefined ? {} : { data: options.data }),
    env: process.env,
    cwd,
  });
  const { rules } = config;
  const given = options.rules;
  const directions: readonly Direction[] =
    options.incoming === true
      ? ['incoming']
      : options.outgoing === true || given.length > 0
        ? ['outgoing']
        : ['outgoing', 'incoming'];
  const wants = (direction: Direction): readonly string[] =>
    !directions.includes(direction) ? [] : given.length > 0 ? given : rules[direction];
  const places: RulesPlaces = {
    outgoing: wants('outgoing'),
    incoming: wants('incoming'),
    lists: { ...rules.lists, ...Object.fromEntries(options.list.map(namedFile)) },
    base: given.length > 0 || file === undefined ? cwd : dirname(file),
  };
  // Files that are looked at by themselves may name gateways that only their server has.
  const gateways = file === undefined ? 'any' : config.gateways.map(({ id }) => id);
  const known =
    file === undefined
      ? {}
      : { connections: Object.keys(config.sql), outside: outsideLimits(config.outside) };
  const loaded = await loadRules({ places, gateways, ...known, env: process.env });
  const { sets } = loaded;
  if (sets === undefined) throw new RulesError(loaded.problems);
  return { directions, set: (direction) => sets[direction], notes: loaded.notes, config };
}

function namedFile(text: string): [name: string, file: string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new Error(`--list ${text}: write NAME=FILE`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
