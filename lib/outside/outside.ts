import type { Clock } from '../base/clock.ts';
import type { Service } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import type { EffectHandler } from '../flow/effects/effects.ts';
import type { Ask } from '../rules/verdict.ts';
import { createAsk } from './ask.ts';
import { driverProblem } from './driver.ts';
import { Errands } from './errands.ts';
import { createProgramHandler } from './program-effect.ts';
import type { OutsideSettings } from './settings.ts';
import { SqlConnections, createSqlHandler } from './sql.ts';
import { createUrlHandler } from './url-effect.ts';
import type { Lookup } from './url-target.ts';

/**
 * Does what rules want done outside of mailsms: programs, URLs, SQL statements; and asks for their conditions.
 *
 * Promises: only what the configuration allows is done. Everything has a time limit, which is at most five minutes and so ends
 * before the queue's lease does. A failure says whether trying again can help. Nothing is remembered here: what is to be
 * tried again is the queue's matter, and a thing may be done twice when the process dies between the deed and its note.
 *
 * It is to be stopped before the queue of effects: then programs are ended, and what was under way is tried again after the next
 * start.
 */
export class Outside implements Service {
  readonly name = 'outside';
  /** For the queue of effects, by kind. */
  readonly handlers: Readonly<Record<'program' | 'url' | 'sql', EffectHandler>>;
  /** For the conditions of rules. */
  readonly ask: Ask;
  readonly #settings: OutsideSettings;
  readonly #log: Log;
  readonly #effects: Errands;
  readonly #questions: Errands;
  readonly #connections: SqlConnections;

  constructor(
    settings: OutsideSettings,
    deps: { readonly clock: Clock; readonly log: Log; readonly lookup?: Lookup },
  ) {
    const { clock, log, lookup } = deps;
    this.#settings = settings;
    this.#log = log;
    this.#effects = new Errands({ concurrency: settings.concurrency, waiting: Infinity }, clock);
    this.#questions = new Errands(settings.questions, clock);
    this.#connections = new SqlConnections(settings.sql, log);
    const errands = this.#effects;
    this.handlers = {
      program: createProgramHandler(settings.programs, { errands, clock, log }),
      url: createUrlHandler(
        { allow: settings.urls },
        {
          errands,
          clock,
          log,
          ...(lookup === undefined ? {} : { lookup }),
        },
      ),
      sql: createSqlHandler(this.#connections, { errands, log }),
    };
    this.ask = createAsk(settings.programs, {
      errands: this.#questions,
      connections: this.#connections,
      clock,
    });
  }

  /** Says what will not work; opens nothing. */
  async start(): Promise<void> {
    for (const problem of await outsideProblems(this.#settings)) {
      this.#log.error({ problem }, 'something that rules may want cannot be done');
    }
    if (this.#settings.programs.programs.length === 0)
      this.#log.info({}, 'rules may run no program: outside.programs names none');
  }

  async stop(): Promise<void> {
    await Promise.all([this.#effects.stop(), this.#questions.stop()]);
    await this.#connections.close();
  }
}

/** What in the settings cannot work on this machine, one sentence each. */
export async function outsideProblems({ sql }: Pick<OutsideSettings, 'sql'>): Promise<readonly string[]> {
  const problems = await Promise.all(
    Object.entries(sql).map(async ([name, { type }]) => {
      const problem = await driverProblem(type);
      return problem === undefined ? [] : [`the SQL connection "${name}" cannot be used: ${problem}`];
    }),
  );
  return problems.flat();
}
