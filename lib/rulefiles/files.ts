import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Service } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import { RulesError } from '../rules/rule-file.ts';
import { RuleSet } from '../rules/rule-set.ts';
import { type Problem, headline } from '../settings/problem.ts';
import { type LoadedRules, type RulesOptions, currentState, loadRules } from './load.ts';

/**
 * The rules in use, which follow their files.
 *
 * Promises: `outgoing` and `incoming` are always rules that are whole and right. A changed file, folder or list is noticed within
 * seconds, and all of them are read again; both sets are changed together or not at all. What is wrong with the new ones is in the
 * log, each problem with its place, and the old ones stay in use until it is mended. Files are looked at by their times and
 * sizes, not by notices of the system, which network drives and containers lose.
 *
 * Failure: `start` rejects with RulesError; later nothing is thrown.
 */
const LOOK_MS = 2000;

export class RulesFiles implements Service {
  readonly name = 'rules';
  readonly #options: RulesOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  #outgoing = new RuleSet([], []);
  #incoming = new RuleSet([], []);
  #problems: readonly Problem[] = [];
  /** How each file was when it was read. */
  #looked: LoadedRules['looked'] = new Map();
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = true;

  constructor(options: RulesOptions, deps: { clock: Clock; log: Log }) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  get outgoing(): RuleSet {
    return this.#outgoing;
  }

  get incoming(): RuleSet {
    return this.#incoming;
  }

  /** What is wrong with the files as they are now; empty where they are the rules in use. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Throws RulesError. */
  async start(): Promise<void> {
    const loaded = await this.#load();
    if (loaded.sets === undefined) throw new RulesError(loaded.problems);
    this.#stopped = false;
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running;
  }

  /** Reads the files again, changed or not. Resolves with what is wrong with them. */
  async reload(): Promise<readonly Problem[]> {
    await this.#queue(async () => {
      await this.#load();
    });
    return this.#problems;
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#cancel = this.#clock.after(LOOK_MS, () => {
      void this.#queue(() => this.#look()).finally(() => this.#arm());
    });
  }

  /** One at a time; a failure of the disk is told and tried again at the next look. */
  #queue(work: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(work).catch((error: unknown) => {
      this.#log.error({ error: messageOf(error) }, 'the rule files could not be looked at');
    });
    return this.#running;
  }

  async #look(): Promise<void> {
    for (const [path, state] of this.#looked) {
      if ((await currentState(path)) === state) continue;
      await this.#load();
      return;
    }
  }

  async #load(): Promise<LoadedRules> {
    const loaded = await loadRules(this.#options);
    this.#looked = loaded.looked;
    this.#problems = loaded.problems;
    for (const { file, rule, line, text } of loaded.notes) {
      this.#log.warn({ file, line, rule }, `rules: ${text}`);
    }
    if (loaded.sets === undefined) {
      for (const problem of loaded.problems) this.#log.error({}, `rules: ${headline(problem)}`);
      this.#log.error(
        { problems: loaded.problems.length },
        'the new rules are not valid: the old ones stay in use',
      );
      return loaded;
    }
    const { outgoing, incoming } = loaded.sets;
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    this.#log.info({ outgoing: outgoing.size, incoming: incoming.size }, 'rules are in use');
    return loaded;
  }
}
