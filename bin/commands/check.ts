import { Command } from 'commander';
import type { Config } from '../../lib/config/config.ts';
import { loadConfig } from '../../lib/config/load.ts';
import { ConfigError } from '../../lib/config/problem.ts';
import { printProblem, type Problem } from '../../lib/settings/problem.ts';
import { loadRules } from '../../lib/rulefiles/load.ts';
import { summarise } from '../../lib/config/summary.ts';
import { rulesOptions } from '../../lib/settings.ts';
import { kindOf } from '../../lib/transports/kinds.ts';
import { type PlaceOptions, withPlace } from '../control.ts';

/** `mailsms check`: exit code 0 where the configuration is valid, warnings or not, else 1. */
export function checkCommand(): Command {
  const command = new Command('check').description('validate the configuration and say what would run');
  return withPlace(command).action(check);
}

async function check(place: PlaceOptions): Promise<void> {
  try {
    const { config, file, warnings } = await loadConfig({
      ...(place.config === undefined ? {} : { file: place.config }),
      ...(place.data === undefined ? {} : { data: place.data }),
      env: process.env,
      cwd: process.cwd(),
      terminal: process.stdout.isTTY,
    });
    const options = rulesOptions(config);
    const rules = options === undefined ? undefined : await loadRules(options);
    if (rules !== undefined && rules.problems.length > 0) {
      refuse(rules.problems);
      return;
    }
    complain('warning: ', warnings);
    const what = file ?? 'No configuration file: the embedded defaults';
    const verdict = `${what} ${file === undefined ? 'are' : 'is'} valid`;
    const count = warnings.length === 0 ? '' : `, with ${counted(warnings.length, 'warning')}`;
    process.stdout.write(
      `${verdict}${count}. This would run:\n\n${summarise(config, await gatewayNotes(config), rules?.sets)}\n`,
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    refuse(error.problems);
  }
}

function refuse(problems: readonly Problem[]): void {
  complain('', problems);
  process.stderr.write(`${counted(problems.length, 'error')}. Nothing would run.\n`);
  process.exitCode = 1;
}

function complain(kind: string, problems: readonly Problem[]): void {
  for (const problem of problems) process.stderr.write(`${kind}${printProblem(problem)}\n\n`);
}

/** What stands in the way of each gateway now: it may be mended later, so it is no error. */
async function gatewayNotes(config: Config): Promise<Map<string, string>> {
  const notes = new Map<string, string>();
  for (const gateway of config.gateways) {
    const note = await kindOf(gateway).check?.(gateway);
    if (note !== undefined) notes.set(gateway.id, note);
  }
  return notes;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
