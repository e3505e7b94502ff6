import { expect } from 'chai';
import { Secret } from '../../lib/base/secret.ts';
import type { Rules } from '../../lib/flow/outgoing/rule-sets.ts';
import { readRuleFile } from '../../lib/rules/rule-file.ts';
import { compileRules } from '../../lib/rules/rule-set.ts';
import { ScriptedTransport, World } from '../support/world.ts';

/** Rules that send to phones meet what they sent: one mail must not become many, and not at nobody's cost. */
const PHONE = '+15551234567';
const COPY = '+15550000042';
const OTHER = '+15550000043';

describe('a rule that sends to phones', () => {
  let world: World;
  let gateway: ScriptedTransport;
  const begin = async (...actions: readonly string[]): Promise<void> => {
    const written = actions.map((each, index) => `  - title: rule ${index}\n    do: ${each}\n`).join('');
    const set = compileRules([readRuleFile(`rules:\n${written}`, 'outgoing.yaml')], {
      direction: 'outgoing',
      gateways: ['a'],
      lists: () => undefined,
    });
    const rules: Rules = {
      zone: 'UTC',
      set: (direction) => (direction === 'outgoing' ? set : undefined),
      ask: async () => ({ failed: 'nobody is there' }),
    };
    gateway = new ScriptedTransport('a');
    world = await World.start({
      gateways: [gateway],
      rules,
      accounts: [
        { user: 'ops', password: new Secret('opspw') },
        { user: 'other', password: new Secret('otherpw') },
      ],
    });
  };
  afterEach(async () => {
    await world.stop();
    world.remove();
  });

  /** The numbers that one mail of `ops` reaches in the end. */
  const reached = async (): Promise<string[]> => {
    const session = { remote: '192.0.2.1', trusted: false, user: 'ops' };
    const [result] = await world.mail(`"sms:${PHONE}"@sms.example.com`, 'fire', { session });
    expect(result).to.have.property('ids');
    await world.pass(10_000);
    await world.rest(async () => {
      const { effects, messages } = await world.store.stats();
      return effects === 0 && messages.queued + messages.sending === 0;
    }, 'the end of it');
    return gateway.taken.map(({ number }) => number).sort();
  };
  const paid = async (user: string): Promise<number> => (await world.store.usage(user, '2026-11')).sent;

  const cases: [actions: readonly string[], numbers: readonly string[], paid: number][] = [
    [[`{ copy: 'sms:${COPY}' }`], [COPY, PHONE], 2],
    [[`{ forward: 'sms:${COPY}' }`], [COPY, PHONE], 2],
    [[`{ copy: ['sms:${COPY}', 'sms:${OTHER}'] }`], [COPY, OTHER, PHONE], 3],
    [[`{ copy: 'sms:${COPY}@sms.example.com' }`], [COPY, PHONE], 2],
    // Each of two rules is applied to what the other made, and neither to what came of itself.
    [[`{ copy: 'sms:${COPY}' }`, `{ copy: 'sms:${OTHER}' }`], [COPY, COPY, OTHER, OTHER, PHONE], 5],
  ];
  for (const [actions, numbers, cost] of cases) {
    it(`${actions.join(' and ')} is not applied to what it made, and the sender pays`, async () => {
      await begin(...actions);
      expect(await reached()).to.deep.equal([...numbers].sort());
      expect(await paid('ops')).to.equal(cost);
    });
  }

  it('with an account of its own in the address is paid by that one', async () => {
    await begin(`{ copy: 'sms:${COPY}?user=other&pass=otherpw@sms.example.com' }`);
    expect(await reached()).to.deep.equal([COPY, PHONE]);
    expect([await paid('ops'), await paid('other')]).to.deep.equal([1, 1]);
  });

  it('sends its own text once', async () => {
    await begin(`{ send: { to: 'sms:${COPY}', text: 'somebody wrote' } }`);
    expect(await reached()).to.deep.equal([COPY, PHONE]);
  });

  it('that sends the message elsewhere is not applied to it again', async () => {
    await begin(`{ setHeader: { name: To, value: 'sms:${COPY}@sms.example.com' } }`);
    expect(await reached()).to.deep.equal([COPY]);
    expect(await paid('ops')).to.equal(1);
  });

  it('says in the trace of its copy why it was left out', async () => {
    await begin(`{ copy: 'sms:${COPY}' }`);
    await reached();
    const { messages } = await world.store.list({ limit: 10 });
    const copy = messages.find(({ number }) => number === COPY);
    expect(JSON.stringify((await world.store.find(copy?.id ?? ''))?.origin.rules)).to.contain(
      'the message was not made by this rule',
    );
  });
});
