import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { open } from 'lmdb';
import type { Fault } from '../../lib/base/errors.ts';
import type { Store } from '../../lib/store/store.ts';
import { type Key, keyEncoder } from '../../lib/store/lmdb/disk/key.ts';
import { encodeRecord } from '../../lib/store/lmdb/disk/record.ts';
import { openLmdbStore } from '../../lib/store/lmdb.ts';
import type { Quarantined } from '../../lib/store/records.ts';
import { ManualClock } from '../support/clock.ts';
import {
  countingRandom,
  DAY,
  effect,
  FAULT,
  incomingPart,
  item,
  leaseOf,
  linkTo,
  MINUTE,
  take,
} from '../support/store-records.ts';

describe('a damaged record in the LMDB store', () => {
  const clock = new ManualClock();
  const now = clock.now();
  let path: string;
  let store: Store;
  let logged: string[];
  let opened = 0;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'mailsms-damage-'));
    logged = [];
    await openStore();
  });
  afterEach(async () => {
    await store.close();
    await rm(path, { recursive: true });
  });

  async function openStore(): Promise<void> {
    const log = { warn: () => {}, error: (fields: object) => logged.push(JSON.stringify(fields)) };
    store = await openLmdbStore({ path, clock, owner: 'node1', random: countingRandom(++opened), log });
  }

  /** Changes what lies in a table, behind the store's back. */
  async function damage(table: string, key: Key, change: (octets: Buffer) => Buffer): Promise<Buffer> {
    await store.close();
    const root = open({ path, noSubdir: false, maxDbs: 40 });
    const db = root.openDB<Buffer, (string | number)[]>({ name: table, encoding: 'binary', keyEncoder } as {
      name: string;
    });
    const octets = db.get([...key]);
    if (octets === undefined) throw new Error(`nothing in ${table} at ${JSON.stringify(key)}`);
    const damaged = change(Buffer.from(octets));
    await db.put([...key], damaged);
    await root.close();
    await openStore();
    return damaged;
  }

  const flipped = (octets: Buffer): Buffer => {
    const at = Math.floor(octets.length / 2);
    octets.writeUInt8(octets.readUInt8(at) ^ 0x04, at);
    return octets;
  };

  /** What is in the quarantine: one record of this table, and of a message its other half. */
  async function quarantine(table: string): Promise<Quarantined> {
    const all = await store.quarantined(10);
    const halves = ['messages', 'bodies'];
    expect(all.map((each) => each.table)).to.have.members(halves.includes(table) ? halves : [table]);
    expect((await store.stats()).quarantined).to.equal(all.length);
    const record = all.find((each) => each.table === table);
    if (record === undefined) throw new Error('nothing was set aside');
    return record;
  }

  const ways: readonly [string, (octets: Buffer) => Buffer, RegExp][] = [
    ['one bit flipped', flipped, /checksum/],
    ['the last octet missing', (octets) => octets.subarray(0, -1), /checksum/],
    ['nothing but a head', (octets) => octets.subarray(0, 9), /checksum/],
    ['almost nothing', (octets) => octets.subarray(0, 3), /3 octets are too few/],
    ['a version of the future', (octets) => Buffer.concat([Buffer.of(9), octets.subarray(1)]), /version 9/],
  ];
  for (const [name, change, reason] of ways) {
    it(`(${name}) is set aside, reported, and the rest goes on`, async () => {
      await store.accept([item(now, { id: 'bad' }), item(now, { id: 'good' })]);
      const octets = await damage('messages', ['bad'], change);
      const told: Quarantined[] = [];
      store.watch({ quarantined: (record) => told.push(record) });
      expect((await store.lease(leaseOf(now))).map(({ message }) => message.id)).to.deep.equal(['good']);
      const record = await quarantine('messages');
      expect(record).to.deep.include({ at: now, key: '["bad"]' });
      expect(record.reason).to.match(reason);
      expect(Buffer.from(record.octets).equals(octets)).to.equal(true);
      expect(told).to.have.deep.members(await store.quarantined(10));
      expect(logged.join()).to.match(reason);
      expect(await store.find('bad')).to.equal(undefined);
      expect((await store.stats()).messages).to.deep.include({ queued: 0, sending: 1 });
      expect((await store.stats()).lanes).to.deep.equal({});
    });
  }

  const finders: readonly [string, string, () => Promise<unknown>][] = [
    ['a look-up', 'messages', () => store.find('bad')],
    ['a list', 'messages', () => store.list({ limit: 10 })],
    ['an amendment', 'messages', () => store.amend('bad', { kind: 'remove' })],
    ['a deadline', 'messages', () => store.overdue(take(now + DAY))],
    ['a lease', 'messages', () => store.lease(leaseOf(now))],
    ['a look-up', 'bodies', () => store.find('bad')],
    ['a list', 'bodies', () => store.list({ limit: 10 })],
    ['a deadline', 'bodies', () => store.overdue(take(now + DAY))],
    ['a lease', 'bodies', () => store.lease(leaseOf(now))],
  ];
  for (const [name, table, find] of finders) {
    it(`among the ${table} is set aside by ${name}, with all that belongs to it`, async () => {
      await store.accept([item(now, { id: 'bad', warnAt: now + MINUTE })]);
      await damage(table, ['bad'], flipped);
      await find();
      await quarantine(table);
      expect((await store.list({ limit: 10 })).messages).to.deep.equal([]);
      expect(await store.lease(leaseOf(now))).to.deep.equal([]);
      expect(await store.overdue(take(now + DAY))).to.deep.equal([]);
      expect(await store.nextDue()).to.equal(undefined);
      expect((await store.stats()).messages.queued).to.equal(0);
      expect((await store.stats()).lanes).to.deep.equal({});
      await quarantine(table);
    });
  }

  it('that is leased ends its lease; a report about it finds nothing', async () => {
    await store.accept([item(now, { id: 'bad' })]);
    const [leased] = await store.lease(leaseOf(now));
    if (leased === undefined) throw new Error('nothing was leased');
    await store.settle(leased.lease, [{ sequence: 1, reference: '9', at: now }]);
    await damage('messages', ['bad'], flipped);
    const about = { gateway: 'modem1', number: '+15551234567', reference: '9', at: now, windowMs: MINUTE };
    expect(await store.report({ ...about, outcome: 'delivered', status: 0 }, () => [])).to.equal(undefined);
    await quarantine('messages');
    expect(await store.settle(leased.lease, [])).to.equal(false);
    expect(await store.purge(now + DAY, 10)).to.equal(1);
    expect((await store.stats()).messages.sent).to.equal(0);
  });

  it('that is leased is not recovered', async () => {
    await store.accept([item(now, { id: 'bad' }), item(now, { id: 'good' })]);
    await store.lease(leaseOf(now));
    await damage('messages', ['bad'], flipped);
    const recovered = await store.recover(take(now));
    expect(recovered.map(({ message }) => message.id)).to.deep.equal(['good']);
    await quarantine('messages');
    expect((await store.stats()).messages.sending).to.equal(1);
  });

  it('from a phone does not hold up the next one', async () => {
    await store.receive(incomingPart(now, { id: 'bad' }), now);
    await store.receive(incomingPart(now, { id: 'good' }), now);
    await damage('incoming', ['bad'], flipped);
    expect((await store.takeComplete(take(now, 1))).map(({ message }) => message.id)).to.deep.equal(['good']);
    await quarantine('incoming');
    expect((await store.stats()).incoming).to.equal(1);
  });

  it('of an open group lets its next part begin a new one', async () => {
    const concat = (sequence: number) => ({ key: 'group', total: 2, sequence });
    await store.receive(incomingPart(now, { id: 'bad', concat: concat(1) }), now + MINUTE);
    await damage('incoming', ['bad'], flipped);
    await store.receive(incomingPart(now, { id: 'good', concat: concat(2) }), now + MINUTE);
    const taken = await store.takeComplete(take(now + MINUTE));
    expect(taken.map(({ message }) => message.id)).to.deep.equal(['good']);
    await quarantine('incoming');
  });

  it('among the effects does not hold up the next one', async () => {
    await store.enqueue([effect(now, { id: 'bad' }), effect(now, { id: 'good' })]);
    await damage('effects', ['bad'], flipped);
    expect((await store.takeEffects(take(now, 1))).map((each) => each.effect.id)).to.deep.equal(['good']);
    await quarantine('effects');
    expect((await store.stats()).effects).to.equal(1);
  });

  it('among the failed effects is forgotten like the others', async () => {
    await store.enqueue([effect(now, { id: 'bad' })]);
    const [taken] = await store.takeEffects(take(now));
    if (taken !== undefined) await store.effectFailed(taken.lease, FAULT, []);
    await damage('effects', ['bad'], flipped);
    expect(await store.purge(now + DAY, 10)).to.equal(1);
    expect((await store.stats()).failedEffects).to.equal(0);
  });

  it('in the reply log leaves the other links of the number', async () => {
    const link = (sender: string) => item(now, {}, { link: linkTo('+1555', sender, now) });
    await store.accept([link('bad@example.com'), link('good@example.com')]);
    await damage('links', ['+1555', 'bad@example.com'], flipped);
    expect((await store.links('+1555', now)).map(({ sender }) => sender)).to.deep.equal(['good@example.com']);
    await quarantine('links');
  });

  it('of an account begins its count anew', async () => {
    const charge = { account: 'john', parts: 2, limit: 3, period: '2026-11', at: now };
    await store.charge(charge);
    await damage('usage', ['john', '2026-11'], flipped);
    expect(await store.charge(charge)).to.equal('charged');
    expect((await store.usage('john', '2026-11')).sent).to.equal(2);
    await quarantine('usage');
  });

  it('that recognises repeated mail lets the mail in once more', async () => {
    const again = (id: string) => item(now, { id }, { dedupe: { key: 'mail', until: now + DAY } });
    await store.accept([again('one')]);
    await damage('dedupe', ['mail'], flipped);
    expect((await store.accept([again('two')]))[0]?.outcome).to.equal('accepted');
    expect((await store.accept([again('three')]))[0]).to.deep.equal({ outcome: 'duplicate', id: 'two' });
    await quarantine('dedupe');
  });

  for (const [table, key] of [
    ['counts', ['messages:queued']],
    ['lanes', ['*']],
  ] as const) {
    it(`among the ${table} costs a number, and no message`, async () => {
      await store.accept([item(now), item(now)]);
      await damage(table, key, flipped);
      expect(await store.lanes()).to.deep.equal(['*']);
      expect(await store.lease(leaseOf(now))).to.have.length(2);
      await store.accept([item(now)]);
      expect((await store.stats()).messages.queued).to.equal(1);
      expect((await store.stats()).lanes).to.deep.equal({ '*': 1 });
      await quarantine(table);
    });
  }

  it('that kept the order does not disturb it', async () => {
    await store.accept([item(now, { id: 'one' }), item(now, { id: 'two' })]);
    await damage('meta', ['order'], flipped);
    await store.accept([item(now, { id: 'three' })]);
    const leased = await store.lease(leaseOf(now));
    expect(leased.map(({ message }) => message.id)).to.deep.equal(['one', 'two', 'three']);
    await quarantine('meta');
  });

  it('that was the mark of the schema gets written anew; a mark of the future is respected', async () => {
    await damage('meta', ['schema'], flipped);
    await quarantine('meta');
    const refused = await damage('meta', ['schema'], () => encodeRecord({ value: 99 }, false)).catch(
      (error: unknown) => error as Fault,
    );
    expect(refused).to.have.property('code', 'store.version');
    expect(refused).to.have.property('message').that.includes('schema 99').and.includes(path);
  });
});
