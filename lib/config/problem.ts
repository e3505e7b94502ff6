import { Fault } from '../base/errors.ts';
import { headline, printProblem, type Problem } from '../settings/problem.ts';

/** The configuration cannot be used. `problems` has everything that is wrong with it, in the order of the file. */
export class ConfigError extends Fault {
  override readonly name: string = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('config.invalid', { detail: problems.map(headline).join('; ') });
    this.problems = problems;
    this.message = ['the configuration is not valid', ...problems.map(printProblem)].join('\n');
  }
}
