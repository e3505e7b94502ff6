/**
 * Vectors that other projects collected, in fixtures/pdu with their source, and, where a checkout of the shared
 * collection lies beside the repository, that as well. A vector that contradicts the standard is named in
 * disagreements.ts and docs/standards.md, and must contradict the codec as well: the list cannot outlive its reason.
 */
import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { android } from './vectors/android.ts';
import { deviceGsm } from './vectors/device-gsm.ts';
import { disagreement } from './vectors/disagreements.ts';
import { gammuDecode, gammuDisplay, gammuEncode } from './vectors/gammu.ts';
import { gsmmodem } from './vectors/gsmmodem.ts';
import { libosmocore } from './vectors/libosmocore.ts';
import { messaging } from './vectors/messaging.ts';
import { modemmanager } from './vectors/modemmanager.ts';
import { ofono } from './vectors/ofono.ts';
import type { Check, Suite, Vector } from './vectors/vector.ts';
import { charsets, fields, segments, sevenBit } from './vectors/warthog.ts';
import { tpdus } from './vectors/warthog-tpdu.ts';

const CHECKS: Readonly<Record<string, Check>> = {
  'android-gsmsmstest': android,
  'gammu-at-sms-decode': gammuDecode,
  'gammu-at-sms-encode': gammuEncode,
  'gammu-displaysms': gammuDisplay,
  libosmocore,
  'modemmanager-3gpp': modemmanager,
  ofono,
  'perl-device-gsm': deviceGsm,
  'python-gsmmodem': gsmmodem,
  'python-messaging': messaging,
  'warthog618-sms-7bit': sevenBit,
  'warthog618-sms-charsets': charsets,
  'warthog618-sms-encode': segments,
  'warthog618-sms-fields': fields,
  'warthog618-sms-tpdu': tpdus,
};

const FIXTURES = fileURLToPath(new URL('../../fixtures/pdu/', import.meta.url));
const SHARED =
  process.env['MAILSMS_VECTORS'] ?? fileURLToPath(new URL('../../../shared/vectors/', import.meta.url));

describe('vectors of other projects', () => {
  for (const file of readdirSync(FIXTURES)) {
    const suite = load(`${FIXTURES}${file}`);
    describe(`${suite.name} (${suite.repo} at ${suite.commit.slice(0, 12)})`, () => run(suite));
  }

  it('names the source of every file', () => {
    for (const file of readdirSync(FIXTURES)) {
      const { repo, path, commit } = load(`${FIXTURES}${file}`);
      expect(
        [repo, path, commit].every((part) => part.length > 0),
        file,
      ).to.equal(true);
    }
  });
});

describe('the shared collection of vectors', () => {
  if (!existsSync(SHARED)) {
    it('is not there: only the copies in fixtures/pdu were checked');
    return;
  }
  for (const [name, check] of Object.entries(CHECKS)) {
    it(`agrees on all of ${name}`, function () {
      const path = `${SHARED}${name}.json`;
      if (!existsSync(path)) this.skip();
      for (const vector of load(path).vectors) verify(name, check, vector);
    });
  }
});

function run(suite: Suite): void {
  const check = CHECKS[suite.name];
  if (check === undefined) throw new Error(`no check for ${suite.name}`);
  for (const vector of suite.vectors) {
    const title = `${vector.id} ${vector.test} ${vector.name ?? ''}`.trim();
    const reason = disagreement(suite.name, vector);
    it(reason === undefined ? title : `${title} (differs: ${reason})`, () =>
      verify(suite.name, check, vector),
    );
  }
}

function verify(suite: string, check: Check, vector: Vector): void {
  if (disagreement(suite, vector) === undefined) check(vector);
  else expect(() => check(vector), `${vector.id} agrees after all`).to.throw();
}

function load(path: string): Suite {
  return JSON.parse(readFileSync(path, 'utf8')) as Suite;
}
