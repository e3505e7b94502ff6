import { expect } from 'chai';
import { crashMatrix } from '../support/crash-matrix.ts';
import { needsPty } from '../support/pty.ts';

/** The long form: MAILSMS_CRASH_ROUNDS=200 npx mocha test/e2e/killed-at-any-moment-nothing-is-lost.test.ts */
const ROUNDS = Number(process.env['MAILSMS_CRASH_ROUNDS'] ?? 4);

describe('killed at any moment, nothing is lost', () => {
  before(needsPty);

  it(`${ROUNDS} kills while mails come in and texts go out, and the other way round`, async function () {
    this.timeout(60_000 + ROUNDS * 10_000);
    const { acknowledged, sent, injected, mailed, resent } = await crashMatrix({
      rounds: ROUNDS,
      perRound: 40,
      random: Math.random,
    });
    expect(
      acknowledged.filter((text) => !sent.includes(text)),
      'acknowledged and never sent',
    ).to.deep.equal([]);
    expect(
      injected.filter((text) => !mailed.includes(text)),
      'received and never mailed',
    ).to.deep.equal([]);
    const twice = sent.filter((text, index) => sent.indexOf(text) !== index);
    expect(twice.length, `sent twice without a word in the log: ${twice.join(', ')}`).to.be.at.most(resent);
    expect(acknowledged.length, 'mails answered with 250').to.be.greaterThan(0);
  });
});
