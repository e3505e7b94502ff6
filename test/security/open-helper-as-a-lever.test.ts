import { expect } from 'chai';
import { Fault } from '../../lib/base/errors.ts';
import { Secret } from '../../lib/base/secret.ts';
import { readNames } from '../../lib/flow/outgoing/settings/read-names.ts';
import { ScriptedTransport, World } from '../support/world.ts';

/**
 * A stranger uses an address whose template lends an account: for longer texts, other ways, other senders, and to withdraw
 * what the owner of the account has sent.
 */
const OPTIONS = { domains: [{ name: 'sms.example.com' }], country: 'US' };
const STRANGER = { remote: '192.0.2.1', trusted: false };
const NUMBER = '+15550001111';

describe('an open helper in the hands of a stranger', () => {
  let world: World;
  let gateway: ScriptedTransport;
  before(async () => {
    gateway = new ScriptedTransport('a', Array<Fault>(99).fill(new Fault('gateway.down')));
    const names = readNames(
      {
        helpers: [
          { address: 'duty', forward: `sms:${NUMBER}?user=duty&pass=dutypw&maxmsgs=2&priority=3` },
          { address: 'plain', forward: `sms:${NUMBER}?user=duty&pass=dutypw` },
          { address: 'any', forward: 'sms:%%extensionnose%%?user=duty&pass=dutypw' },
        ],
        lists: [
          {
            address: 'crew',
            senders: 'anyone',
            members: [`sms:${NUMBER}?user=duty&pass=dutypw`],
          },
        ],
      },
      OPTIONS,
    );
    world = await World.start({
      gateways: [gateway, new ScriptedTransport('b')],
      prefixes: { b: ['+49'] },
      names,
      accounts: [
        { user: 'duty', password: new Secret('dutypw') },
        { user: 'ann', password: new Secret('annpw') },
      ],
    });
  });
  after(async () => {
    await world.stop();
    world.remove();
  });

  let mails = 0;
  const send = async (local: string, text = 'x', headers = '', session: object = STRANGER) => {
    const unique = `Message-ID: <${++mails}@evil.example>\r\n${headers}`;
    const [result] = await world.mail(`"${local}"@sms.example.com`, text, { session, headers: unique });
    if (result === undefined) throw new Error('no result');
    if ('fault' in result) throw result.fault;
    const message = await world.store.find(result.ids[0] ?? '');
    if (message === undefined) throw new Error('lost');
    return message;
  };
  const said = async (act: Promise<unknown>): Promise<string> => {
    try {
      await act;
      return 'accepted';
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return `${error.smtp} ${error.enhanced} ${error.told}`;
    }
  };

  const long = 'All is lost. '.repeat(200);
  const bounded: [local: string, parts: number][] = [
    ['duty', 2],
    ['duty?maxmsgs=30', 2],
    ['duty?maxmsgs=1', 1],
    ['plain?maxmsgs=128', 3],
    ['any:+15550001111?maxmsgs=128', 3],
  ];
  for (const [local, parts] of bounded) {
    it(`${local} takes ${parts} parts at most`, async () => {
      expect((await send(local, long)).parts).to.have.length(parts);
    });
  }

  it('is no more urgent than the template, and may wait longer', async () => {
    expect((await send('duty?priority=9')).priority).to.equal(3);
    expect((await send('duty?priority=-9')).priority).to.equal(-9);
    expect((await send('plain?priority=9')).priority).to.equal(0);
  });

  for (const query of [
    ...['id=b', 'at=2030-01-01T00:00:00Z', 'flash=1', 'reply=eve@evil.example', 'sender=BANK', 'report=1'],
    ...[
      'pid=64',
      'dcs=8',
      'udh=050003010101',
      'binary=1',
      'value=x',
      'msgid=1',
      'key=disk',
      'key=disk&cancel=1',
    ],
  ]) {
    it(`refuses ${query}`, async () => {
      const name = query.replace(/=.*/, '');
      for (const local of [`duty?${query}`, `any:${NUMBER}?${query}`]) {
        expect(await said(send(local))).to.equal(
          `553 5.1.3 the parameter ${name} may not be given here: the account that pays stands behind this address`,
        );
      }
    });
  }

  it('withdraws no alarm of the owner, by X-SMS-Key or otherwise', async () => {
    const login = { ...STRANGER, user: 'duty' };
    const alarm = await send(`sms:${NUMBER}?key=disk`, 'disk full', '', login);
    await world.rest(() => gateway.asked > 0, 'a try');
    const headers = 'X-SMS-Key: disk\r\nX-SMS-Cancel: yes\r\n';
    for (const local of ['duty', `any:${NUMBER}`, 'crew']) {
      expect((await send(local, 'all is well', headers)).id).to.not.equal(alarm.id);
      expect((await world.store.find(alarm.id))?.state).to.equal('queued');
      // Nor does a newer one of that name take its place.
      await send(local, 'all is well', 'X-SMS-Key: disk\r\n');
      expect((await world.store.find(alarm.id))?.state).to.equal('queued');
    }
    const ended = await send(`sms:${NUMBER}`, 'all is well', headers, login);
    expect([ended.id, ended.state]).to.deep.equal([alarm.id, 'cancelled']);
  });

  it('leaves those alone who pay for themselves', async () => {
    const login = { ...STRANGER, user: 'ann' };
    const own = await send('duty?maxmsgs=5&flash=1', long, '', login);
    expect([own.account, own.parts.length, own.options.class]).to.deep.equal(['ann', 5, 0]);
    const written = await send('duty?user=ann&pass=annpw&maxmsgs=4&id=a', long);
    expect([written.account, written.parts.length, written.gateway]).to.deep.equal(['ann', 4, 'a']);
  });
});
