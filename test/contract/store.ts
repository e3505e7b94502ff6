import type { Clock } from '../../lib/base/clock.ts';
import type { Store } from '../../lib/store/store.ts';
import { ManualClock } from '../support/clock.ts';
import { describeAccounts } from './store/accounts.ts';
import { describeAlarms } from './store/alarms.ts';
import { describeEffects } from './store/effects.ts';
import { describeForesight } from './store/foresight.ts';
import { describeGateways } from './store/gateways.ts';
import { describeIncoming } from './store/incoming.ts';
import { describeModel } from './store/model.ts';
import { describeOperator } from './store/operator.ts';
import { describeOutcomes } from './store/outcomes.ts';
import { describeQueue } from './store/queue.ts';
import { describeRecords } from './store/account-records.ts';
import { describeReports } from './store/reports.ts';
import { describeRuledOff } from './store/ruled-off.ts';

/**
 * What every store must do, whatever it is made of (lib/store/store.ts). An implementation runs the suite by saying
 * where its data lies and how it is opened.
 */
export interface StorePlace {
  /** Opens the store, or opens it once more: another process, as far as the store can tell. */
  open(deps: { clock: Clock; owner: string }): Promise<Store>;
  /** Removes the data. All stores are closed by then. */
  destroy(): Promise<void>;
}

/** A place of its own for each test, and the stores that are open in it. */
export class Scene {
  readonly clock = new ManualClock();
  readonly #place: StorePlace;
  readonly #open = new Set<Store>();
  #store: Store | undefined;

  constructor(place: StorePlace) {
    this.#place = place;
  }

  /** The one that most tests need. */
  get store(): Store {
    if (this.#store === undefined) throw new Error('no store is open');
    return this.#store;
  }

  get now(): number {
    return this.clock.now();
  }

  async open(owner = 'node1'): Promise<Store> {
    const store = await this.#place.open({ clock: this.clock, owner });
    this.#open.add(store);
    this.#store ??= store;
    return store;
  }

  /** Closes the store and opens it anew, as a restart of the process does. */
  async restart(): Promise<Store> {
    await this.store.close();
    this.#open.delete(this.store);
    this.#store = undefined;
    return this.open();
  }

  async end(): Promise<void> {
    for (const store of this.#open) await store.close();
    await this.#place.destroy();
  }
}

/** Runs the suite. `place` makes an empty place. */
export function describeStore(name: string, place: () => Promise<StorePlace>): void {
  describe(`${name} as a store`, () => {
    let scene: Scene;
    beforeEach(async () => {
      scene = new Scene(await place());
      await scene.open();
    });
    afterEach(() => scene.end());

    const the = (): Scene => scene;
    describeQueue(the);
    describeForesight(the);
    describeOutcomes(the);
    describeReports(the);
    describeRuledOff(the);
    describeGateways(the);
    describeIncoming(the);
    describeEffects(the);
    describeAccounts(the);
    describeRecords(the);
    describeAlarms(the);
    describeOperator(the);
    describeModel(async () => {
      const fresh = new Scene(await place());
      await fresh.open();
      return fresh;
    });
  });
}
