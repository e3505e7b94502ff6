import type { Clock } from '../../base/clock.ts';
import { given } from '../../base/given.ts';
import { packageVersion } from '../../base/version.ts';
import { pinnedTo } from '../../routing/lanes.ts';
import type { Archive, StoreStats } from '../../store/archive.ts';
import { type Actor, requireRole } from './actor.ts';
import type { ManageGateways } from './gateways.ts';
import { isoTime } from './views/fields.ts';
import type { GatewayView } from './views/gateway.ts';
import { type StatsView, type StatusView, viewStats } from './views/status.ts';
import { whyWaiting } from './why-waiting.ts';

/** How everything is, at a glance: what is wrong first. */
export class Overview {
  readonly #process: RunningProcess;
  readonly #deps: OverviewDeps;

  constructor(process: RunningProcess, deps: OverviewDeps) {
    this.#process = process;
    this.#deps = deps;
  }

  async show(actor: Actor): Promise<StatusView> {
    requireRole(actor, 'operator');
    const { store, gateways } = this.#deps;
    const [stats, shown] = await Promise.all([store.stats(), gateways.list(actor)]);
    const { queued, sending, held } = stats.messages;
    const { dataDir, running } = this.#process;
    const sum = (of: (each: GatewayView) => number): number =>
      shown.reduce((total, each) => total + of(each), 0);
    return given({
      version: packageVersion(),
      running: running !== undefined,
      pid: running?.pid,
      since: running === undefined ? undefined : isoTime(running.since),
      dataDir,
      wrong: whatIsWrong(shown, stats, running !== undefined),
      gateways: shown,
      messages: given({
        queued,
        sending,
        held,
        oldest: await this.#oldest(stats),
        today: { sent: sum(({ today }) => today.sent), failed: sum(({ today }) => today.failed) },
      }),
      incoming: { waiting: stats.incoming },
      mailQueue: { waiting: stats.effects, failed: stats.failedEffects },
      quarantined: stats.quarantined,
    });
  }

  /** What the store keeps, in numbers. */
  async stats(actor: Actor): Promise<StatsView> {
    requireRole(actor, 'operator');
    return viewStats(await this.#deps.store.stats());
  }

  async #oldest({ oldestQueued: id }: StoreStats) {
    const { store, gateways, clock } = this.#deps;
    const message = id === undefined ? undefined : await store.find(id);
    if (message === undefined) return undefined;
    const { number, created } = message;
    const waits = whyWaiting(message, gateways.now(), clock.now());
    return given({ id: message.id, number, since: isoTime(created), waits });
  }
}

/** In sentences, the gravest first. */
function whatIsWrong(gateways: readonly GatewayView[], stats: StoreStats, running: boolean): string[] {
  const inUse = gateways.filter(({ status }) => status.state !== 'off');
  const wrong = running ? [] : ['mailsms is not running'];
  if (running && inUse.every(({ status }) => status.state === 'down')) wrong.push('no gateway is up');
  for (const { id, status } of running ? inUse : []) {
    const reason = status.reason === undefined ? '' : `: ${status.reason}`;
    if (status.state === 'down') wrong.push(`gateway ${id} is down${reason}`);
    else if (status.reason !== undefined) wrong.push(`gateway ${id}${reason}`);
  }
  if (stats.messages.held > 0) {
    wrong.push(
      `${counted(stats.messages.held, 'message is', 'messages are')} held: mailsms queue ls --state held`,
    );
  }
  for (const [lane, waiting] of Object.entries(stats.lanes)) {
    const id = pinnedTo(lane);
    if (id === undefined || waiting === 0 || inUse.some((each) => each.id === id)) continue;
    const why = gateways.some((each) => each.id === id) ? 'switched off' : 'not configured';
    wrong.push(`${counted(waiting, 'message waits', 'messages wait')} for gateway ${id}, which is ${why}`);
  }
  if (stats.failedEffects > 0) {
    wrong.push(
      `${counted(stats.failedEffects, 'mail was', 'mails were')} given up: mailsms mailqueue ls --failed`,
    );
  }
  if (stats.quarantined > 0) {
    wrong.push(
      `${counted(stats.quarantined, 'record', 'records')} of the store could not be read and was set aside`,
    );
  }
  return wrong;
}

function counted(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

export interface RunningProcess {
  readonly dataDir: string;
  /** Absent where nothing runs, and the store is read as it lies there. */
  readonly running?: { readonly pid: number; readonly since: number };
}

export interface OverviewDeps {
  readonly store: Pick<Archive, 'stats' | 'find'>;
  readonly gateways: ManageGateways;
  readonly clock: Clock;
}
