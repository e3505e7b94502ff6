import { expect } from 'chai';
import { ScriptedTransport, World } from '../../support/world.ts';

/** An id is compared without regard to case and may hold spaces, wherever somebody names a gateway. */
describe('the id of a gateway', () => {
  let world: World;
  const gateways = (): ScriptedTransport[] => [
    new ScriptedTransport('North side'),
    new ScriptedTransport('b'),
  ];
  const sentBy = async (
    to: string,
    more: { session?: { user: string } } = {},
  ): Promise<string | undefined> => {
    const [result] = await world.mail(to, `hello ${to}`, more);
    if (result === undefined || !('ids' in result)) return undefined;
    const { parts, gateway } = await world.state(result.ids[0] ?? '', 'sent');
    expect(gateway).to.equal(parts[0]?.gateway);
    return parts[0]?.gateway;
  };
  beforeEach(async () => {
    world = await World.start({
      gateways: gateways(),
      accounts: [{ user: 'john', gateway: 'NORTH SIDE' }],
    });
  });
  afterEach(async () => {
    await world.stop();
    world.remove();
  });

  const spellings = [
    '"sms:+15551234567?id=North side"@sms.example.com',
    '"sms:+15551234567?id=north%20side"@sms.example.com',
    'sms%3A+15551234567%3Fid%3DNORTH%2520side@sms.example.com',
  ];
  for (const to of spellings) {
    it(`is understood in ${to}`, async () => {
      expect(await sentBy(to)).to.equal('North side');
    });
  }

  it('is understood in an account', async () => {
    const to = '"sms:+15551234567"@sms.example.com';
    expect(await sentBy(to, { session: { user: 'john' } })).to.equal('North side');
  });

  it('is not guessed', async () => {
    let refusal: unknown;
    try {
      await sentBy('"sms:+15551234567?id=Northside"@sms.example.com');
    } catch (error) {
      refusal = error;
    }
    expect(String(refusal)).to.contain('there is no gateway "Northside" here');
  });

  it('that is spelled otherwise after a restart still takes what waits', async () => {
    const down = gateways();
    for (const each of down) each.start = async () => undefined;
    await world.stop();
    world = await World.start({ gateways: down, dir: world.dir, clock: world.clock, incarnation: 'second' });
    const [result] = await world.mail('"sms:+15551234567?id=b"@sms.example.com', 'waits');
    const id = result !== undefined && 'ids' in result ? (result.ids[0] ?? '') : '';
    await world.stop();
    const respelled = [new ScriptedTransport('B')];
    world = await World.start({
      gateways: respelled,
      dir: world.dir,
      clock: world.clock,
      incarnation: 'third',
    });
    await world.state(id, 'sent');
    expect(respelled[0]?.taken).to.have.length(1);
  });
});
