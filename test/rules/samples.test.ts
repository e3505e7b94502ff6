import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadRules } from '../../lib/rulefiles/load.ts';
import type { RuleMessage } from '../../lib/rules/message.ts';
import type { Outcome } from '../../lib/rules/verdict.ts';
import { GATEWAYS, incoming, outgoing } from './message.ts';

const RULES = resolve(import.meta.dirname, '../../rules');

async function run(file: string, message: RuleMessage): Promise<Outcome> {
  const out = file.startsWith('outgoing/');
  const { sets, problems } = await loadRules({
    places: {
      outgoing: out ? [file] : [],
      incoming: out ? [] : [file],
      lists: { 'known-senders': 'lists/known-senders.txt' },
      base: RULES,
    },
    gateways: GATEWAYS,
    env: { MAILSMS_SERVER_A_PASSWORD: '1234567' },
  });
  expect(problems).to.deep.equal([]);
  return (out ? sets?.outgoing : sets?.incoming)?.decide(message) ?? expect.fail('no rules');
}

async function to(file: string, changes: Partial<RuleMessage>): Promise<string | undefined> {
  return (await run(file, outgoing(changes))).verdict.to?.text;
}

const TESTED: string[] = [];

function sample(file: string, tests: () => void): void {
  TESTED.push(file);
  describe(file, tests);
}

describe('the sample rule sets', () => {
  sample('outgoing/default-gateway.yaml', () => {
    const file = 'outgoing/default-gateway.yaml';
    it('gives a gateway to what has none', async () => {
      expect(await to(file, {})).to.equal('+15551234567@gatewayid');
    });
    it('leaves what has one, and says so', async () => {
      const { verdict, trace } = await run(file, outgoing({ gateway: 'us' }));
      expect(verdict).not.to.have.property('to');
      expect(trace.rules[0]?.actions[0]).to.include({
        result: 'skipped',
        note: 'the pattern does not match',
      });
    });
  });

  sample('outgoing/least-cost-routing.yaml', () => {
    const file = 'outgoing/least-cost-routing.yaml';
    const cases: readonly (readonly [number: string, gateway: string | undefined, to: string | undefined])[] =
      [
        ['+15551234567', undefined, '+15551234567@usgatewayid'],
        ['+436641234567', undefined, '+436641234567@eugatewayid'],
        ['+491711234567', undefined, '+491711234567@eugatewayid'],
        ['+447911123456', undefined, undefined],
        ['+15551234567', 'modem1', undefined],
      ];
    for (const [number, gateway, expected] of cases) {
      it(`sends ${number}${gateway === undefined ? '' : `@${gateway}`} to ${expected ?? 'where it would go'}`, async () => {
        expect(await to(file, { number, ...(gateway === undefined ? {} : { gateway }) })).to.equal(expected);
      });
    }
  });

  sample('outgoing/caller-id.yaml', () => {
    it('adds the phone alias as a parameter, percent-encoded', async () => {
      const { verdict } = await run('outgoing/caller-id.yaml', outgoing());
      expect(verdict.to).to.deep.equal({
        kind: 'phone',
        number: '+15551234567',
        parameters: [{ name: 'sender', value: '+15559990000' }],
        text: '+15551234567&sender=%2B15559990000',
      });
    });
    it('adds nothing for an account without one', async () => {
      expect(await to('outgoing/caller-id.yaml', { account: { user: 'x' } })).to.equal('+15551234567');
    });
  });

  sample('outgoing/archive.yaml', () => {
    it('keeps a copy with sender and recipient', async () => {
      const { verdict } = await run('outgoing/archive.yaml', outgoing());
      const [effect] = verdict.effects;
      expect(effect).to.deep.include({ kind: 'archive', rule: 'Keep what is sent' });
      expect(effect?.payload).to.deep.include({ to: 'sms-archive@example.com' });
      expect(effect).to.have.nested.property('payload.message.text', 'The server is down.');
      expect(effect)
        .to.have.nested.property('payload.message.headers')
        .that.deep.includes.members([
          { name: 'X-SMS-Sender', value: 'jane@example.com' },
          { name: 'X-SMS-Recipient', value: '+15551234567' },
          { name: 'To', value: '+15551234567' },
        ]);
    });
  });

  sample('outgoing/content.yaml', () => {
    const file = 'outgoing/content.yaml';
    it('refuses a text with an account number', async () => {
      const { verdict } = await run(file, outgoing({ text: 'Pay to AT61 1904 3002 3457 3201 now' }));
      expect(verdict).to.include({
        outcome: 'reject',
        text: 'This text holds an account number, which may not be sent by SMS',
      });
    });
    it('lets alarms pass the others', async () => {
      const { verdict } = await run(file, outgoing());
      expect(verdict).to.include({ outcome: 'accept', priority: 5 });
      expect(verdict.effects.map(({ kind }) => kind)).to.deep.equal(['copy']);
    });
    it('refuses all but alarms at night', async () => {
      const night = { at: Date.UTC(2026, 10, 23, 23, 30), headers: [{ name: 'Subject', value: 'Lunch' }] };
      expect((await run(file, outgoing(night))).verdict.outcome).to.equal('reject');
      const alarm = { ...night, headers: [{ name: 'Subject', value: 'ALARM' }] };
      expect((await run(file, outgoing(alarm))).verdict.outcome).to.equal('accept');
    });
  });

  sample('outgoing/new-mail.yaml', () => {
    it('makes a notice of subject, sender and size', async () => {
      const recipient = '"sms:+15551234567?maxmsgs=1"@sms.example.com';
      const { verdict } = await run('outgoing/new-mail.yaml', outgoing({ recipient }));
      expect(verdict.body).to.equal('New mail from Jane Doe <jane@example.com>: Server down (900 octets)');
    });
    it('leaves other mail alone', async () => {
      expect((await run('outgoing/new-mail.yaml', outgoing())).verdict).not.to.have.property('body');
    });
  });

  sample('incoming/valid-senders.yaml', () => {
    const file = 'incoming/valid-senders.yaml';
    const known: readonly string[] = ['+15551234567', '+15551238866', '+15551230002'];
    for (const number of known) {
      it(`takes ${number} to a person`, async () => {
        const headers = [{ name: 'From', value: `sms:${number}@sms.example.com` }];
        const { verdict } = await run(file, incoming({ number, headers }));
        expect(verdict.usual).to.equal(false);
        expect(verdict.effects).to.have.length(1);
        expect(verdict.effects[0]?.payload).to.deep.include({ to: 'john.doe@example.com' });
      });
    }
    it('marks strangers', async () => {
      const number = '+15557654321';
      const headers = [{ name: 'From', value: `sms:${number}@sms.example.com` }];
      const { verdict } = await run(file, incoming({ number, headers }));
      expect(verdict).to.include({ usual: true, subject: 'SMS from a stranger, +15557654321' });
      expect(verdict.effects).to.deep.equal([]);
    });
  });

  sample('incoming/tagged.yaml', () => {
    const file = 'incoming/tagged.yaml';
    it('takes a text to the address in it, without the tag', async () => {
      const { verdict } = await run(file, incoming({ text: '#demo@office.example# Hello world' }));
      expect(verdict).to.include({ usual: false, body: 'Hello world' });
      expect(verdict.effects[0]).to.have.nested.property('payload.to', 'demo@office.example');
      expect(verdict.effects[0]).to.have.nested.property('payload.message.text', 'Hello world');
    });
    it('takes nothing to anybody elsewhere', async () => {
      const { verdict } = await run(file, incoming({ text: '#demo@elsewhere.example# Hello' }));
      expect(verdict).to.include({ usual: true });
      expect(verdict.effects).to.deep.equal([]);
    });
  });

  sample('incoming/folder.yaml', () => {
    it('moves what comes from phones to a folder', async () => {
      const { verdict } = await run('incoming/folder.yaml', incoming());
      expect(verdict.folder).to.deep.equal({ mailbox: 'desk@example.com', folder: 'SMS' });
      expect(verdict.usual).to.equal(false);
    });
  });

  sample('incoming/another-server.yaml', () => {
    it('calls the URL with what came, percent-encoded', async () => {
      const { verdict } = await run('incoming/another-server.yaml', incoming({ text: 'a&b=c d\nümlaut' }));
      expect(verdict.effects).to.deep.equal([
        {
          kind: 'url',
          rule: 'To server A',
          payload: {
            method: 'GET',
            url: 'https://server-a.example.com/sms/deliver.html?id=24&number=%2B15551234567&data=a%26b%3Dc%20d%0A%C3%BCmlaut&pass=1234567',
            headers: [],
            timeoutMs: 10_000,
          },
        },
      ]);
    });
    it('shows no password in the trace', async () => {
      const { trace } = await run('incoming/another-server.yaml', incoming());
      expect(JSON.stringify(trace)).not.to.contain('1234567&').and.not.to.contain('pass=');
    });
  });

  it('are all tested', () => {
    const files = ['outgoing', 'incoming'].flatMap((folder) =>
      readdirSync(join(RULES, folder)).map((name) => `${folder}/${name}`),
    );
    expect(TESTED.sort()).to.deep.equal(files.sort());
  });
});
