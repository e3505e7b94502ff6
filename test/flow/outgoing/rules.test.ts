import { expect } from 'chai';
import { Fault } from '../../../lib/base/errors.ts';
import { Secret } from '../../../lib/base/secret.ts';
import { describeRuleEffect } from '../../../lib/flow/effects/rule-effects.ts';
import type { Rules } from '../../../lib/flow/outgoing/rule-sets.ts';
import { readRuleFile } from '../../../lib/rules/rule-file.ts';
import { compileRules } from '../../../lib/rules/rule-set.ts';
import type { Trace } from '../../../lib/rules/verdict.ts';
import { encodeDeliver } from '../../../lib/sms/deliver.ts';
import { segment } from '../../../lib/sms/segment.ts';
import { ScriptedTransport, World } from '../../support/world.ts';

const PHONE = '+15551234567';

const OUTGOING = `
rules:
  - title: no gambling
    when: { body: { contains: casino } }
    do: { reject: 'not through this gateway' }
  - title: tests go nowhere
    when: { subject: { is: drill } }
    do: delete
  - title: Germany by b
    when: { prefix: '+49' }
    do: { route: b }
  - title: caller id
    when: { sender: { is: boss@office.example } }
    do: { parameters: { sender: '%sender_phonealias%' } }
  - title: archive
    when: { body: { contains: keep } }
    do: { archive: archive@office.example }
  - title: by mail instead
    when: { body: { contains: long story } }
    do:
      - setHeader: { name: To, value: desk@office.example }
  - title: the other phone
    when: { body: { contains: wake } }
    do:
      - forward: 'sms:+15557654321'
  - title: any gateway will do
    when: { body: { contains: whatever way } }
    do:
      - rewrite: { in: To, regex: '^([^@]*)@[a-z]+(.*)$', with: '$1$2' }
  - title: no cut
    when: { body: { contains: in full } }
    do: { parameters: { maxmsgs: '' } }
  - title: by its HTML
    when: { html: { contains: '<blink>' } }
    do: { append: ' (blinks)' }
  - title: by its importance
    when: { priority: { over: 0 } }
    do: { append: ' (important)' }
  - title: log it
    when: { body: { contains: log me } }
    do:
      - archive: archive@office.example
      - sql: { connection: log, statement: 'INSERT INTO t VALUES (%id%, %effectid%)' }
  - title: shorter
    when: { body: { contains: URGENT } }
    do: { append: ' -- now', priority: 5 }
`;

const INCOMING = `
rules:
  - title: spam
    when: { body: { contains: lottery } }
    do: delete
  - title: alarms
    when: { body: { starts: ALARM } }
    do:
      - folder: alarms@office.example/SMS
      - respond: 'understood'
  - title: another face
    when: { body: { starts: FROM } }
    do:
      - setHeader: { name: From, value: 'The plant <plant@office.example>' }
      - setHeader: { name: To, value: all@office.example }
  - title: no address
    when: { body: { starts: BAD } }
    do: { setHeader: { name: From, value: nobody } }
`;

const set = (text: string, direction: 'outgoing' | 'incoming') =>
  compileRules([readRuleFile(text, `${direction}.yaml`)], {
    direction,
    gateways: ['a', 'b'],
    lists: () => undefined,
  });

describe('rules in the flow', () => {
  let world: World;
  let gateways: ScriptedTransport[];
  const sets = { outgoing: set(OUTGOING, 'outgoing'), incoming: set(INCOMING, 'incoming') };
  const rules: Rules = {
    zone: 'UTC',
    set: (direction) => sets[direction],
    ask: async () => ({ failed: 'nobody is there' }),
  };

  beforeEach(async () => {
    gateways = [new ScriptedTransport('a'), new ScriptedTransport('b')];
    world = await World.start({
      gateways,
      rules,
      accounts: [
        { user: 'boss@office.example', alias: '+15550009999', password: new Secret('x') },
        { user: 'bound@office.example', gateway: 'b', password: new Secret('x') },
      ],
    });
  });
  afterEach(async () => {
    await world.stop();
    world.remove();
  });

  const send = async (text: string, more: Parameters<World['mail']>[2] & { number?: string } = {}) => {
    const [result] = await world.mail(`"sms:${more.number ?? PHONE}"@sms.example.com`, text, more);
    if (result === undefined) throw new Error('no result');
    if ('fault' in result) throw result.fault;
    return result.ids;
  };
  const sent = async (ids: readonly string[]) => world.state(ids[0] ?? '', 'sent');
  const texts = (): string[] => gateways.flatMap((each) => each.texts);

  it('refuse with their text', async () => {
    try {
      await send('casino night');
      expect.fail('it was taken');
    } catch (error) {
      expect(error).to.be.instanceOf(Fault);
      expect(error).to.deep.include({ smtp: 550, enhanced: '5.7.1', told: 'not through this gateway' });
    }
  });

  it('refuse one of several recipients, and the sender hears of it', async () => {
    const results = await world.mail(
      [`${PHONE}@sms.example.com`, '+4915112345678@sms.example.com'],
      'casino',
    );
    expect(results.every((result) => 'fault' in result)).to.equal(true);
    expect(world.mailer.mails).to.have.length(0);
  });

  it('delete, and whoever asks where it is finds it, with what they saw', async () => {
    const headers = 'Subject: drill\r\nX-SMS-Key: disk\r\n';
    const [id = ''] = await send('fire in the mill', { headers, sender: 'boss@office.example' });
    const message = await world.store.find(id);
    expect(message).to.deep.include({
      state: 'dropped',
      number: PHONE,
      account: 'boss@office.example',
      content: { kind: 'text', text: 'fire in the mill' },
      parts: [],
      charged: 0,
    });
    expect(message?.trace.map(({ event, note }) => [event, note])).to.deep.equal([
      ['accepted', undefined],
      ['dropped', 'by the rule "tests go nowhere"'],
    ]);
    const trace = message?.origin.rules as Trace;
    expect(trace.rules.find(({ title }) => title === 'tests go nowhere')?.applied).to.equal(true);
    expect((await world.store.stats()).messages).to.deep.include({ queued: 0, dropped: 1 });
    expect((await world.store.usage('boss@office.example', '2026-11')).sent).to.equal(0);
    expect(world.log.lines.join('\n')).to.match(
      new RegExp(`dropped by a rule .*"message":"${id}".*"note":"by the rule \\\\"tests go nowhere`),
    );
  });

  it('delete a mail once: one that is sent again finds it', async () => {
    const mail = { headers: 'Subject: drill\r\nMessage-ID: <drill@office.example>\r\n' };
    const first = await send('x', mail);
    expect(await send('x', mail)).to.deep.equal(first);
    expect((await world.store.stats()).messages.dropped).to.equal(1);
  });

  it('name themselves and their reason in the log where they refuse', async () => {
    await send('casino').catch(() => undefined);
    expect(world.log.lines.find((line) => line.includes('refused by a rule')))
      .to.contain(`"number":"${PHONE}"`)
      .and.contain('"reason":"not through this gateway"')
      .and.contain('"detail":"rule \\"no gambling\\""');
    expect((await world.store.list({ limit: 10 })).messages).to.deep.equal([]);
  });

  it('route, and keep what they saw with the message', async () => {
    const message = await sent(await send('hallo', { number: '+4915112345678' }));
    expect(message.gateway).to.equal('b');
    const trace = message.origin.rules as Trace;
    const route = trace.rules.find(({ title }) => title === 'Germany by b');
    expect(route?.applied).to.equal(true);
    expect(route?.conditions[0]).to.deep.include({ result: 'true' });
  });

  it('what they route waits for its gateway; what they leave goes by another', async () => {
    const down = new Fault('gateway.down');
    gateways[1]?.moves.push(down, down, down);
    const [pinned = ''] = await send('hallo', { number: '+4915112345678' });
    await world.rest(() => gateways[1]?.asked === 1, 'the first try');
    const free = await sent(await send('hello'));
    expect(free.parts[0]?.gateway).to.equal('a');
    expect((await world.store.find(pinned))?.state).to.equal('queued');
    await world.pass(20 * 60_000);
    expect((await world.state(pinned, 'sent')).parts[0]?.gateway).to.equal('b');
  });

  it('set parameters, with what is known of the account', async () => {
    const message = await sent(await send('hello', { sender: 'boss@office.example' }));
    expect(message.options.sender).to.equal('+15550009999');
  });

  it('take a message off the gateway of its address or its account', async () => {
    const lane = async (ids: readonly string[]) => (await sent(ids)).lane;
    const anyGateway = await lane(await send('hello'));
    const bound = { sender: 'bound@office.example' };
    expect(await lane(await send('hello', bound))).not.to.equal(anyGateway);
    expect(await lane(await send('hello whatever way', bound))).to.equal(anyGateway);
    const [free] = await world.mail(`"sms:${PHONE}?id=b&flash=1"@sms.example.com`, 'any, whatever way');
    const message = await sent(free !== undefined && 'ids' in free ? free.ids : []);
    expect(message.lane).to.equal(anyGateway);
    expect(message.options.class).to.equal(0);
  });

  it('take a parameter away', async () => {
    const long = 'in full '.repeat(40);
    const to = `"sms:${PHONE}?maxmsgs=1&sender=Desk"@sms.example.com`;
    const [result] = await world.mail(to, long);
    const message = await sent(result !== undefined && 'ids' in result ? result.ids : []);
    expect(message.parts).to.have.length(3);
    expect(message.options.sender).to.equal('Desk');
  });

  it('look at the HTML part, and at what the mail says of its importance', async () => {
    const html = 'Content-Type: text/html\r\n';
    await sent(await send('<p>look <blink>here</blink></p>', { headers: html }));
    await sent(await send('at once', { headers: 'X-Priority: 1 (Highest)\r\n' }));
    await sent(await send('some time', { headers: 'Importance: low\r\n' }));
    expect(texts()).to.have.members(['look here (blinks)', 'at once (important)', 'some time']);
  });

  it('know the ids of the message and of what they want done', async () => {
    const [id = ''] = await send('log me');
    const now = world.clock.now();
    const find = async (): Promise<unknown> => {
      const taken = await world.store.takeEffects({
        now,
        until: now + 60_000,
        limit: 5,
        kinds: ['rule.sql'],
      });
      return taken[0]?.effect;
    };
    const effect = (await find()) as { id: string; payload: { values: string[] } };
    expect(effect.id).to.equal(`rule.${id}.1`);
    expect(effect.payload.values).to.deep.equal([id, effect.id]);
    expect(describeRuleEffect('rule.sql', effect.payload)).to.deep.equal({
      what: 'sql of the rule "log it"',
      to: ['log'],
    });
  });

  it('change text and priority', async () => {
    const message = await sent(await send('URGENT: fire'));
    expect(message.content).to.deep.include({ kind: 'text' });
    expect(texts()[0]).to.match(/^URGENT: fire\s+-- now$/);
    expect(message.priority).to.equal(5);
  });

  it('archive by mail, in the transaction of the message', async () => {
    await sent(await send('keep this', { headers: 'X-SMS-Sender: boss@office.example\r\nX-Origin: a\r\n' }));
    const [mail] = await world.mails(1);
    expect(mail?.to).to.deep.equal(['archive@office.example']);
    expect(mail?.raw)
      .to.contain('keep this')
      .and.to.match(/\r\nX-Mailsms-Loop: sms\.example\.com\r\n/);
    expect(mail?.raw).to.contain('\r\nX-SMS-Direction: outgoing\r\nX-SMS-Number: +15551234567\r\n');
    expect(mail?.raw).to.contain('\r\nX-SMS-Sender: john@office.example\r\n');
    expect(mail?.raw).to.contain('\r\nX-Origin: a\r\n').and.not.to.contain('boss@office.example');
  });

  it('send it by mail instead of to the phone', async () => {
    const again = { headers: 'Message-ID: <story@office.example>\r\n' };
    const [id = ''] = await send('a long story', again);
    const [mail] = await world.mails(1);
    expect(mail?.to).to.deep.equal(['desk@office.example']);
    expect(texts()).to.deep.equal([]);
    const message = await world.store.find(id);
    expect(message).to.deep.include({ state: 'diverted', number: PHONE, parts: [], charged: 0 });
    expect(message?.trace.at(-1)).to.deep.include({ event: 'diverted', note: 'to desk@office.example' });
    expect(await send('a long story', again)).to.deep.equal([id]);
    await world.pass(60_000);
    expect(world.mailer.mails).to.have.length(1);
  });

  it('forward to another phone once, and never in circles', async () => {
    await sent(await send('wake up'));
    await world.rest(() => texts().length >= 2, 'the other phone');
    await world.pass(60_000);
    const numbers = gateways.flatMap(({ taken }) => taken.map(({ number }) => number));
    expect(numbers.filter((number) => number === PHONE)).to.have.length(1);
    expect(numbers.filter((number) => number === '+15557654321').length).to.be.within(1, 10);
  });

  describe('for messages from phones', () => {
    const answer = async (text: string): Promise<void> => {
      for (const part of segment(text, { reference: 1 }).parts) {
        const timestamp = '2026-11-23T10:00:00Z';
        const pdu = encodeDeliver({ originator: PHONE, timestamp, segment: part });
        await gateways[0]?.events?.received({ kind: 'pdu', pdu, smsc: false });
      }
    };

    it('drop', async () => {
      await answer('You won the lottery');
      await world.rest(() => world.log.lines.join().includes('delete by the rule'), 'the rule');
      expect(world.mailer.mails).to.have.length(0);
    });

    it('name a folder and answer', async () => {
      await answer('ALARM in hall 3');
      const [mail] = await world.mails(1);
      expect(mail?.to).to.deep.equal(['alarms+SMS@office.example']);
      await world.rest(() => texts().includes('understood'), 'the answer');
      expect(gateways[0]?.taken[0]?.number).to.equal(PHONE);
    });

    it('change what the mail shows, and not who gets it', async () => {
      await answer('FROM the plant');
      await answer('BAD idea');
      const [plant, bad] = await world.mails(2);
      expect(plant?.raw).to.match(/^From: plant@office\.example\r$/m);
      expect(plant?.raw).to.match(/^To: all@office\.example\r$/m);
      expect(plant?.to).to.deep.equal(bad?.to);
      expect(bad?.raw).to.match(/^From: .*15551234567/m);
    });

    it('answer a phone whose answers come from a machine so often an hour, and no more', async () => {
      await world.stop();
      world.remove();
      gateways = [new ScriptedTransport('a')];
      world = await World.start({ gateways, rules, answersPerNumber: 3 });
      for (let n = 1; n <= 5; n++) {
        await answer(`ALARM ${n}`);
        await world.mails(n);
        await world.rest(async () => (await world.store.stats()).effects === 0, 'all that rules want');
      }
      await world.rest(async () => (await world.store.stats()).messages.queued === 0, 'all answers');
      expect(texts()).to.deep.equal(['understood', 'understood', 'understood']);
      expect(world.log.lines.join()).to.contain('two machines seem to answer each other');
      await world.pass(3_600_000);
      await answer('ALARM again');
      await world.rest(() => texts().length === 4, 'an answer');
    });

    it('are not asked about answers to somebody who wrote', async () => {
      await sent(await send('question'));
      const by = gateways.findIndex(({ taken }) => taken.length > 0);
      if (by === 1) gateways.reverse();
      await answer('ALARM and lottery');
      const [mail] = await world.mails(1);
      expect(mail?.to).to.deep.equal(['john@office.example']);
    });
  });
});
