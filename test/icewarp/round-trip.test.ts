import { expect } from 'chai';
import fc from 'fast-check';
import { readAccounts } from '../../lib/icewarp/read.ts';
import { type ExportAccount, writeAccounts } from '../../lib/icewarp/write.ts';

/** What goes out as IceWarp's files comes back as it was, but for passwords. */
const GATEWAYS = ['modem1', 'O2.http_2'];

const name = fc.stringMatching(/^[A-Za-z0-9äöüßłñ寿][A-Za-z0-9äöü._+=!#-]{0,15}$/);
const domain = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}\.example$/);
const user = fc.oneof(
  { weight: 1, arbitrary: fc.constant('*') },
  { weight: 2, arbitrary: domain.map((each) => `@${each}`) },
  { weight: 4, arbitrary: name },
  { weight: 4, arbitrary: fc.tuple(name, domain).map((each) => each.join('@')) },
);
const day = fc
  .date({ min: new Date('1899-12-31T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((at) => at.toISOString().slice(0, 10));
const count = fc.nat({ max: 1_000_000 });

const account: fc.Arbitrary<ExportAccount> = fc
  .record(
    {
      user,
      gateway: fc.constantFrom(...GATEWAYS),
      description: fc.string({ unit: 'binary', maxLength: 30 }),
      monthlyLimit: count,
      expire: day,
      active: fc.boolean(),
      hasPassword: fc.boolean(),
      sent: count,
      previous: count,
      lastSent: fc.integer({ min: 1_000_000_000, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
      others: fc.constant([]),
    },
    { requiredKeys: ['user', 'monthlyLimit', 'active', 'hasPassword', 'sent', 'previous', 'others'] },
  )
  .map(({ user: of, hasPassword, ...rest }) => ({
    ...rest,
    user: of,
    // A level is nobody who logs in.
    hasPassword: hasPassword && of !== '*' && !of.startsWith('@'),
  }));

const accounts = fc.uniqueArray(account, { maxLength: 12, selector: (each) => each.user.toLowerCase() });

const read = (files: ReadonlyMap<string, string>) =>
  readAccounts(
    [...files].map(([path, text]) => ({ path, octets: Buffer.from(text) })),
    { known: GATEWAYS, gateways: new Map() },
  );

/** As the files can say it. */
function sayable({ user: of, hasPassword, ...given }: ExportAccount) {
  const level = of === '*' || of.startsWith('@');
  const own = !level && (hasPassword || !of.includes('@'));
  const description = (given.description ?? '').replaceAll(':', ';').replace(/[\0-\x08\n-\x1f\x7f]/g, ' ');
  const counters = {
    sent: given.sent,
    previous: given.previous,
    ...(given.lastSent === undefined ? {} : { lastSent: given.lastSent }),
  };
  const counted = own || (!level && given.sent + given.previous > 0);
  return {
    user: of,
    settings: {
      gateway: given.gateway ?? null,
      description: description === '' ? null : description,
      monthlyLimit: given.monthlyLimit,
      expire: given.expire ?? null,
      active: given.active,
    },
    password: own ? '' : undefined,
    counters: counted ? counters : undefined,
  };
}

const byUser = (a: { user: string }, b: { user: string }): number => (a.user < b.user ? -1 : 1);

describe('accounts written as files of IceWarp', () => {
  it('are read as they were, but for passwords', () => {
    fc.assert(
      fc.property(accounts, (given) => {
        const { files, left } = writeAccounts(given, { lock: false });
        expect(left.filter(({ what }) => !what.startsWith('description'))).to.deep.equal([]);
        const { accounts: found, bad, notes } = read(files);
        expect({ bad, notes }).to.deep.equal({ bad: [], notes: [] });
        const shape = found.map(({ user: of, settings, password, counters }) => ({
          user: of,
          settings,
          password: password?.open(),
          counters,
        }));
        expect(shape.sort(byUser)).to.deep.equal(given.map(sayable).sort(byUser));
      }),
      { numRuns: 500 },
    );
  });

  it('are the same files when they are written once more', () => {
    fc.assert(
      fc.property(accounts, (given) => {
        const { files } = writeAccounts(given, { lock: false });
        const again = read(files).accounts.map(
          ({ user: of, settings, password, counters }): ExportAccount => {
            const {
              gateway = null,
              description = null,
              expire = null,
              monthlyLimit = 0,
              active = true,
            } = settings ?? {};
            return {
              user: of,
              monthlyLimit,
              active,
              hasPassword: password !== undefined,
              others: [],
              ...(gateway === null ? {} : { gateway }),
              ...(description === null ? {} : { description }),
              ...(expire === null ? {} : { expire }),
              ...(counters ?? { sent: 0, previous: 0 }),
            };
          },
        );
        const lines = (all: ReadonlyMap<string, string>) =>
          [...all].map(([path, text]) => [path, text.split('\r\n').sort()] as const).sort();
        expect(lines(writeAccounts(again, { lock: false }).files)).to.deep.equal(lines(files));
      }),
    );
  });

  it('never hold a password, and can lock those who have none in them', () => {
    const one = {
      user: 'john',
      monthlyLimit: 5,
      active: true,
      hasPassword: true,
      sent: 0,
      previous: 0,
      others: [],
    };
    const { files, withoutPassword } = writeAccounts([one], { lock: false });
    expect([...files]).to.deep.equal([['config/smsusers.dat', 'john::::5:0:0:0:0:0\r\n']]);
    expect(withoutPassword).to.deep.equal(['john']);
    const locked = writeAccounts([one], { lock: true });
    expect(locked.files.get('config/smsusers.dat')).to.equal('john::::5:0:0:0:0:1\r\n');
  });

  const LEFT: readonly (readonly [name: string, given: Partial<ExportAccount>, what: string])[] = [
    ['settings of ours alone', { others: ['dailyLimit', 'allowed'] }, 'no place for dailyLimit, allowed'],
    ['colons in a description', { description: 'a:b' }, 'description: colons and line breaks replaced'],
    ['an expiry long ago', { expire: '1850-01-01' }, 'expire: 1850-01-01 written as 1899-12-31'],
    [
      'a colon in a name',
      { user: 'a:b' },
      'not exported at all: its name holds a colon, or what cannot be seen',
    ],
    ['a name that leads out', { user: '..@..' }, 'not exported at all: its name cannot be that of a folder'],
    [
      'a name with a path',
      { user: '../../x@a.example' },
      'not exported at all: its name cannot be that of a folder',
    ],
    [
      'a domain with a path',
      { user: 'x@../../etc' },
      'not exported at all: its name cannot be that of a folder',
    ],
    [
      'a long name',
      { user: `${'x'.repeat(300)}@a.example` },
      'not exported at all: its name cannot be that of a folder',
    ],
  ];
  for (const [title, given, what] of LEFT) {
    it(`name what has no place: ${title}`, () => {
      const account = {
        user: 'a@b.example',
        monthlyLimit: 0,
        active: true,
        hasPassword: false,
        sent: 0,
        previous: 0,
        others: [],
      };
      const { files, left } = writeAccounts([{ ...account, ...given }], { lock: false });
      expect(left.map((each) => each.what)).to.deep.equal([what]);
      expect(files.size).to.equal(what.startsWith('not exported') ? 0 : 1);
    });
  }
});
