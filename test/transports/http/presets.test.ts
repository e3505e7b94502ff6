import { expect } from 'chai';
import { presetNamed, presetNames } from '../../../lib/transports/http/presets/load.ts';
import { checkRequest } from '../../../lib/transports/http/request/check.ts';
import { namesWith } from '../../../lib/transports/http/template/variables.ts';
import { Gateway } from './gateway.ts';
import { Provider, type Reply } from './provider.ts';

interface Exchange {
  readonly settings: Record<string, string>;
  readonly binary?: boolean;
  /** Method, path and body as they must arrive. */
  readonly request: string;
  readonly headers?: Record<string, string>;
  readonly answers: readonly (readonly [reply: Reply, code: string, reference?: string])[];
}

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;
const json = (value: unknown, status = 200): Reply => ({ status, body: JSON.stringify(value) });

/** The text `Hi ж` to +15551234567, its id `m1`, as each provider gets it; and what its answers mean. */
const EXCHANGES: Readonly<Record<string, Exchange>> = {
  twilio: {
    settings: { accountSid: 'AC1', authToken: 'hush', sender: '+15550001111' },
    request:
      'POST /2010-04-01/Accounts/AC1/Messages.json To=%2B15551234567&From=%2B15550001111&Body=Hi%20%D0%B6',
    headers: { authorization: basic('AC1:hush') },
    answers: [
      [json({ sid: 'SM1' }, 201), 'sent', 'SM1'],
      [json({ code: 20003, message: 'Authenticate' }, 401), 'gateway.down'],
      [json({ code: 21211, message: 'Invalid' }, 400), 'gateway.number'],
      [json({ code: 21610 }, 400), 'gateway.refused'],
      [json({ code: 20429 }, 429), 'gateway.deferred'],
      [json({}, 200), 'gateway.refused'],
    ],
  },
  vonage: {
    settings: { apiKey: 'k', apiSecret: 'hush', sender: '+15550001111' },
    request:
      'POST /sms/json api_key=k&api_secret=hush&from=15550001111&to=15551234567&type=unicode&text=Hi%20%D0%B6&client-ref=m1',
    answers: [
      [json({ messages: [{ status: '0', 'message-id': 'v1' }] }), 'sent', 'v1'],
      [json({ messages: [{ status: '4', 'error-text': 'Bad Credentials' }] }), 'gateway.down'],
      [json({ messages: [{ status: '1' }] }), 'gateway.deferred'],
      [json({ messages: [{ status: '3' }] }), 'gateway.refused'],
    ],
  },
  sinch: {
    settings: { servicePlanId: 'p1', apiToken: 'hush', sender: '+15550001111' },
    request:
      'POST /xms/v1/p1/batches {"from":"+15550001111","to":["+15551234567"],"type":"mt_text","body":"Hi ж",' +
      '"client_reference":"m1","delivery_report":"per_recipient_final"}',
    headers: { authorization: 'Bearer hush' },
    answers: [
      [json({ id: 'b1' }, 201), 'sent', 'b1'],
      [json({ code: 'syntax', text: 'bad' }, 400), 'gateway.refused'],
      [{ status: 401 }, 'gateway.down'],
    ],
  },
  infobip: {
    settings: { apiKey: 'hush', sender: 'Desk' },
    request:
      'POST /sms/3/messages {"messages":[{"sender":"Desk","destinations":[{"to":"15551234567","messageId":"m1"}],' +
      '"content":{"text":"Hi ж"}}]}',
    headers: { authorization: 'App hush' },
    answers: [
      [json({ messages: [{ messageId: 'i1', status: { groupId: 1 } }] }), 'sent', 'i1'],
      [json({ messages: [{ status: { groupId: 5, description: 'no' } }] }), 'gateway.refused'],
    ],
  },
  telnyx: {
    settings: { apiKey: 'hush', sender: '+15550001111' },
    request: 'POST /v2/messages {"from":"+15550001111","to":"+15551234567","text":"Hi ж","type":"SMS"}',
    headers: { authorization: 'Bearer hush' },
    answers: [
      [json({ data: { id: 't1' } }), 'sent', 't1'],
      [json({ errors: [{ title: 'x', detail: 'y' }] }, 422), 'gateway.refused'],
    ],
  },
  seven: {
    settings: { apiKey: 'hush', sender: 'Desk' },
    request: 'POST /api/sms {"to":"+15551234567","text":"Hi ж","from":"Desk","json":1,"foreign_id":"m1"}',
    headers: { 'x-api-key': 'hush' },
    answers: [
      [json({ success: '100', messages: [{ id: '77' }] }), 'sent', '77'],
      [json({ success: '900' }), 'gateway.down'],
      [{ body: '600' }, 'gateway.deferred'],
      [json({ success: '202' }), 'gateway.refused'],
    ],
  },
  smsapi: {
    settings: { token: 'hush', sender: 'Desk' },
    request:
      'POST /sms.do to=15551234567&from=Desk&message=Hi%20%D0%B6&encoding=utf-8&format=json&idx=m1&check_idx=1',
    headers: { authorization: 'Bearer hush' },
    answers: [
      [json({ list: [{ id: 's1' }] }), 'sent', 's1'],
      [json({ error: 53, message: 'seen' }), 'sent'],
      [json({ error: 101, message: 'Authorization failed' }), 'gateway.down'],
      [json({ error: 201 }), 'gateway.deferred'],
      [json({ error: 13 }), 'gateway.refused'],
    ],
  },
  '46elks': {
    settings: { username: 'u', password: 'hush', sender: 'Desk' },
    request: 'POST /a1/sms from=Desk&to=%2B15551234567&message=Hi%20%D0%B6',
    headers: { authorization: basic('u:hush') },
    answers: [
      [json({ id: 'e1' }), 'sent', 'e1'],
      [{ status: 403, body: 'no' }, 'gateway.down'],
    ],
  },
  'sms-gate': {
    settings: { username: 'u', password: 'hush' },
    request:
      'POST /messages {"id":"m1","textMessage":{"text":"Hi ж"},"phoneNumbers":["+15551234567"],"withDeliveryReport":true}',
    headers: { authorization: basic('u:hush') },
    answers: [
      [json({ id: 'm1' }, 202), 'sent', 'm1'],
      [{ status: 409 }, 'sent', 'm1'],
      [{ status: 500 }, 'gateway.deferred'],
    ],
  },
  kannel: {
    settings: { username: 'u', password: 'hush', sender: '15550001111' },
    request:
      'GET /cgi-bin/sendsms?username=u&password=hush&from=15550001111&to=%2B15551234567&text=Hi%20%D0%B6&charset=UTF-8&coding=2',
    answers: [
      [{ status: 202, body: '0: Accepted for delivery' }, 'sent', 'm1'],
      [{ status: 403, body: 'Authorization failed for sendsms' }, 'gateway.down'],
      [{ status: 503, body: 'Temporal failure' }, 'gateway.deferred'],
      [{ status: 400, body: 'Missing receiver' }, 'gateway.refused'],
    ],
  },
  mailsms: {
    settings: { user: 'b', password: 'hush' },
    request: 'POST /sms/ user=b&pass=hush&number=%2B15551234567&data=Hi%20%D0%B6&binary=0&msgid=m1',
    answers: [
      [{ body: 'OK 01abc' }, 'sent', '01abc'],
      [{ body: 'ERROR' }, 'gateway.refused'],
      [{ status: 401 }, 'gateway.down'],
    ],
  },
};

describe('presets', () => {
  it('have an exchange each', () => {
    expect(Object.keys(EXCHANGES).sort()).to.deep.equal(presetNames());
  });

  for (const name of presetNames()) {
    describe(name, () => {
      it('is a valid description, with a base URL that can be another', () => {
        const preset = presetNamed(name);
        expect(preset?.settings).to.have.property('baseUrl');
        const names = namesWith(Object.keys(preset?.settings ?? {}));
        expect(preset && checkRequest(preset.send, { names })).to.deep.equal([]);
        expect(preset?.send.url).to.match(/^%settings\.baseUrl%\//);
      });

      const { settings = {}, request, headers = {}, answers = [] } = EXCHANGES[name] ?? {};
      for (const [reply, code, reference] of answers) {
        it(`${reply.status ?? 200} ${reply.body ?? ''}: ${code}`, async () => {
          const provider = await new Provider([reply]).start();
          const gateway = await Gateway.start({
            preset: name,
            settings: { ...settings, baseUrl: provider.origin },
          });
          try {
            const outcome = await gateway.send('Hi ж', { id: 'm1' });
            const [got] = provider.received;
            const { method = '', url = '', body = '' } = got ?? {};
            expect(`${method} ${url}${body === '' ? '' : ` ${body}`}`).to.equal(request);
            expect(got?.headers).to.include(headers);
            expect(outcome.code).to.equal(code);
            if (code === 'sent') expect(outcome.references).to.deep.equal([reference]);
            expect(JSON.stringify([outcome, gateway.log.lines])).not.to.include('hush');
          } finally {
            await gateway.stop();
            await provider.stop();
          }
        });
      }
    });
  }
});
