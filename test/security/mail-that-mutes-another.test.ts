import { expect } from 'chai';
import { Secret } from '../../lib/base/secret.ts';
import { World } from '../support/world.ts';

/** A mail with the Message-ID of another: what is taken for the same one is answered 250 and never sent. */
const NUMBER = '+15551234567';

describe('a mail under the Message-ID of another', () => {
  let world: World;
  before(async () => {
    world = await World.start({
      accounts: [
        { user: 'ann', password: new Secret('annpw') },
        { user: 'bob', password: new Secret('bobpw') },
      ],
    });
  });
  after(async () => {
    await world.stop();
    world.remove();
  });

  let mails = 0;
  /** Sends two mails of one Message-ID; whether they are two messages. */
  const areTwo = async (
    ...mail: readonly [query: string, more?: object, text?: string][]
  ): Promise<boolean> => {
    const headers = `Message-ID: <always-the-same-${++mails}@monitor>\r\n`;
    const ids = new Set<string>();
    for (const [query, more = {}, text = 'disk full'] of mail) {
      const [result] = await world.mail(`"sms:${NUMBER}${query}"@sms.example.com`, text, {
        headers,
        ...more,
      });
      if (result === undefined || 'fault' in result) throw new Error('refused');
      for (const id of result.ids) ids.add(id);
    }
    return ids.size === mail.length;
  };

  it('of the same sender is the same message', async () => {
    expect(await areTwo(['?maxmsgs=2'], ['?maxmsgs=2'])).to.equal(false);
    expect(await areTwo([''], ['', { sender: 'JOHN@office.example' }])).to.equal(false);
    expect(await areTwo(['?flash=1&value=a&value=b'], ['?value=a&value=b&flash=1'])).to.equal(false);
    // More room than a text takes makes no other message of it.
    expect(await areTwo(['?maxmsgs=2'], ['?maxmsgs=3'])).to.equal(false);
  });

  it('of another sender, or at the cost of another account, is another message', async () => {
    expect(await areTwo([''], ['', { sender: 'ann@office.example' }])).to.equal(true);
    expect(await areTwo(['?user=ann&pass=annpw'], ['?user=bob&pass=bobpw'])).to.equal(true);
    expect(await areTwo([''], ['?user=bob&pass=bobpw'])).to.equal(true);
  });

  for (const query of [
    ...[
      'flash=1',
      'binary=1',
      'pid=64',
      'sender=NAGIOS',
      'validity=30',
      'priority=5',
      'id=modem1',
      'report=1',
    ],
    ...['at=2030-01-01T00:00:00Z', 'reply=ann@office.example', 'value=x', 'msgid=7', 'key=disk'],
  ]) {
    it(`with ${query} beside one without is another message`, async () => {
      expect(await areTwo(['', {}, 'ABCD'], [`?${query}`, {}, 'ABCD'])).to.equal(true);
    });
  }

  it('whose value differs is another message', async () => {
    expect(await areTwo(['?key=disk1'], ['?key=disk2'])).to.equal(true);
    expect(await areTwo(['?value=a&value=b'], ['?value=b&value=a'])).to.equal(true);
    const octets = (udh: string): [string, object, string] => [`?binary=1&udh=${udh}`, {}, 'ABCD'];
    expect(await areTwo(octets('7001AA'), octets('7001BB'))).to.equal(true);
  });
});
