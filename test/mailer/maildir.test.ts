import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Fault } from '../../lib/base/errors.ts';
import { MaildirMailer } from '../../lib/mailer/maildir.ts';
import { ManualClock } from '../support/clock.ts';

describe('the Maildir', () => {
  let folder: string;
  const random = { bytes: (count: number) => new Uint8Array(count).fill(0xab) };
  const clock = new ManualClock(Date.UTC(2026, 10, 23, 12, 0, 0) + 7);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mailsms-maildir-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('gets a file a mail, with the envelope in front and lines that end in LF', async () => {
    const mailer = new MaildirMailer(folder, { clock, random });
    await mailer.open();
    for (const to of [['a@x'], ['b@x', 'c@x']]) {
      expect(
        await mailer.send({ from: 's@x', to, raw: Buffer.from('Subject: ü\r\n\r\nhi\r\n') }),
      ).to.deep.equal([]);
    }
    const names = readdirSync(join(folder, 'new')).sort();
    expect(names).to.have.length(2);
    expect(names[0]).to.match(/^1795435200\.M007000P\d+Q1Rabababababababab\./);
    expect(readFileSync(join(folder, 'new', names[1] ?? ''), 'utf8')).to.equal(
      'Return-Path: <s@x>\nDelivered-To: b@x\nDelivered-To: c@x\nSubject: ü\n\nhi\n',
    );
    expect(readdirSync(join(folder, 'tmp'))).to.deep.equal([]);
    for (const path of ['new', join('new', names[0] ?? '')]) {
      expect(statSync(join(folder, path)).mode & 0o077, path).to.equal(0);
    }
  });

  it('that cannot be written to keeps the mail waiting', async () => {
    const mailer = new MaildirMailer(folder, { clock, random });
    await mailer.open();
    rmSync(join(folder, 'tmp'), { recursive: true });
    let fault: unknown;
    await mailer.send({ from: '', to: ['a@x'], raw: Buffer.from('x') }).catch((error: unknown) => {
      fault = error;
    });
    expect(fault).to.be.instanceOf(Fault).and.include({ code: 'relay.down', temporary: true });
  });
});
