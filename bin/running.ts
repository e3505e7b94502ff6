import { messageOf } from '../lib/base/errors.ts';
import type { OpenLog } from '../lib/base/log.ts';
import { redact } from '../lib/base/secret.ts';
import type { Signals } from './signals.ts';

/**
 * The life of a running gateway: what signals do to it, and how it ends.
 *
 * | signal | |
 * | --- | --- |
 * | SIGTERM, SIGINT, SIGQUIT | stops: what is under way is finished; a second one ends it at once |
 * | SIGHUP | reads the configuration anew and opens the log file anew; on a terminal, which is gone then, stops |
 * | SIGUSR1, SIGUSR2 | nothing |
 *
 * An exception that nobody caught ends it, whatever becomes of the log: nothing that was acknowledged is lost by that.
 */
export class Running {
  readonly #log: OpenLog;
  readonly #work: RunningWork;
  #stopping = false;
  #ending = false;
  /** One reload after the other; none before the start is over. */
  #turn: Promise<void>;
  #started: () => void = () => undefined;

  constructor(log: OpenLog, signals: Signals, work: RunningWork) {
    this.#log = log;
    this.#work = work;
    this.#turn = new Promise((resolve) => (this.#started = resolve));
    // Where even this cannot be written, nobody is to be told.
    process.stderr.on('error', () => undefined);
    process.on('uncaughtException', (error) => this.#crash(error));
    const onTerminal = process.stdin.isTTY || process.stdout.isTTY;
    signals.listen((signal) => (signal === 'SIGHUP' && !onTerminal ? this.#reload() : this.#stop(signal)));
  }

  /** Does the work of starting. Where that fails, what the log still holds is written first. */
  async during(start: () => Promise<void>): Promise<void> {
    try {
      await start();
      this.#started();
    } catch (error) {
      await this.#log.flush(FLUSH_MS);
      throw error;
    }
  }

  #stop(signal: string): void {
    if (this.#stopping) {
      this.#end(1, AT_ONCE_MS);
      return;
    }
    this.#stopping = true;
    const { log } = this.#log;
    log.info({ signal }, 'stopping: finishing what is under way');
    this.#work.stop().then(
      () => {
        log.info({}, 'stopped');
        this.#end(0);
      },
      (error: unknown) => {
        log.error({ error: messageOf(error) }, 'the stop failed');
        this.#end(1);
      },
    );
  }

  #reload(): void {
    const { log } = this.#log;
    this.#turn = this.#turn.then(async () => {
      if (this.#stopping) return;
      try {
        await this.#work.reload();
        log.info({}, 'the configuration was read again');
      } catch (error) {
        log.error({ error: messageOf(error) }, 'the configuration cannot be used: all stays as it was');
      }
    });
  }

  #crash(error: unknown): void {
    if (this.#ending) return;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#log.log.error({ error: messageOf(error), stack }, 'an error that nobody caught: the gateway ends');
    process.stderr.write(`mailsms: ${redact(stack)}\n`);
    this.#end(1);
  }

  /** Ends the process, the log written where that can be done within `ms`. */
  #end(code: number, ms = FLUSH_MS): void {
    if (this.#ending) return;
    this.#ending = true;
    process.exitCode = code;
    const end = (free: boolean): void => {
      // An output that the system holds back would hold back the end as well.
      if (!free) process.kill(process.pid, 'SIGKILL');
      process.exit(code);
    };
    this.#log.flush(ms).then(end, () => end(true));
  }
}

export interface RunningWork {
  readonly stop: () => Promise<void>;
  /** Rejects where nothing was changed, with why. */
  readonly reload: () => Promise<void>;
}

/** How long the end waits for the log. */
const FLUSH_MS = 1000;
const AT_ONCE_MS = 100;
