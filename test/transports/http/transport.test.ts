import { expect } from 'chai';
import { Gateway } from './gateway.ts';
import { type Behaviour, Provider } from './provider.ts';

const BINARY = Buffer.from('0106246170706C69636174696F6E', 'hex');
const UDH = Buffer.from('05040B8423F0', 'hex');

describe('HTTP gateway', () => {
  let provider: Provider;
  let gateway: Gateway | undefined;

  const start = async (
    settings: (origin: string) => Record<string, unknown>,
    moves: readonly Behaviour[] = [{}],
  ): Promise<Gateway> => {
    provider = await new Provider(moves).start();
    gateway = await Gateway.start(settings(provider.origin));
    return gateway;
  };

  afterEach(async () => {
    await gateway?.stop();
    gateway = undefined;
    await provider.stop();
  });

  const seen = (): string[] =>
    provider.received.map(({ method, url, body }) => `${method} ${url}${body === '' ? '' : ` ${body}`}`);

  describe('requests', () => {
    it('url: a GET, which any 2xx answers', async () => {
      const gw = await start((origin) => ({
        url: `${origin}/sms/?user=b&pass=t&number=%number%&data=%data%&sender=%sender%&msgid=%msgid%`,
      }));
      const sent = await gw.send('Hello world', { id: 'm1', options: { sender: '+420776047467' } });
      expect(sent).to.deep.include({ code: 'sent', references: [undefined] });
      expect(seen()).to.deep.equal([
        'GET /sms/?user=b&pass=t&number=%2B15551234567&data=Hello%20world&sender=%2B420776047467&msgid=m1',
      ]);
    });

    it('a form, with what is empty left out where it says so', async () => {
      const gw = await start((origin) => ({
        sender: 'Desk & Co',
        request: {
          url: `${origin}/send?v=1`,
          query: { a: '%id%' },
          form: {
            to: ['%number%', '+1'],
            from: '%sender%',
            text: '%data%',
            pid: { value: '%pid%', omit: 'empty' },
            n: 3,
          },
          headers: { 'X-Account': '%user%' },
        },
      }));
      await gw.send('a=b&c é', { account: 'john' });
      expect(seen()).to.deep.equal([
        'POST /send?v=1&a=gw to=%2B15551234567&to=%2B1&from=Desk%20%26%20Co&text=a%3Db%26c%20%C3%A9&n=3',
      ]);
      const [{ headers } = { headers: {} }] = provider.received;
      expect(headers).to.include({
        'content-type': 'application/x-www-form-urlencoded',
        'x-account': 'john',
        'user-agent': 'mailsms',
      });
    });

    it('JSON, with types, and groups left out that have nothing in them', async () => {
      const gw = await start((origin) => ({
        request: {
          url: `${origin}/send`,
          json: {
            to: { value: '%number%', as: 'list' },
            parts: { value: '%parts%', as: 'number' },
            flash: { value: '%flash%', as: 'boolean' },
            text: { body: { value: '%data;istext%', omit: 'empty' } },
            data: {
              octets: { value: '%data;isbinary%', omit: 'empty' },
              udh: { value: '%udh;hex%', omit: 'empty' },
            },
            nothing: null,
          },
        },
      }));
      await gw.send('say "hi"\n', { options: { class: 0 } });
      await gw.sendBinary(BINARY, UDH);
      expect(provider.received.map(({ body }) => JSON.parse(body) as unknown)).to.deep.equal([
        { to: ['+15551234567'], parts: 1, flash: true, text: { body: 'say "hi"\n' }, nothing: null },
        {
          to: ['+15551234567'],
          parts: 1,
          flash: false,
          data: { octets: 'AQYkYXBwbGljYXRpb24=', udh: '05040B8423F0' },
          nothing: null,
        },
      ]);
    });

    it('XML, out of which no text gets', async () => {
      const gw = await start((origin) => ({
        request: {
          url: `${origin}/send`,
          xml: {
            sms: { '@to': '%number%', auth: { '@key': 'k"1', '#text': 'x' }, text: '%data%', n: ['1', '2'] },
          },
        },
      }));
      await gw.send(`</text><sms to="1">&'`);
      expect(provider.received[0]?.body).to.equal(
        '<?xml version="1.0" encoding="UTF-8"?>\n' +
          '<sms to="+15551234567"><auth key="k&quot;1">x</auth>' +
          '<text>&lt;/text&gt;&lt;sms to=&quot;1&quot;&gt;&amp;&#39;</text><n>1</n><n>2</n></sms>',
      );
    });

    it('an old charset for all texts', async () => {
      const gw = await start((origin) => ({
        request: {
          url: `${origin}/s?d=%data;hex%`,
          charset: 'ISO-8859-1',
          form: { n: '%number%', t: '%data%' },
        },
      }));
      await gw.send('café');
      expect(seen()).to.deep.equal(['POST /s?d=636166E9 n=%2B15551234567&t=caf%E9']);
    });

    it('credentials in the URL go as Basic', async () => {
      const gw = await start((origin) => ({
        url: `${origin.replace('//', '//me:s%40cret@')}/?n=%number%&d=%data%`,
      }));
      await gw.send('a');
      expect(provider.received[0]?.headers.authorization).to.equal(
        `Basic ${Buffer.from('me:s@cret').toString('base64')}`,
      );
    });

    it('one connection for one request after the other', async () => {
      const ports = new Set<number | undefined>();
      const gw = await start(
        (origin) => ({ concurrency: 1, url: `${origin}/?n=%number%&d=%data%` }),
        [
          (_request, response) => {
            ports.add(response.socket?.remotePort);
            return {};
          },
        ],
      );
      for (const text of ['a', 'b', 'c']) await gw.send(text);
      expect(ports.size).to.equal(1);
      expect(provider.received).to.have.lengthOf(3);
    });

    it('refuses what has no form there, and the provider hears nothing', async () => {
      const gw = await start((origin) => ({
        url: `${origin}/?user=u&n=%number%&d=%data%%value%`,
      }));
      expect(await gw.send('a', { options: { values: ['&user=other'] } })).to.deep.include({
        code: 'message.content',
        told: 'value= may not set user again',
      });
      expect(provider.received).to.deep.equal([]);
    });
  });

  describe('long messages', () => {
    const long = 'x'.repeat(310);

    it('split: provider sends all at once, and all parts have its id', async () => {
      const gw = await start(
        (origin) => ({
          request: { url: `${origin}/?n=%number%&d=%data%&parts=%parts%&k=%key%`, id: { json: 'id' } },
        }),
        [{ body: '{"id":"p1"}' }],
      );
      expect(await gw.send(long, { id: 'm9' })).to.deep.include({ references: ['p1', 'p1', 'p1'] });
      expect(seen()).to.deep.equal([`GET /?n=%2B15551234567&d=${long}&parts=3&k=m9`]);
    });

    it('a provider that gives an id for each part', async () => {
      const gw = await start(
        (origin) => ({ request: { url: `${origin}/?n=%number%&d=%data%`, id: { json: 'messages.*.id' } } }),
        [{ body: '{"messages":[{"id":"p1"},{"id":2},{"id":"p3"}]}' }],
      );
      expect(await gw.send(long)).to.deep.include({ references: ['p1', '2', 'p3'] });
    });

    it('split: us makes a request for each part, with the header that ties them together', async () => {
      let n = 0;
      const gw = await start(
        (origin) => ({
          split: 'us',
          request: {
            url: `${origin}/?n=%number%&d=%data%&u=%udh;len;hex%&parts=%parts%&k=%key%`,
            id: { regex: '^OK (\\S+)$' },
          },
        }),
        [() => ({ body: `OK id${(n += 1)}` })],
      );
      expect(await gw.send(long, { id: 'm9' })).to.deep.include({ references: ['id1', 'id2', 'id3'] });
      expect(seen()).to.deep.equal([
        `GET /?n=%2B15551234567&d=${'x'.repeat(153)}&u=050003070301&parts=3&k=m9.1`,
        `GET /?n=%2B15551234567&d=${'x'.repeat(153)}&u=050003070302&parts=3&k=m9.2`,
        `GET /?n=%2B15551234567&d=${'x'.repeat(4)}&u=050003070303&parts=3&k=m9.3`,
      ]);
    });

    it('split: us tells Unicode by how the part is coded, and keeps what was sent before a failure', async () => {
      const gw = await start(
        (origin) => ({
          split: 'us',
          url: `${origin}/?n=%number%&d=%data%%condition;isunicode;value=&unicode=1%`,
        }),
        [{}, { status: 503, headers: { 'retry-after': '7' } }],
      );
      const sent = await gw.send(`${'é'.repeat(150)}ёёё${'é'.repeat(10)}`.slice(0, 100));
      expect(sent).to.deep.include({ code: 'sent', references: [undefined] });
      expect(seen()[0]).not.to.include('unicode');
      expect(await gw.send('ж'.repeat(100))).to.deep.include({ code: 'gateway.deferred', afterMs: 7000 });
      expect(seen()[1]).to.include('&unicode=1');
    });

    it('binary data goes whole, with its header', async () => {
      const gw = await start((origin) => ({
        url: `${origin}/?n=%number%&d=%data;hex%&u=%udh;len;hex%&b=%binary%&p=%parts%`,
      }));
      await gw.sendBinary(Buffer.alloc(140, 1), UDH);
      expect(seen()).to.deep.equal([`GET /?n=%2B15551234567&d=${'01'.repeat(140)}&u=0605040B8423F0&b=1&p=2`]);
    });
  });

  describe('outcomes', () => {
    interface Case {
      readonly name: string;
      readonly reply: Behaviour;
      readonly request?: Record<string, unknown>;
      readonly expected: Record<string, unknown>;
    }
    const cases: readonly Case[] = [
      { name: '200', reply: { body: 'whatever' }, expected: { code: 'sent' } },
      { name: '204', reply: { status: 204 }, expected: { code: 'sent' } },
      {
        name: '200 that is no success',
        reply: { body: '<html><body>ERR: no  credit\r\n</body></html>' },
        request: { success: { body: '^OK' } },
        expected: {
          code: 'gateway.refused',
          told: 'the provider refused the message: ERR: no credit',
          detail: 'HTTP 200',
        },
      },
      {
        name: '200 with one of two parts refused',
        reply: { body: '{"m":[{"s":"0"},{"s":"3"}]}' },
        request: { success: { json: { 'm.*.s': 0 } } },
        expected: { code: 'gateway.refused' },
      },
      {
        name: 'a JSON error that the description knows',
        reply: { status: 400, body: '{"code":20003,"message":"Authenticate"}' },
        request: {
          error: { json: ['message'] },
          failure: [{ when: { json: { code: [20003] } }, kind: 'down' }],
        },
        expected: { code: 'gateway.down', detail: 'HTTP 400: Authenticate' },
      },
      {
        name: 'a number that is none',
        reply: { status: 400, body: '{"code":21211}' },
        request: { failure: [{ when: { status: '4xx', json: { code: 21211 } }, kind: 'number' }] },
        expected: { code: 'gateway.number' },
      },
      {
        name: 'it has it already',
        reply: { status: 409 },
        request: { id: { own: true }, failure: [{ when: { status: 409 }, kind: 'sent' }] },
        expected: { code: 'sent', references: ['m1'] },
      },
      {
        name: 'busy',
        reply: { status: 503 },
        request: { failure: [{ when: { status: 503 }, kind: 'busy' }] },
        expected: { code: 'gateway.busy' },
      },
      {
        name: 'XML',
        reply: {
          body: '<?xml version="1.0"?><a:r xmlns:a="x"><code n="1">7</code><why>so &amp; so</why></a:r>',
        },
        request: {
          success: { xml: { 'r.code.#text': '0' } },
          error: { xml: ['r.why'] },
          failure: [{ when: { xml: { 'r.code.@n': { regex: '^[1-3]$' } } }, kind: 'temporary' }],
        },
        expected: { code: 'gateway.deferred', told: 'the provider does not take the message now: so & so' },
      },
      {
        name: 'an id in a header field',
        reply: { headers: { 'X-Message-Id': 'h1' } },
        request: { id: { header: 'X-Message-ID' } },
        expected: { code: 'sent', references: ['h1'] },
      },
      { name: '408', reply: { status: 408 }, expected: { code: 'gateway.deferred', afterMs: 0 } },
      {
        name: '429 with Retry-After',
        reply: { status: 429, headers: { 'retry-after': '120' } },
        expected: { code: 'gateway.deferred', afterMs: 120_000 },
      },
      { name: '500', reply: { status: 500 }, expected: { code: 'gateway.deferred' } },
      { name: '401', reply: { status: 401 }, expected: { code: 'gateway.down', detail: 'HTTP 401' } },
      { name: '403', reply: { status: 403 }, expected: { code: 'gateway.down' } },
      { name: '400', reply: { status: 400 }, expected: { code: 'gateway.refused' } },
      { name: '404', reply: { status: 404 }, expected: { code: 'gateway.refused' } },
      {
        name: 'a redirect, which is not followed',
        reply: { status: 302, headers: { location: '/elsewhere' } },
        expected: { code: 'gateway.down', detail: 'HTTP 302' },
      },
    ];
    for (const { name, reply, request, expected } of cases) {
      it(`${name}: ${String(expected['code'])}`, async () => {
        const gw = await start(
          (origin) => ({ request: { url: `${origin}/?n=%number%&d=%data%`, ...request } }),
          [reply],
        );
        expect(await gw.send('a', { id: 'm1' })).to.deep.include(expected);
        expect(provider.received).to.have.lengthOf(1);
      });
    }

    it('is down until a message goes through again, and takes messages all the while', async () => {
      const gw = await start((origin) => ({ url: `${origin}/?n=%number%&d=%data%` }), [{ status: 401 }, {}]);
      await gw.send('a');
      await gw.send('b');
      expect(gw.health.map(({ state, reason, trial }) => [state, reason, trial])).to.deep.equal([
        ['up', undefined, undefined],
        ['down', 'HTTP 401', true],
        ['up', undefined, undefined],
      ]);
      expect(gw.transport.status().lastError).to.include({ reason: 'HTTP 401' });
    });
  });

  describe('secrets', () => {
    const echo: Behaviour = ({ url, headers, body }) => ({
      status: 400,
      body: `bad: ${url} ${headers.authorization ?? ''} ${body} ${decodeURIComponent(url)}`,
    });

    it('are in no fault and no trace, however the provider repeats them', async () => {
      const gw = await start(
        (origin) => ({
          trace: true,
          password: '7654321',
          request: {
            url: `${origin}/?api_key=kk%2F11&n=%number%&d=%data%&p=%pass%`,
            auth: { basic: { user: 'me', password: 'hü sh/"' } },
            json: { text: '%data%', secret: 'top&<1>' },
          },
        }),
        [echo],
      );
      const outcome = await gw.send('a');
      const said = [JSON.stringify(outcome), ...gw.log.lines].join('\n');
      expect(outcome.told).to.include('bad: /?api_key=***&n=%2B15551234567');
      expect(said).to.include('exchange');
      const basic = Buffer.from('me:hü sh/"').toString('base64');
      for (const secret of ['7654321', 'hü sh', 'kk%2F11', 'kk/11', 'top&', basic])
        expect(said).not.to.include(secret);
    });

    it('even short ones, where they stand alone', async () => {
      const gw = await start(
        (origin) => ({ url: `${origin}/?pass=t&n=%number%&d=%data%` }),
        [{ status: 400, body: 'wrong password t for the test' }],
      );
      expect((await gw.send('a')).told).to.include('wrong password *** for the test');
    });
  });
});
