import { expect } from 'chai';
import fc from 'fast-check';
import { Fault } from '../../../lib/base/errors.ts';
import type { Job, PartSent } from '../../../lib/routing/transport.ts';
import type { Store } from '../../../lib/store/store.ts';
import { ScriptedTransport, World } from '../../support/world.ts';

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A gateway that fails in every way that there is, before, between and after parts, until it is told to be well. */
class TroubledTransport extends ScriptedTransport {
  readonly awaitsClearance: boolean;
  well = false;
  readonly #chance: () => number;
  #busy = false;

  constructor(id: string, chance: () => number) {
    super(id);
    this.#chance = chance;
    this.awaitsClearance = chance() < 0.7;
  }

  override async send(job: Job, sent: PartSent): Promise<void> {
    if (this.#busy) throw new Error(`${this.id} was given two messages at once`);
    this.#busy = true;
    try {
      await this.#turns();
      if (this.#happens(0.1)) throw new Fault('gateway.down');
      if (job.cleared !== undefined) {
        if (this.#happens(0.1)) throw new Fault('gateway.busy');
        await job.cleared;
      }
      for (const segment of job.segments) {
        await this.#turns();
        for (const code of ['gateway.down', 'gateway.deferred', 'gateway.unknown'] as const) {
          if (this.#happens(0.05)) throw new Fault(code);
        }
        if (this.#happens(0.05)) {
          this.events?.health({ state: 'down', reason: 'it flaps' });
          await this.#turns();
          this.events?.health({ state: 'up' });
        }
        await super.send({ ...job, segments: [segment] }, sent);
      }
    } finally {
      this.#busy = false;
    }
  }

  #happens(share: number): boolean {
    return !this.well && this.#chance() < share;
  }

  /** Whatever else is under way goes on meanwhile. */
  async #turns(): Promise<void> {
    for (let left = Math.floor(this.#chance() * 4); left > 0; left--) await new Promise(setImmediate);
  }
}

const TROUBLED_CALLS = ['settle', 'progress', 'lease', 'defer', 'peek', 'lanes', 'renew'] as const;

/** Now and then the store fails, before or after it has done what it was asked for. */
function trouble(store: Store, isTrouble: () => boolean): void {
  const calls = store as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
  for (const name of TROUBLED_CALLS) {
    const call = calls[name]?.bind(store);
    if (call === undefined) throw new Error(`the store has no ${name}`);
    calls[name] = async (...given) => {
      if (!isTrouble()) return call(...given);
      if (isTrouble()) await call(...given);
      throw new Fault('store.down');
    };
  }
}

describe('dispatch, whatever gateways and store do', () => {
  it('sends all parts of all messages in the end, and none twice unless the log says so', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 3 }), async (seed, count) => {
        const chance = chanceOf(seed);
        const gateways = Array.from({ length: count }, (_, at) => new TroubledTransport(`g${at}`, chance));
        const world = await World.start({ gateways });
        try {
          let well = false;
          trouble(world.store, () => !well && chance() < 0.03);
          const ids: string[] = [];
          for (let n = 0; n < 10; n++) {
            const pinned = chance() < 0.2 ? `&id=g${Math.floor(chance() * count)}` : '';
            const priority = Math.floor(chance() * 5) - 2;
            const to = `"sms:+1555123${1000 + n}?priority=${priority}${pinned}"@sms.example.com`;
            const [result] = await world.mail(to, `${n} `.repeat(1 + Math.floor(chance() * 200)));
            if (result === undefined || !('ids' in result)) throw new Error('not accepted');
            ids.push(...result.ids);
            if (chance() < 0.3) await world.pass(Math.floor(chance() * 3000));
          }
          await world.pass(60_000);
          well = true;
          for (const gateway of gateways) {
            gateway.well = true;
            gateway.events?.health({ state: 'up' });
          }
          await world.pass(30 * 60_000);
          for (const id of ids) {
            const message = await world.store.find(id);
            expect(message?.state, world.log.lines.slice(-40).join('\n')).to.equal('sent');
            const taken = gateways.flatMap((each) => each.taken).filter(({ messageId }) => messageId === id);
            const parts = message?.parts.map(({ sequence }) => sequence);
            expect([...new Set(taken.map(({ sequence }) => sequence))].sort((a, b) => a - b)).to.deep.equal(
              parts,
            );
            const lines = world.log.lines.filter((line) => line.includes(id));
            const said = lines.filter((line) => line.includes('may make a duplicate')).length;
            expect(taken.length - (parts?.length ?? 0), lines.join('\n')).to.be.at.most(said);
          }
        } finally {
          await world.stop();
          world.remove();
        }
      }),
      { numRuns: 25 },
    );
  });
});
