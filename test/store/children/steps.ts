import { asFault } from '../../../lib/base/errors.ts';
import { incomingPart, item, leaseOf, parts, take, FAULT, effect } from '../../support/store-records.ts';
import { now, say, store } from './store.ts';

// Makes calls that change something, one after the other, and says the name of each when it has resolved. What is
// refused is said too, with its code.
const steps: Record<string, () => Promise<unknown>> = {
  accept: () => store.accept([item(now, { id: 'first', parts: parts(2) }), item(now, { id: 'second' })]),
  lease: async () => {
    leased = await store.lease(leaseOf(now));
  },
  progress: () => store.progress(lease(0), { sequence: 1, reference: '1', at: now }),
  settle: () => store.settle(lease(0), [{ sequence: 2, reference: '2', at: now }]),
  defer: () => store.defer(lease(1), { until: now, fault: FAULT }),
  report: () =>
    store.report(
      {
        ...{ gateway: 'modem1', number: '+15551234567', reference: '1', at: now, windowMs: 1000 },
        ...{ outcome: 'delivered', status: 0 },
      },
      () => [],
    ),
  receive: () => store.receive(incomingPart(now), now),
  finish: async () => {
    const [taken] = await store.takeComplete(take(now));
    const result = { state: 'delivered', at: now, note: '', effects: [effect(now)] } as const;
    if (taken !== undefined) await store.finish(taken.lease, result);
  },
  effectDone: async () => {
    const [taken] = await store.takeEffects(take(now));
    if (taken !== undefined) await store.effectDone(taken.lease);
  },
  charge: () => store.charge({ account: 'john', parts: 1, limit: 0, period: '2026-11', at: now }),
};

let leased: Awaited<ReturnType<typeof store.lease>> = [];
function lease(index: number): { id: string; token: string } {
  return leased[index]?.lease ?? { id: '', token: '' };
}

say('open');
if (process.argv[3] === 'no steps') process.exit(0);
for (const [name, step] of Object.entries(steps)) {
  try {
    const answer = await step();
    say(answer === false ? `${name} false` : name);
  } catch (error) {
    say(`${name} ${asFault(error).code}`);
  }
}
say(`first ${(await store.find('first'))?.state ?? 'absent'}`);
process.exit(0);
