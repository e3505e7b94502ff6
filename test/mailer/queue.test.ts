import { expect } from 'chai';
import { simpleParser } from 'mailparser';
import { Fault } from '../../lib/base/errors.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { MAIL_EFFECT, Effects, type MailPayload } from '../../lib/flow/effects/effects.ts';
import { operatorMail } from '../../lib/flow/effects/operator-mail.ts';
import { mailHandler } from '../../lib/mailer/handler.ts';
import type { Mail, Mailer, Refusal } from '../../lib/mailer/mailer.ts';
import type { Store } from '../../lib/store/store.ts';
import { openLmdbStore } from '../../lib/store/lmdb.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../support/clock.ts';
import { MemoryLog } from '../support/log.ts';
import { until } from '../support/product.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A relay that answers as it is told, for each recipient. */
class ScriptedMailer implements Mailer {
  readonly took: string[] = [];
  readonly mails: Mail[] = [];
  tries = 0;
  answer: (to: string) => Fault | undefined = () => undefined;

  async open(): Promise<void> {}
  async close(): Promise<void> {}

  async send(mail: Mail): Promise<readonly Refusal[]> {
    this.tries++;
    const refusals = mail.to.flatMap((to) => {
      const fault = this.answer(to);
      return fault === undefined ? [] : [{ to, fault }];
    });
    const [first] = refusals;
    if (first !== undefined && refusals.length === mail.to.length) throw first.fault;
    this.mails.push(mail);
    this.took.push(...mail.to.filter((to) => !refusals.some((each) => each.to === to)));
    return refusals;
  }
}

describe('the mail queue', () => {
  let dir: string;
  let store: Store;
  let clock: ManualClock;
  let mailer: ScriptedMailer;
  let effects: Effects;
  let log: MemoryLog;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mailsms-queue-'));
    clock = new ManualClock();
    log = new MemoryLog();
    mailer = new ScriptedMailer();
    const disk = { now: () => clock.now(), after: systemClock.after.bind(systemClock) };
    store = await openLmdbStore({ path: dir, owner: 'node', clock: disk, random: systemRandom });
    const operator = {
      hostname: 'sms.example.com',
      from: 'MAILER-DAEMON@sms.example.com',
      operator: 'op@office.example',
      expireMs: 24 * HOUR,
    };
    effects = new Effects(
      { retryMs: [30_000, MINUTE, 5 * MINUTE], concurrency: 4 },
      { [MAIL_EFFECT]: mailHandler(mailer, { log, enqueue: (mails) => store.enqueue(mails) }) },
      { store, clock, log, givenUp: operatorMail(operator, clock) },
    );
    await effects.start();
  });
  afterEach(async () => {
    await effects.stop();
    await store.close();
    rmSync(dir, { recursive: true });
  });

  const queue = (to: readonly string[], expiresIn = 24 * HOUR): Promise<void> => {
    const raw = Buffer.from('Subject: x\r\n\r\nhello\r\n');
    const payload: MailPayload = { from: 'a@sms.example.com', to, raw, about: 'm1', what: 'answer' };
    const created = clock.now();
    return store.enqueue([
      { id: 'mail.1', kind: MAIL_EFFECT, payload, created, expires: created + expiresIn },
    ]);
  };
  /** Moves on, in steps, until `check` holds; how long it took. */
  const pass = async (step: number, check: () => boolean | Promise<boolean>): Promise<number> => {
    const start = clock.now();
    await until('what is waited for', async () => {
      if (await check()) return true;
      // What is under way is waited for: only the disk takes time.
      const { effects: waiting } = await store.listEffects({ state: 'waiting', limit: 9 });
      const atRest = waiting.every(({ state, effect }) => state === 'waiting' && effect.due > clock.now());
      if (atRest) await clock.advance(step);
      return undefined;
    });
    return clock.now() - start;
  };
  /** What the relay has taken is struck off the queue a moment later. */
  const emptied = (): Promise<true> =>
    until('an empty queue', async () => ((await store.stats()).effects === 0 ? true : undefined));
  const tried = (count: number): Promise<number> => pass(0, () => mailer.tries >= count);

  it('a relay that is down for an hour gets the mail soon after it is up again', async () => {
    const up = clock.now() + HOUR;
    mailer.answer = () => (clock.now() < up ? new Fault('relay.down') : undefined);
    await queue(['john@office.example']);
    await tried(1);
    const took = await pass(30_000, () => mailer.took.length === 1);
    expect(took).to.be.within(HOUR, HOUR + 6 * MINUTE);
    await emptied();
    // Half a minute, a minute, then every five.
    expect(mailer.tries).to.be.within(12, 15);
  });

  it('an other side that asks for a pause gets it, up to the end of the mail', async () => {
    mailer.answer = () =>
      mailer.tries < 3 ? new Fault('relay.deferred', { afterMs: 10 * MINUTE }) : undefined;
    await queue(['john@office.example'], 15 * MINUTE);
    await tried(1);
    expect(await pass(30_000, () => mailer.tries === 2)).to.be.within(10 * MINUTE, 11 * MINUTE);
    expect(await pass(30_000, () => mailer.took.length === 1)).to.be.within(4 * MINUTE, 6 * MINUTE);
  });

  it('a mail is tried at its end for the last time; then the operator gets it, once', async () => {
    mailer.answer = (to) =>
      to.startsWith('op') ? undefined : new Fault('relay.down', { detail: 'no route' });
    await queue(['john@office.example'], 4 * MINUTE);
    await pass(30_000, () => mailer.took.includes('op@office.example'));
    expect(clock.now()).to.be.at.least(Date.UTC(2026, 10, 23, 12, 4, 0));
    const { text = '', attachments } = await simpleParser(Buffer.from(mailer.mails[0]?.raw ?? []));
    expect(text).to.contain('the mail relay is not reachable').and.to.contain('no route');
    expect(attachments.map(({ contentType }) => contentType)).to.deep.equal(['message/rfc822']);
    expect(log.lines.filter((line) => line.includes('expired and was set aside'))).to.have.length(1);
    await emptied();
    expect((await store.stats()).failedEffects).to.equal(1);
  });

  it('taken for one of three: the others are tried each on its own, and nobody gets it twice', async () => {
    const until5 = clock.now() + 5 * MINUTE;
    mailer.answer = (to) => {
      if (to === 'no@office.example') return new Fault('relay.refused');
      if (to === 'later@office.example' && clock.now() < until5) return new Fault('relay.deferred');
      return undefined;
    };
    await queue(['no@office.example', 'yes@office.example', 'later@office.example']);
    await pass(30_000, () => mailer.took.includes('later@office.example'));
    const people = mailer.took.filter((to) => to !== 'op@office.example');
    expect(people).to.deep.equal(['yes@office.example', 'later@office.example']);
    await pass(1000, () => mailer.took.includes('op@office.example'));
    expect(mailer.took).to.have.length(3);
    const { effects: failed } = await store.listEffects({ state: 'failed', limit: 9 });
    expect(failed.map(({ effect }) => effect.id)).to.deep.equal(['mail.1.no@office.example']);
  });

  it('what the operator cannot be told is only logged', async () => {
    mailer.answer = () => new Fault('relay.refused');
    await queue(['john@office.example']);
    await pass(1000, async () => (await store.stats()).failedEffects === 2);
    expect(mailer.tries).to.equal(2);
    expect(await store.stats()).to.deep.include({ effects: 0, failedEffects: 2 });
  });
});
