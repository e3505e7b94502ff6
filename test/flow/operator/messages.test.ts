import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Fault } from '../../../lib/base/errors.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { Reports } from '../../../lib/flow/effects/reports.ts';
import { type Actor, MACHINE_OPERATOR, requireRole } from '../../../lib/flow/operator/actor.ts';
import { Inbox } from '../../../lib/flow/operator/inbox.ts';
import { Messages } from '../../../lib/flow/operator/messages.ts';
import { incomingQuery, messageQuery } from '../../../lib/flow/operator/queries.ts';
import { incomingPage } from '../../../lib/flow/operator/views/incoming.ts';
import { messagePage } from '../../../lib/flow/operator/views/message.ts';
import type { OutgoingMessage } from '../../../lib/store/records.ts';
import { openLmdbStore } from '../../../lib/store/lmdb.ts';
import type { Store } from '../../../lib/store/store.ts';
import { ManualClock } from '../../support/clock.ts';
import { MemoryLog } from '../../support/log.ts';
import { incomingPart, item, take } from '../../support/store-records.ts';

const NOW = Date.parse('2026-11-23T09:30:00Z');

describe("messages at the operator's desk", () => {
  let path: string;
  let store: Store;
  let log: MemoryLog;
  let messages: Messages;
  let inbox: Inbox;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'mailsms-desk-'));
    const clock = new ManualClock(NOW);
    store = await openLmdbStore({ path, clock, owner: 'test', random: systemRandom });
    log = new MemoryLog();
    const settings = { hostname: 'h', from: 'MAILER-DAEMON@h', zone: 'UTC', expireMs: 1000 };
    const reports = new Reports(settings, { clock, random: systemRandom });
    const readNumber = (written: string): string => written.replaceAll(' ', '');
    const submission = { submitText: () => Promise.reject(new Fault('server.stopped')) };
    const gateways = { now: () => [], meant: (id: string) => ({ id, lanes: [`=${id}`, id] }) };
    messages = new Messages({ store, clock, log, reports, submission, gateways, readNumber });
    inbox = new Inbox({ store, gateways, readNumber });
  });
  afterEach(async () => {
    await store.close();
    await rm(path, { recursive: true });
  });

  const query = (written: Record<string, unknown> = {}) => messageQuery.parse(written);
  const keep = async (...given: Partial<OutgoingMessage>[]): Promise<void> => {
    await store.accept(given.map((each) => item(NOW, each)));
  };
  const ids = async (actor: Actor, written: Record<string, unknown> = {}) =>
    (await messages.list(actor, query(written))).messages.map(({ id }) => id);
  const failure = async (trying: Promise<unknown>): Promise<Fault> => {
    const error = await trying.then(
      () => new Error('it went through'),
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof Fault)) throw error;
    return error;
  };

  it('leave as their views say, whatever else the store keeps', async () => {
    const whole = {
      content: { kind: 'binary', data: Buffer.from('0102', 'hex'), udh: Buffer.from('05', 'hex') },
      options: { class: 1, pid: 0, dcs: 4, values: ['a'], inner: 'secret' },
      parts: [{ sequence: 1, state: 'waiting', inner: 'secret' }],
      origin: {
        via: 'smtp',
        sender: 'john@example.com',
        rawHeaders: 'From: secret',
        wholeText: 'secret',
        rules: { rules: [], left: 2 },
        inner: 'secret',
      },
      account: 'john',
      fault: { code: 'gateway.busy', enhanced: '4.4.5', told: 'busy', detail: 'x', inner: 'secret' },
      trace: [{ at: NOW, event: 'accepted', inner: 'secret' }],
      inner: 'secret',
    };
    await keep({ id: 'a', ...whole } as unknown as OutgoingMessage, { id: 'b' });
    const page = await messages.list(MACHINE_OPERATOR, query());
    expect(messagePage.parse(page)).to.deep.equal(page);
    expect(JSON.stringify(page)).to.not.contain('secret');
    const [b, a] = page.messages;
    expect(a?.content).to.deep.equal({ kind: 'binary', data: '0102', udh: '05' });
    expect(a).to.not.have.property('text');
    expect(b?.text).to.equal('The kettle has boiled.');
  });

  it('from phones leave as their views say', async () => {
    await store.receive(incomingPart(NOW), NOW);
    const [taken] = await store.takeComplete(take(NOW));
    if (taken === undefined) throw new Error('nothing came in');
    const rules = { rules: [], left: 1 };
    await store.finish(taken.lease, { state: 'delivered', at: NOW, note: 'n', effects: [], rules });
    const page = await inbox.list(MACHINE_OPERATOR, incomingQuery.parse({}));
    expect(page.incoming).to.have.length(1);
    expect(incomingPage.parse(page)).to.deep.equal(page);
  });

  it('say in their stations and in the log who did what to them', async () => {
    await keep({ id: 'a' }, { id: 'b' });
    const ann: Actor = { name: 'ann', role: 'operator', via: 'console' };
    await messages.amend(ann, 'a', 'cancel');
    await messages.amend(MACHINE_OPERATOR, 'a', 'cancel').catch(() => undefined);
    await messages.amend(MACHINE_OPERATOR, 'b', 'retry');
    const last = async (id: string) => (await messages.find(ann, id)).trace.at(-1);
    expect(await last('a')).to.deep.include({ event: 'cancelled', note: 'by ann' });
    expect(await last('b')).to.deep.include({ event: 'retried', note: 'by operator' });
    expect(log.lines).to.deep.equal([
      'info cancel by ann {"message":"a","by":"ann","via":"console"}',
      'info retry by operator {"message":"b","by":"operator","via":"control"}',
    ]);
  });

  it('are each their own for a user, and a domain for its postmaster', async () => {
    await keep(
      { id: 'a', account: 'john@office.example' },
      { id: 'b', account: 'ann@office.example' },
      { id: 'c', account: 'eve@elsewhere.example' },
      { id: 'd' },
    );
    const user: Actor = { name: 'John@office.example', role: 'user', via: 'http' };
    const domain: Actor = { name: '@office.example', role: 'domain', via: 'http' };
    expect(await ids(MACHINE_OPERATOR)).to.deep.equal(['d', 'c', 'b', 'a']);
    expect(await ids(domain)).to.deep.equal(['b', 'a']);
    expect(await ids(user)).to.deep.equal(['a']);
    for (const hidden of ['b', 'none']) {
      expect((await failure(messages.find(user, hidden))).code).to.equal('request.absent');
      expect((await failure(messages.amend(user, hidden, 'remove'))).code).to.equal('request.absent');
    }
    await messages.amendAll(user, 'remove', query());
    expect(await ids(MACHINE_OPERATOR)).to.deep.equal(['d', 'c', 'b']);
    expect((await failure(inbox.list(user, incomingQuery.parse({})))).code).to.equal('auth.denied');
  });

  it('are found by state, number, sender, gateway and text', async () => {
    await keep(
      { id: 'a', number: '+15550000001', gateway: 'modem1', lane: '=modem1' },
      { id: 'b', number: '+15550000002', lane: 'modem1', account: 'ann' },
      {
        id: 'c',
        lane: '*',
        origin: { via: 'smtp', sender: 'Eve@Elsewhere.example' },
        content: { kind: 'text', text: 'Pump 3 is DRY' },
      },
    );
    await messages.amend(MACHINE_OPERATOR, 'a', 'cancel');
    const cases: [written: Record<string, string>, found: string[]][] = [
      [{ state: 'queued' }, ['c', 'b']],
      [{ state: 'cancelled,queued' }, ['a', 'c', 'b']],
      [{ number: '+1 555 000 0002' }, ['b']],
      [{ sender: 'eve@elsewhere.example' }, ['c']],
      [{ sender: '@elsewhere.example' }, ['c']],
      [{ sender: 'ANN' }, ['b']],
      [{ gateway: 'modem1' }, ['b', 'a']],
      [{ gateway: 'modem1', state: 'queued' }, ['b']],
      [{ text: 'pump 3 is dry' }, ['c']],
      [{ text: 'nothing of the kind' }, []],
    ];
    for (const [written, found] of cases) {
      expect(await ids(MACHINE_OPERATOR, written), JSON.stringify(written)).to.deep.equal(found);
    }
  });

  it('come in pages whose cursors say nothing to whoever holds them', async () => {
    await keep(...Array.from({ length: 7 }, (_, index) => ({ id: `m${index}` })));
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = await messages.list(
        MACHINE_OPERATOR,
        query(after === undefined ? { limit: '3' } : { limit: '3', after }),
      );
      found.push(...page.messages.map(({ id }) => id));
      after = page.next;
      expect(after ?? '').to.match(/^[\w-]*$/);
    } while (after !== undefined);
    expect(found).to.deep.equal(['m6', 'm5', 'm4', 'm3', 'm2', 'm1', 'm0']);
    expect(messageQuery.safeParse({ after: 'queued:m3' }).error?.issues[0]?.message).to.match(
      /no page's next/,
    );
  });

  it('are changed together, each once, and those that cannot be are counted', async () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ id: `m${index}` }));
    await keep(...many);
    for (const id of ['m1', 'm2']) await messages.amend(MACHINE_OPERATOR, id, 'cancel');
    const sums = { done: 0, refused: 0 };
    let after: string | undefined;
    do {
      const written = { state: 'cancelled,queued', limit: 7 };
      const page = await messages.amendAll(
        MACHINE_OPERATOR,
        'retry',
        query(after === undefined ? written : { ...written, after }),
      );
      sums.done += page.done;
      sums.refused += page.refused;
      after = page.next;
    } while (after !== undefined);
    expect(sums).to.deep.equal({ done: 28, refused: 2 });
    const retried = await messages.find(MACHINE_OPERATOR, 'm3');
    expect(retried.trace.filter(({ event }) => event === 'retried')).to.have.length(1);
  });

  it('ask for the role that each verb needs', () => {
    const actor: Actor = { name: 'ann', role: 'domain', via: 'http' };
    expect(() => requireRole(actor, 'operator')).to.throw(Fault, /needs the role operator/);
    expect(() => requireRole({ ...actor, role: 'admin' }, 'operator')).to.not.throw();
  });
});
