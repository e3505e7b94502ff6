import { expect } from 'chai';
import fc from 'fast-check';
import type { Lease } from '../../../lib/store/lease.ts';
import type { Leased } from '../../../lib/store/outgoing.ts';
import type { MessageState } from '../../../lib/store/records.ts';
import type { Scene } from '../store.ts';
import { effect, FAULT, item, MINUTE, parts } from '../../support/store-records.ts';

/**
 * The queue beside a model of it: whatever is done to both in whatever order, they give the same answers and end up the
 * same. The model is a list that is searched; what it cannot show is speed, durability and damage.
 */
const ACCOUNT = 'john';
const PERIOD = '2026-11';
const LIMIT = 8;
const LEASE_MS = 3 * MINUTE;

type Step =
  | {
      readonly do: 'accept';
      readonly lane: string;
      readonly priority: number;
      readonly parts: number;
      readonly delay: number;
      readonly life: number;
      readonly warn: number;
      readonly charged: boolean;
    }
  | { readonly do: 'lease'; readonly lanes: readonly string[]; readonly limit: number }
  | { readonly do: 'overdue' | 'recover' }
  | { readonly do: 'restart' | 'purge' }
  | { readonly do: 'advance'; readonly minutes: number }
  | { readonly do: 'progress' | 'settle' | 'fail' | 'hold' | 'warn' | 'renew'; readonly which: number }
  | { readonly do: 'defer'; readonly which: number; readonly delay: number; readonly lane: string }
  | { readonly do: 'retry' | 'cancel' | 'remove'; readonly which: number };

const lane = fc.constantFrom('a', 'b');
const which = fc.nat(9);
const minutes = fc.integer({ min: 0, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('accept' as const),
      lane,
      priority: fc.nat(1),
      parts: fc.integer({ min: 1, max: 2 }),
      delay: fc.nat(2),
      life: fc.integer({ min: 1, max: 9 }),
      warn: minutes,
      charged: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('lease' as const),
      lanes: fc.subarray(['a', 'b'], { minLength: 1 }),
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('progress', 'settle', 'fail', 'hold', 'warn', 'renew'),
      which,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('defer' as const), which, delay: fc.nat(2), lane }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('retry', 'cancel', 'remove'), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('overdue', 'recover') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart', 'purge') }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), minutes: fc.integer({ min: 1, max: 6 }) }),
  },
);

interface Modelled {
  readonly id: string;
  readonly created: number;
  readonly chargedParts: number;
  lane: string;
  readonly priority: number;
  order: number;
  notBefore: number;
  expires: number;
  warnAt: number | undefined;
  state: MessageState;
  sent: boolean[];
  refunded: number;
  settledAt: number | undefined;
  lease: { token: string; until: number; orphan: boolean } | undefined;
}

class Model {
  readonly messages: Modelled[] = [];
  used = 0;
  effects = 0;
  #order = 0;

  nextOrder(): number {
    return ++this.#order;
  }

  waiting(): Modelled[] {
    return this.messages.filter(({ state, lease }) => state === 'queued' && lease === undefined);
  }

  ready(lanes: readonly string[], now: number): Modelled[] {
    return this.waiting()
      .filter((message) => lanes.includes(message.lane) && message.notBefore <= now)
      .sort((a, b) => b.priority - a.priority || a.order - b.order);
  }

  /** The message that a lease holds. */
  held(lease: Lease): Modelled | undefined {
    return this.messages.find((message) => message.id === lease.id && message.lease?.token === lease.token);
  }

  end(message: Modelled, state: MessageState, at: number): void {
    message.refunded = this.#refund(message);
    Object.assign(message, { state, settledAt: at, lease: undefined });
  }

  remove(message: Modelled): void {
    if (message.state === 'queued' || message.state === 'held') this.#refund(message);
    this.messages.splice(this.messages.indexOf(message), 1);
  }

  nextDue(now: number): number | undefined {
    const times = this.waiting().flatMap((message) => [message.notBefore, deadline(message)]);
    times.push(...this.messages.flatMap(({ lease }) => (lease === undefined ? [] : [lease.until])));
    const later = times.filter((time) => time > now);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  #refund(message: Modelled): number {
    const unsent = message.sent.filter((sent) => !sent).length;
    const back = Math.min(unsent, message.chargedParts);
    this.used -= back;
    return back;
  }
}

function deadline({ warnAt, expires }: Modelled): number {
  return Math.min(warnAt ?? expires, expires);
}

/** The store and the model, which every step is done to. */
class Pair {
  readonly #scene: Scene;
  readonly #model = new Model();
  readonly #leases: Lease[] = [];

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  async run(each: Step): Promise<void> {
    const { now } = this.#scene;
    switch (each.do) {
      case 'accept':
        return this.#accept(each, now);
      case 'lease':
      case 'overdue':
      case 'recover':
        return this.#take(each, now);
      case 'retry':
      case 'cancel':
      case 'remove':
        return this.#amend(each, now);
      case 'restart':
        await this.#scene.restart();
        for (const { lease } of this.#model.messages) if (lease !== undefined) lease.orphan = true;
        return;
      case 'advance':
        return this.#scene.clock.advanceNow(each.minutes * MINUTE);
      case 'purge': {
        const old = this.#model.messages.filter(
          ({ settledAt }) => settledAt !== undefined && settledAt < now,
        );
        expect(await this.#scene.store.purge(now, 100)).to.equal(old.length);
        for (const message of old) this.#model.remove(message);
        return;
      }
      case 'progress':
      case 'settle':
      case 'fail':
      case 'hold':
      case 'warn':
      case 'renew':
      case 'defer':
        return this.#outcome(each, now);
    }
  }

  /** What can be seen from outside is the same. */
  async compare(): Promise<void> {
    const { store, now } = this.#scene;
    const model = this.#model;
    const stats = await store.stats();
    for (const [state, count] of Object.entries(stats.messages)) {
      const expected = model.messages.filter((message) => message.state === state).length;
      expect(count, `messages ${state}`).to.equal(expected);
    }
    const lanes: Record<string, number> = {};
    for (const message of model.waiting()) lanes[message.lane] = (lanes[message.lane] ?? 0) + 1;
    expect(stats.lanes).to.deep.equal(lanes);
    expect(await store.lanes()).to.have.members(Object.keys(lanes));
    expect(stats.effects).to.equal(model.effects);
    expect((await store.usage(ACCOUNT, PERIOD)).sent).to.equal(model.used);
    expect(await store.nextDue(now)).to.equal(model.nextDue(now));
    const listed = (await store.list({ limit: 1000 })).messages.map(
      ({ id, state, charged }) => `${id} ${state} ${charged}`,
    );
    expect(listed).to.have.members(
      model.messages.map(
        ({ id, state, chargedParts, refunded }) => `${id} ${state} ${chargedParts - refunded}`,
      ),
    );
  }

  async #accept(each: Step & { do: 'accept' }, now: number): Promise<void> {
    const model = this.#model;
    const charge = { account: ACCOUNT, parts: each.parts, limit: LIMIT, period: PERIOD, at: now };
    const warnAt = each.warn === 0 ? undefined : now + each.warn * MINUTE;
    const accepted = item(
      now,
      {
        lane: each.lane,
        priority: each.priority,
        parts: parts(each.parts),
        notBefore: now + each.delay * MINUTE,
        expires: now + each.life * MINUTE,
        ...(warnAt === undefined ? {} : { warnAt }),
      },
      each.charged ? { charge } : {},
    );
    const over = each.charged && model.used + each.parts > LIMIT;
    const foreseen = await this.#scene.store.foresee([accepted]);
    const [answer] = await this.#scene.store.accept([accepted]);
    expect(foreseen).to.deep.equal([answer]);
    expect(answer?.outcome).to.equal(over ? 'limit' : 'accepted');
    if (over) return;
    if (each.charged) model.used += each.parts;
    const { id, notBefore, expires } = accepted.message;
    model.messages.push({
      ...{ id, notBefore, expires, warnAt, created: now, lane: each.lane, priority: each.priority },
      ...{ order: model.nextOrder(), state: 'queued', refunded: 0, settledAt: undefined, lease: undefined },
      chargedParts: each.charged ? each.parts : 0,
      sent: Array.from({ length: each.parts }, () => false),
    });
  }

  async #take(each: Step & { do: 'lease' | 'overdue' | 'recover' }, now: number): Promise<void> {
    const { store } = this.#scene;
    const model = this.#model;
    const request = { now, until: now + LEASE_MS, limit: 100 };
    let taken: readonly Leased[];
    let expected: Modelled[];
    if (each.do === 'lease') {
      const { lanes, limit } = each;
      taken = await store.lease({ ...request, gateway: 'modem1', lanes, limit });
      expected = model.ready(lanes, now).slice(0, limit);
      expect(taken.map(({ message }) => message.id)).to.deep.equal(expected.map(({ id }) => id));
      for (const message of expected) message.state = 'sending';
    } else if (each.do === 'overdue') {
      taken = await store.overdue(request);
      expected = model.waiting().filter((message) => deadline(message) <= now);
    } else {
      taken = await store.recover(request);
      expected = model.messages.filter(
        ({ lease }) => lease !== undefined && (lease.orphan || lease.until <= now),
      );
    }
    expect(taken.map(({ message }) => message.id)).to.have.members(expected.map(({ id }) => id));
    for (const { lease, message } of taken) {
      this.#leases.push(lease);
      const modelled = expected.find(({ id }) => id === message.id);
      if (modelled !== undefined)
        modelled.lease = { token: lease.token, until: request.until, orphan: false };
    }
  }

  async #outcome(
    each: Step & { do: 'progress' | 'settle' | 'fail' | 'hold' | 'warn' | 'renew' | 'defer' },
    now: number,
  ): Promise<void> {
    const { store } = this.#scene;
    const model = this.#model;
    // The newest leases first: most of the older ones have ended.
    const lease = this.#leases.at(-1 - (each.which % Math.max(this.#leases.length, 1)));
    if (lease === undefined) return;
    const message = model.held(lease);
    const next = message?.sent.indexOf(false) ?? -1;
    if (each.do === 'progress' && next !== 0) return;
    const answer = {
      progress: () => store.progress(lease, { sequence: 1, at: now }),
      settle: () => store.settle(lease, [{ sequence: next + 1, at: now }]),
      fail: () => store.fail(lease, { state: 'failed', fault: FAULT, at: now, effects: [effect(now)] }),
      hold: () => store.hold(lease, FAULT),
      warn: () => store.warn(lease, [effect(now)]),
      renew: () => store.renew(lease, now + LEASE_MS),
      defer: () => {
        const { delay, lane: to } = each as Step & { do: 'defer' };
        return store.defer(lease, { until: now + delay * MINUTE, fault: FAULT, lane: to });
      },
    }[each.do];
    expect(await answer()).to.equal(message !== undefined);
    if (message === undefined) return;
    if (each.do === 'progress') message.sent[0] = true;
    if (each.do === 'renew' && message.lease !== undefined) message.lease.until = now + LEASE_MS;
    if (each.do === 'fail' || each.do === 'warn') model.effects++;
    if (each.do === 'fail') model.end(message, 'failed', now);
    if (each.do === 'hold') Object.assign(message, { state: 'held', lease: undefined });
    if (each.do === 'warn') Object.assign(message, { state: 'queued', lease: undefined, warnAt: undefined });
    if (each.do === 'settle') {
      Object.assign(message, {
        state: 'sent',
        lease: undefined,
        settledAt: now,
        sent: message.sent.map(() => true),
      });
    }
    if (each.do === 'defer') {
      const notBefore = now + each.delay * MINUTE;
      const order = model.nextOrder();
      Object.assign(message, { state: 'queued', lease: undefined, lane: each.lane, notBefore, order });
    }
  }

  async #amend(each: Step & { do: 'retry' | 'cancel' | 'remove' }, now: number): Promise<void> {
    const model = this.#model;
    const message = model.messages[each.which % model.messages.length];
    if (message === undefined) return;
    const open = message.state === 'queued' || message.state === 'held';
    const may = each.do === 'remove' || open || (each.do === 'retry' && message.state === 'failed');
    const expected = message.lease !== undefined ? 'busy' : may ? 'done' : 'refused';
    const change = {
      retry: { kind: 'retry', at: now } as const,
      cancel: { kind: 'cancel', at: now, effects: [effect(now)] } as const,
      remove: { kind: 'remove' } as const,
    }[each.do];
    expect(await this.#scene.store.amend(message.id, change)).to.equal(expected);
    if (expected !== 'done') return;
    if (each.do === 'remove') model.remove(message);
    if (each.do === 'cancel') {
      model.end(message, 'cancelled', now);
      model.effects++;
    }
    if (each.do === 'retry') {
      model.used += message.refunded;
      const { warnAt, expires, created } = message;
      Object.assign(message, {
        ...{ state: 'queued', refunded: 0, settledAt: undefined, order: model.nextOrder(), notBefore: now },
        expires: expires > now ? expires : now + expires - created,
        warnAt: warnAt !== undefined && warnAt > now ? warnAt : undefined,
      });
    }
  }
}

export function describeModel(fresh: () => Promise<Scene>): void {
  it('does what a simple model of it does, whatever is done in whatever order', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), async (steps) => {
        const scene = await fresh();
        try {
          const pair = new Pair(scene);
          for (const each of steps) {
            await pair.run(each);
            await pair.compare();
          }
        } finally {
          await scene.end();
        }
      }),
      // A failure is made smaller for a while, not until nothing is left to try.
      { numRuns: 60, interruptAfterTimeLimit: 90_000, markInterruptAsFailure: true },
    );
  });
}
