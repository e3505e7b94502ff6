import { expect } from 'chai';
import { simpleParser } from 'mailparser';
import { systemRandom } from '../../../lib/base/random.ts';
import { mailPayload } from '../../../lib/flow/effects/effects.ts';
import { type ReportKind, Reports } from '../../../lib/flow/effects/reports.ts';
import type { FaultRecord, OutgoingMessage } from '../../../lib/store/records.ts';
import { ManualClock } from '../../support/clock.ts';
import { outgoing } from '../../support/store-records.ts';

const BUSY: FaultRecord = { code: 'gateway.busy', enhanced: '4.4.5', told: 'the gateway is busy' };

describe('reports', () => {
  const read = async (
    zone: string,
    kind: ReportKind,
    fault: FaultRecord,
    given: Partial<OutgoingMessage> = {},
  ) => {
    const clock = new ManualClock(Date.UTC(2026, 6, 1, 10, 0, 30));
    const settings = {
      hostname: 'sms.example.com',
      from: 'MAILER-DAEMON@sms.example.com',
      zone,
      expireMs: 60_000,
    };
    const [effect] = new Reports(settings, { clock, random: systemRandom }).make(
      outgoing(clock.now(), given),
      kind,
      fault,
    );
    const { raw = [] } = mailPayload(effect?.payload) ?? {};
    return simpleParser(Buffer.from(raw));
  };

  const zones: readonly (readonly [zone: string, sent: string, until: string])[] = [
    ['UTC', 'Wed, 1 Jul 2026 10:00 +0000', 'Mon, 6 Jul 2026 10:00 +0000'],
    ['Asia/Kolkata', 'Wed, 1 Jul 2026 15:30 +0530', 'Mon, 6 Jul 2026 15:30 +0530'],
    ['America/New_York', 'Wed, 1 Jul 2026 06:00 -0400', 'Mon, 6 Jul 2026 06:00 -0400'],
  ];
  for (const [zone, sent, until] of zones) {
    it(`have their times in ${zone}`, async () => {
      const { text, date } = await read(zone, 'delayed', BUSY);
      expect(text).to.contain(`Sent: ${sent}\n`);
      expect(text).to.contain(`it is tried again until ${until}.`);
      expect(date?.toISOString()).to.equal('2026-07-01T10:00:30.000Z');
    });
  }

  const unknown: FaultRecord = { code: 'gateway.unknown', enhanced: '4.4.0', told: 'it is not known' };

  it('say that what is held waits for the operator', async () => {
    const held = await read('UTC', 'delayed', unknown, { state: 'held' });
    expect(held.subject).to.equal('Delayed: SMS to +15551234567');
    expect(held.text).to.contain('may not have been delivered yet.').and.to.contain('administrator');
    expect(held.text).not.to.contain('tried again');
    const waiting = await read('UTC', 'delayed', unknown, { state: 'queued' });
    expect(waiting.text).to.contain('has not been delivered yet.').and.to.contain('it is tried again until');
  });

  it('do not say that a message failed where nobody knows', async () => {
    expect((await read('UTC', 'failed', unknown)).subject).to.equal('Unconfirmed: SMS to +15551234567');
    expect((await read('UTC', 'failed', BUSY)).subject).to.equal('Undelivered: SMS to +15551234567');
  });
});
