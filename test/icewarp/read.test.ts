import { resolve } from 'node:path';
import { expect } from 'chai';
import { printFinding } from '../../lib/icewarp/problem.ts';
import { readAccounts, type ReadOptions } from '../../lib/icewarp/read.ts';
import { walk } from '../../lib/icewarp/walk.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/icewarp');
const options: ReadOptions = { known: ['modem1'], gateways: new Map() };

const reading = (files: Readonly<Record<string, string | Uint8Array>>, more: Partial<ReadOptions> = {}) => {
  const found = readAccounts(
    Object.entries(files).map(([path, content]) => ({ path, octets: Buffer.from(content) })),
    { ...options, ...more },
  );
  return { ...found, bad: found.bad.map(printFinding), notes: found.notes.map(printFinding) };
};

const plain = { gateway: null, description: null, monthlyLimit: 0, expire: null, active: true };
const LAST_SENT = 1_795_400_000_000;

describe('a directory copied from Windows', () => {
  const found = async () => {
    const { files, bad } = await walk(resolve(FIXTURES, 'windows'));
    expect(bad).to.deep.equal([]);
    const { accounts, ...more } = readAccounts(files, options);
    expect(more).to.deep.equal({ bad: [], notes: [] });
    return new Map(accounts.map((account) => [account.user, account]));
  };

  it('has users with passwords, limits, counters and expiry', async () => {
    const john = (await found()).get('john');
    expect(john).to.deep.include({ file: 'config/SmsUsers.dat', line: 1, notes: [] });
    expect(john?.settings).to.deep.equal({
      gateway: 'modem1',
      description: 'John Doe',
      monthlyLimit: 100,
      expire: '2027-12-31',
      active: true,
    });
    expect(john?.password?.open()).to.equal('johnpw');
    expect(john?.counters).to.deep.equal({ sent: 12, previous: 80, lastSent: LAST_SENT });
  });

  it('may be in windows-1252, or in UTF-8 with a byte order mark', async () => {
    const users = await found();
    expect(users.get('müller')?.settings).to.deep.equal({
      ...plain,
      description: 'Köln, Nachtschicht',
      active: false,
    });
    expect(users.get('müller')?.password?.open()).to.equal('grüße');
    expect(users.get('ann@office.example')?.settings?.description).to.equal('Ann 寿');
  });

  it('has levels by path: everybody, a domain, a mail user', async () => {
    const users = await found();
    expect(users.get('*')?.settings).to.deep.equal({ ...plain, description: 'Everybody', monthlyLimit: 50 });
    expect(users.get('@office.example')?.settings).to.deep.equal({
      gateway: 'modem1',
      description: 'Office: second floor',
      monthlyLimit: 200,
      expire: '2027-12-31',
      active: true,
    });
    for (const level of ['*', '@office.example', 'ann@office.example']) {
      expect(users.get(level)?.password, level).to.equal(undefined);
    }
  });

  it('counts mail users in smsstat.dat, with settings of their own or without', async () => {
    const users = await found();
    expect(users.get('ann@office.example')?.counters).to.deep.equal({
      sent: 4,
      previous: 9,
      lastSent: LAST_SENT,
    });
    expect(users.get('bob@office.example')).to.not.have.property('settings');
    expect(users.get('bob@office.example')?.counters).to.deep.equal({
      sent: 2,
      previous: 1,
      lastSent: LAST_SENT,
    });
  });

  it('has no other accounts, and only files about SMS are opened', async () => {
    const { files } = await walk(resolve(FIXTURES, 'windows'));
    expect(files.map(({ path, place }) => `${path} ${place.kind}`)).to.deep.equal([
      'config/SmsUsers.dat users',
      'config/office.example/SMS.DAT level',
      'config/sms.dat level',
      'config/smsgateway.dat gateways',
      'config/smsoutgoing.xml filter',
      'config/smsstat.dat counters',
      'mail/office.example/ann/sms.dat level',
    ]);
    expect([...(await found()).keys()]).to.have.members([
      'john',
      'müller',
      'half',
      'open',
      '*',
      '@office.example',
      'ann@office.example',
      'bob@office.example',
    ]);
  });
});

describe('a directory with mistakes', () => {
  it('every line that cannot be read is named, and the others are read', async () => {
    const { files } = await walk(resolve(FIXTURES, 'broken'));
    const { accounts, bad } = readAccounts(files, options);
    expect(accounts.map(({ user }) => user)).to.deep.equal(['first', 'john', 'short', 'last', '*']);
    expect(bad.map(printFinding)).to.deep.equal([
      'config/smsusers.dat:4:22: maxsend: "many" is no whole number',
      'config/smsusers.dat:5:30: expire: "tomorrow" is no Delphi date (days since 1899-12-30)',
      'config/smsusers.dat:6:33: expire: "1795400000" lies beyond the year 9999 as a Delphi date; it looks like a unix time',
      'config/smsusers.dat:7:29: lastsent: "46347.5" is no unix time; it looks like a Delphi date',
      'config/smsusers.dat:8:12: 11 fields instead of 10: it cannot be told whether the password or the description holds a colon; take it out in IceWarp',
      'config/smsusers.dat:9:14: 14 fields instead of 10: it cannot be told whether the password or the description holds a colon; take it out in IceWarp',
      'config/smsusers.dat:10:23: gateway: no gateway "gone" in mailsms, which has modem1; add it, or say --gateway "gone=ID"',
      'config/smsusers.dat:11:1: user: "John" stands twice: first in config/smsusers.dat:2',
      'config/smsusers.dat:12:1: user: is blank',
      'config/smsusers.dat:13:1: user: "@office.example" would stand for many users',
      'config/smsusers.dat:14:38: inactive: "maybe" is neither 0 nor 1',
      'config/sms.dat:2: a second record; the file of a level holds one',
      'mail/office.example/ann/sms.dat: is no text: it holds NUL octets',
    ]);
  });
});

describe('gateways of accounts', () => {
  const file = { 'config/smsusers.dat': 'a:b:O2 HTTP:::::::\n' };

  it('are what a gateway of IceWarp is called here, whatever the case', () => {
    const { accounts, bad } = reading(file, { gateways: new Map([['o2 http', 'MODEM1']]) });
    expect(bad).to.deep.equal([]);
    expect(accounts[0]?.settings?.gateway).to.equal('modem1');
  });

  it('may be given up', () => {
    const { accounts } = reading(file, { gateways: new Map([['O2 HTTP', '']]) });
    expect(accounts[0]?.settings?.gateway).to.equal(null);
  });

  it('must be there', () => {
    const { accounts, bad } = reading(file, { gateways: new Map([['O2 HTTP', 'O2-HTTP']]) });
    expect(accounts).to.deep.equal([]);
    expect(bad.join()).to.contain('no gateway "O2 HTTP" in mailsms');
  });
});

describe('counters', () => {
  it("may stand beside a user's or a domain's own files", () => {
    const { accounts, bad } = reading({
      'mail/office.example/ann/sms.dat': ':::Ann:5:0:0:0:0:0',
      'mail/office.example/ann/smsstat.dat': ':::::3:1795400000:2::',
      'config/office.example/smsstat.dat': 'bob:::::7:1795400000:0::',
    });
    expect(bad).to.deep.equal([]);
    expect(accounts.map(({ user, counters }) => [user, counters?.sent])).to.deep.equal([
      ['ann@office.example', 3],
      ['bob@office.example', 7],
    ]);
  });

  it("in a level's sms.dat mean nothing, and that is told", () => {
    const { accounts } = reading({ 'config/sms.dat': 'x:y::All:5:3:0:2:0:0' });
    expect(accounts[0]?.counters).to.equal(undefined);
    expect(accounts[0]?.notes).to.deep.equal([
      'user and password in it mean nothing: the file is that of a level',
      'its counters mean nothing: smsstat.dat holds them',
    ]);
  });

  it('that stand twice are refused; those of an SMS user are in smsusers.dat', () => {
    const twice = reading({
      'config/smsusers.dat': 'sam:p:::0:5:1795400000:1:0:0',
      'config/smsstat.dat': 'ann@office.example:::::3:0:0::\nANN@office.example:::::4:0:0::\nsam:::::9:0:0::',
    });
    expect(twice.bad).to.deep.equal([
      'config/smsstat.dat:2:1: user: "ANN@office.example" is counted twice: first in config/smsstat.dat:1',
    ]);
    expect(twice.notes).to.deep.equal([
      'config/smsstat.dat:3: "sam" is counted in config/smsusers.dat; this line means nothing',
    ]);
    expect(twice.accounts[0]?.counters?.sent).to.equal(5);
  });
});

describe('what is no directory of IceWarp', () => {
  it('is refused', async () => {
    let told = '';
    await walk(resolve(FIXTURES, 'windows/Config')).catch((error: unknown) => (told = String(error)));
    expect(told).to.contain('neither a folder config nor mail');
  });
});
