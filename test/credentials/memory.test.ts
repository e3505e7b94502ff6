import { expect } from 'chai';
import fc from 'fast-check';
import { inspect } from 'node:util';
import { PartlyUnavailable, type PasswordBackend } from '../../lib/accounts/backend.ts';
import { Fault } from '../../lib/base/errors.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { Secret } from '../../lib/base/secret.ts';
import { type CacheSettings, CachedBackend } from '../../lib/credentials/cached.ts';
import { BackendChain } from '../../lib/credentials/chain.ts';
import { Checks } from '../../lib/credentials/checks.ts';
import { fill, filterValue, nameValue } from '../../lib/credentials/ldap-names.ts';
import { plainName } from '../../lib/credentials/names.ts';
import { ManualClock } from '../support/clock.ts';
import { MemoryLog } from '../support/log.ts';

/** A backend that knows what it is told and counts how often it is asked. */
class Known implements PasswordBackend {
  readonly name: string;
  readonly users: Map<string, string>;
  down = false;
  asked = 0;
  closed = false;

  constructor(users: Readonly<Record<string, string>>, name = 'known') {
    this.name = name;
    this.users = new Map(Object.entries(users));
  }

  async verify(user: string, password: Secret): Promise<string | undefined> {
    this.asked++;
    await Promise.resolve();
    if (this.down) throw new Fault('auth.unavailable', { detail: this.name });
    return this.users.get(user) === password.open() ? user : undefined;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

const right = new Secret('right');
const wrong = new Secret('wrong');

describe('the memory in front of password backends', () => {
  let clock: ManualClock;
  let known: Known;

  const remember = (settings: Partial<CacheSettings> = {}): CachedBackend =>
    new CachedBackend(
      known,
      { successMs: 60_000, refusalMs: 3000, entries: 3, ...settings },
      { clock, random: systemRandom },
    );

  beforeEach(() => {
    clock = new ManualClock();
    known = new Known({ john: 'right', jane: 'right' });
  });

  it('asks once for what it knows, until its time is over', async () => {
    const memory = remember();
    for (let i = 0; i < 5; i++) expect(await memory.verify('john', right)).to.equal('john');
    expect(known.asked).to.equal(1);
    clock.advanceNow(59_999);
    await memory.verify('john', right);
    expect(known.asked).to.equal(1);
    clock.advanceNow(1);
    await memory.verify('john', right);
    expect(known.asked).to.equal(2);
  });

  it('remembers a refusal for a moment', async () => {
    const memory = remember();
    for (let i = 0; i < 5; i++) expect(await memory.verify('john', wrong)).to.equal(undefined);
    expect(known.asked).to.equal(1);
    known.users.set('john', 'wrong');
    clock.advanceNow(3000);
    expect(await memory.verify('john', wrong)).to.equal('john');
  });

  it('takes one password of a user for no other, and none for another user', async () => {
    const memory = remember();
    expect(await memory.verify('john', right)).to.equal('john');
    expect(await memory.verify('john', wrong)).to.equal(undefined);
    expect(await memory.verify('nobody', right)).to.equal(undefined);
    expect(await memory.verify('john\0r', new Secret('ight'))).to.equal(undefined);
  });

  it('never remembers that the backend was down', async () => {
    const memory = remember();
    known.down = true;
    expect(await codeOf(memory.verify('john', right))).to.equal('auth.unavailable');
    known.down = false;
    expect(await memory.verify('john', right)).to.equal('john');
  });

  it('makes a check that is asked for twice at once only once, however it ends', async () => {
    const memory = remember({ successMs: 0, refusalMs: 0 });
    const twice = (password: Secret) =>
      Promise.all([codeOf(memory.verify('john', password)), codeOf(memory.verify('john', password))]);
    expect(await twice(right)).to.deep.equal(['john', 'john']);
    expect(await twice(wrong)).to.deep.equal(['undefined', 'undefined']);
    known.down = true;
    expect(await twice(right)).to.deep.equal(['auth.unavailable', 'auth.unavailable']);
    expect(known.asked).to.equal(3);
  });

  it('holds no more than it may, and guesses push nobody out', async () => {
    const memory = remember();
    await memory.verify('john', right);
    for (let i = 0; i < 100; i++) await memory.verify('john', new Secret(`guess ${i}`));
    const asked = known.asked;
    expect(await memory.verify('john', right)).to.equal('john');
    expect(known.asked).to.equal(asked);
    for (const user of ['a', 'b', 'c']) {
      known.users.set(user, 'right');
      await memory.verify(user, right);
    }
    await memory.verify('john', right);
    expect(known.asked).to.equal(asked + 4);
  });

  it('keeps no password', async () => {
    const memory = remember();
    await memory.verify('john', right);
    await memory.verify('john', wrong);
    expect(inspect(memory, { depth: 20, showHidden: true })).not.to.match(/right|wrong/);
  });

  it('forgets everything and closes the backend', async () => {
    const memory = remember();
    await memory.verify('john', right);
    await memory.close();
    expect(known.closed).to.equal(true);
  });
});

describe('several password backends', () => {
  const chain = (log: MemoryLog, ...backends: readonly PasswordBackend[]) =>
    new BackendChain(backends, { log });

  it('takes the first that proves the user', async () => {
    const [first, second] = [new Known({ john: 'one' }), new Known({ john: 'two', jane: 'two' })];
    const both = chain(new MemoryLog(), first, second);
    expect(await both.verify('john', new Secret('one'))).to.equal('john');
    expect(second.asked).to.equal(0);
    expect(await both.verify('john', new Secret('two'))).to.equal('john');
    expect(await both.verify('jane', new Secret('two'))).to.equal('jane');
    expect(await both.verify('jane', new Secret('one'))).to.equal(undefined);
  });

  it('passes over one that is down, but does not say no in its place', async () => {
    const log = new MemoryLog();
    const [first, second] = [new Known({ john: 'right' }, 'first'), new Known({ jane: 'right' }, 'second')];
    const both = chain(log, first, second);
    first.down = true;
    expect(await both.verify('jane', right)).to.equal('jane');
    expect(await codeOf(both.verify('john', right))).to.equal('auth.unavailable');
    expect(await codeOf(both.verify('jane', wrong))).to.equal('auth.unavailable');
    first.down = false;
    expect(await both.verify('john', right)).to.equal('john');
    expect(await both.verify('jane', wrong)).to.equal(undefined);
    expect(log.lines).to.have.lengthOf(2);
    expect(log.lines[0]).to.match(/^warn passwords can't be checked .*"backend":"first"/);
    expect(log.lines[1]).to.match(/^info passwords are checked again .*"backend":"first"/);
  });

  it('says whether one of them refused where another is down: to who guesses that is an answer', async () => {
    const [first, second] = [new Known({ john: 'right' }), new Known({ jane: 'right' })];
    const tokens: PasswordBackend = Object.assign(new Known({}), { tokensOnly: true as const });
    const thrown = (...backends: readonly PasswordBackend[]): Promise<unknown> =>
      chain(new MemoryLog(), ...backends)
        .verify('john', wrong)
        .catch((error: unknown) => error);
    first.down = true;
    for (const both of [
      [first, second],
      [second, first],
    ]) {
      expect(await thrown(...both)).to.be.instanceOf(PartlyUnavailable);
    }
    expect(await thrown(first, tokens))
      .to.be.instanceOf(Fault)
      .and.not.instanceOf(PartlyUnavailable);
    expect(await thrown(first))
      .to.be.instanceOf(Fault)
      .and.not.instanceOf(PartlyUnavailable);
  });

  it('asks nobody for an empty password or one with NUL', async () => {
    const known = new Known({ john: '' });
    const one = chain(new MemoryLog(), known);
    expect(await one.verify('john', new Secret(''))).to.equal(undefined);
    expect(await one.verify('john', new Secret('a\0b'))).to.equal(undefined);
    expect(known.asked).to.equal(0);
  });

  it('has no tokens to check where no backend has', () => {
    expect(chain(new MemoryLog(), new Known({})).verifyToken).to.equal(undefined);
  });
});

describe('the checks of a backend', () => {
  it('are refused beyond a hundred at once', async () => {
    const clock = new ManualClock();
    const checks = new Checks('slow', 1000, { clock });
    const never = (): Promise<string> => new Promise(() => undefined);
    const running = Array.from({ length: 100 }, () => codeOf(checks.run(never)));
    expect(await codeOf(checks.run(never))).to.equal('auth.unavailable');
    await clock.advance(1000);
    expect(new Set(await Promise.all(running))).to.deep.equal(new Set(['auth.unavailable']));
    expect(await checks.run(async () => 'room again')).to.equal('room again');
  });
});

describe('the one spelling of a user name', () => {
  const names: readonly [written: string, plain: string | undefined][] = [
    ['john', 'john'],
    ['John@Example.COM', 'john@example.com'],
    ['jürgen', 'jürgen'],
    ['john doe', 'john doe'],
    ['', undefined],
    [' john', undefined],
    ['john ', undefined],
    ['john  doe', undefined],
    ['john\tdoe', undefined],
    ['john\u00a0doe', undefined],
    ['jo\u00adhn', undefined],
    ['jo\u200bhn', undefined],
    ['john\0', undefined],
    ['ｊｏｈｎ', undefined],
    ['ju\u0308rgen', undefined],
    ['straße', undefined],
    ['\u212aim', 'kim'],
    ['x'.repeat(321), undefined],
  ];
  for (const [written, plain] of names) {
    it(`reads ${JSON.stringify(written.slice(0, 20))} as ${plain ?? 'none'}`, () => {
      expect(plainName(written)).to.equal(plain);
    });
  }

  it('gives a name that is its own spelling', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const name = plainName(text);
        expect(name === undefined ? undefined : plainName(name)).to.equal(name);
      }),
    );
  });
});

describe('user names in LDAP', () => {
  it('leave nothing in a filter or a name that means something there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const escape of [filterValue, nameValue]) {
          const written = escape(text);
          expect(written).to.match(/^(?:[A-Za-z0-9]|\\[0-9a-f]{2})*$/);
          const octets = written.replace(/\\([0-9a-f]{2})/g, (_, hex: string) =>
            String.fromCharCode(parseInt(hex, 16)),
          );
          expect(Buffer.from(octets, 'latin1')).to.deep.equal(Buffer.from(text, 'utf8'));
        }
      }),
    );
  });

  it('stand where the template has them', () => {
    const template = '(&(mail=%u)(uid=%n)(dc=%d)(note=100%%))';
    expect(fill(template, 'a*b@example.com', filterValue)).to.equal(
      '(&(mail=a\\2ab\\40example\\2ecom)(uid=a\\2ab)(dc=example\\2ecom)(note=100%))',
    );
    expect(fill('%n|%d', 'john', filterValue)).to.equal('john|');
    expect(fill('%u', '%n', (value) => value)).to.equal('%n');
  });
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    return String(await work);
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
}
