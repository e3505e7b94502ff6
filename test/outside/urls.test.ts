import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { expect } from 'chai';
import type { Errands } from '../../lib/outside/errands.ts';
import { notPublic } from '../../lib/outside/public-address.ts';
import { retryAfterMs } from '../../lib/base/retry-after.ts';
import { createUrlHandler } from '../../lib/outside/url-effect.ts';
import type { Lookup } from '../../lib/outside/url-target.ts';
import type { UrlCall } from '../../lib/rules/verdict.ts';
import { ManualClock } from '../support/clock.ts';
import { MemoryLog } from '../support/log.ts';
import { until } from '../support/product.ts';
import { AMPLE_MS, errands, faultOf } from './support.ts';

describe('public addresses', () => {
  const refused: readonly [address: string, why: string][] = [
    ['0.0.0.0', 'unspecified'],
    ['10.1.2.3', 'private'],
    ['100.64.0.1', 'shared by a carrier'],
    ['100.127.255.255', 'shared by a carrier'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.192', 'reserved'],
    ['192.168.1.1', 'private'],
    ['192.88.99.1', 'a 6to4 relay'],
    ['198.19.0.1', 'for benchmarks'],
    ['203.0.113.9', 'for documentation'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.250', 'multicast'],
    ['255.255.255.255', 'reserved'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::127.0.0.1', 'outside of global unicast'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:a9fe:a9fe', 'link-local'],
    ['::ffff:8.8.8.8', 'an IPv4 address written as IPv6'],
    ['64:ff9b::7f00:1', 'translated by NAT64'],
    ['64:ff9b:1::a00:1', 'translated by NAT64'],
    ['100::1', 'discarded'],
    ['2001::1', 'reserved for protocols, Teredo among them'],
    ['2001:db8::1', 'for documentation'],
    ['2002:7f00:1::', '6to4'],
    ['3fff::1', 'for documentation'],
    ['4000::1', 'outside of global unicast'],
    ['fc00::1', 'private'],
    ['fd12:3456::1', 'private'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['localhost', 'no address'],
    ['', 'no address'],
  ];
  for (const [address, why] of refused) {
    it(`do not include "${address}": ${why}`, () => expect(notPublic(address)).to.equal(why));
  }

  const allowed = ['1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '172.15.255.255']
    .concat(['172.32.0.0', '192.167.1.1', '193.0.0.1', '223.255.255.255', '2606:4700::1111', '2a00::1'])
    .concat(['2001:200::1', '2003::1', '3ffe::1']);
  for (const address of allowed) {
    it(`include ${address}`, () => expect(notPublic(address)).to.equal(undefined));
  }
});

interface Seen {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('URLs of rules', () => {
  let server: Server;
  let other: Server;
  let seen: Seen[];
  let reply: (request: Seen, response: ServerResponse) => void;
  let clock: ManualClock;
  let log: MemoryLog;
  let running: Errands;

  const listen = async (): Promise<Server> => {
    const made = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        const whole = { line: `${method} ${url}`, headers, body };
        seen.push(whole);
        reply(whole, response);
      });
    });
    made.listen(0, '127.0.0.1');
    await once(made, 'listening');
    return made;
  };
  const portOf = (of: Server): number => (of.address() as AddressInfo).port;

  before(async () => {
    server = await listen();
    other = await listen();
  });
  after(() => {
    server.close();
    other.close();
    server.closeAllConnections();
    other.closeAllConnections();
  });
  beforeEach(() => {
    seen = [];
    reply = (_request, response) => response.end('ok');
    clock = new ManualClock();
    log = new MemoryLog();
    running = errands(4, 4, clock);
  });
  afterEach(() => running.stop());

  const urlCall = (url: string, more: Partial<UrlCall> = {}): UrlCall => ({
    method: 'GET',
    url: url.startsWith('/') ? `http://127.0.0.1:${portOf(server)}${url}` : url,
    headers: [],
    timeoutMs: AMPLE_MS,
    ...more,
  });
  const handle = (call: unknown, allow = ['127.0.0.1'], lookup?: Lookup) =>
    createUrlHandler(
      { allow },
      { errands: running, clock, log, ...(lookup === undefined ? {} : { lookup }) },
    )(call, 'effect.1');

  it('are called as the rule says, and can be told from their repetitions', async () => {
    await handle(
      urlCall('/in?number=%2B15551234567&data=a%20b', {
        method: 'POST',
        headers: [
          { name: 'Content-Type', value: 'text/plain; charset=utf-8' },
          { name: 'X-Subject', value: 'é €' },
        ],
        body: 'Grüße\n',
      }),
    );
    const [request] = seen;
    expect(request?.line).to.equal('POST /in?number=%2B15551234567&data=a%20b');
    expect(request?.body).to.equal('Grüße\n');
    expect(request?.headers).to.include({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '8',
      'idempotency-key': 'effect.1',
      'user-agent': 'mailsms',
      host: `127.0.0.1:${portOf(server)}`,
    });
    expect(Buffer.from(String(request?.headers['x-subject']), 'latin1').toString('utf8')).to.equal('é €');
  });

  it('may hold a user and a password, which the log never gets', async () => {
    const url = `http://john:s3cret@127.0.0.1:${portOf(server)}/in/path-key?token=t0ken&text=private`;
    reply = (_request, response) => response.writeHead(403).end();
    const fault = await faultOf(handle(urlCall(url)));
    expect(seen[0]?.headers.authorization).to.equal(`Basic ${Buffer.from('john:s3cret').toString('base64')}`);
    expect(fault).to.equal(`effect.failed: http://127.0.0.1:${portOf(server)}/... answered 403`);
    expect(log.lines.join('\n'))
      .to.contain('/...')
      .and.not.match(/s3cret|path-key|t0ken|private|john/);
  });

  const statuses: readonly [status: number, outcome: string][] = [
    [200, 'done'],
    [204, 'done'],
    [304, 'effect.failed'],
    [400, 'effect.failed'],
    [404, 'effect.failed'],
    [408, 'effect.down'],
    [425, 'effect.down'],
    [429, 'effect.down'],
    [500, 'effect.down'],
    [503, 'effect.down'],
  ];
  for (const [status, outcome] of statuses) {
    it(`that answer ${status}: ${outcome}`, async () => {
      reply = (_request, response) => response.writeHead(status, { 'retry-after': '120' }).end();
      const result = await handle(urlCall('/')).then(
        () => 'done',
        () => faultOf(handle(urlCall('/'))),
      );
      expect(result.split(':')[0]).to.equal(outcome);
      if (outcome !== 'done') expect(result).to.contain('asks to wait: 120');
    });
  }

  const pauses: readonly [asked: string, ms: number][] = [
    ['120', 120_000],
    [' 0 ', 0],
    ['9999999999', 86_400_000],
    ['99999999999999999999', 0],
    ['-5', 0],
    ['1.5', 0],
    ['soon', 0],
    ['', 0],
  ];
  for (const [asked, ms] of pauses) {
    it(`that ask to wait "${asked}" are not called for ${ms} ms`, async () => {
      reply = (_request, response) => response.writeHead(503, { 'retry-after': asked }).end();
      const error: unknown = await handle(urlCall('/')).catch((thrown: unknown) => thrown);
      expect(error).to.deep.include({ code: 'effect.down', afterMs: ms });
    });
  }

  it('that ask to wait until a date are not called before it', () => {
    const now = Date.UTC(2026, 10, 23, 12, 0, 0);
    expect(retryAfterMs('Mon, 23 Nov 2026 12:01:00 GMT', now)).to.equal(60_000);
    expect(retryAfterMs('Monday, 23-Nov-26 12:01:00 GMT', now)).to.equal(60_000);
    expect(retryAfterMs('Mon, 23 Nov 2026 11:59:00 GMT', now)).to.equal(0);
    expect(retryAfterMs('Mon, 99 Nov 2026 11:59:00 GMT', now)).to.equal(0);
  });

  it('are tried again when the connection is refused or breaks off', async () => {
    const probe = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    expect(await faultOf(handle(urlCall(`http://127.0.0.1:${port}/`)))).to.match(/^effect\.down: .*hang up/);
    probe.close();
    await once(probe, 'close');
    expect(await faultOf(handle(urlCall(`http://127.0.0.1:${port}/`)))).to.match(
      /^effect\.down: .*ECONNREFUSED/,
    );
  });

  it('are given up when their time is over, and the connection is closed', async () => {
    let closed = false;
    reply = (_request, response) => response.on('close', () => (closed = true));
    const fault = faultOf(handle(urlCall('/', { timeoutMs: 7_000 })));
    await until('the request', () => seen.length > 0 || undefined);
    await clock.advance(7_000);
    expect(await fault).to.equal('effect.down: not done within its time limit of 7 s');
    await until('the end of the connection', () => closed || undefined);
  });

  it('are done by their status, however long or short the body is', async () => {
    let closed = false;
    reply = (_request, response) => {
      response.on('close', () => (closed = true));
      const more = (): void => {
        while (!closed && response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    };
    await handle(urlCall('/'));
    await until('the end of the connection', () => closed || undefined);
    reply = (_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('abc', () => response.destroy());
    };
    await handle(urlCall('/'));
  });

  it('cannot be made to send more header fields than the rule has', async () => {
    const field = (name: string, value: string) => handle(urlCall('/', { headers: [{ name, value }] }));
    expect(await faultOf(field('X-A', 'a\r\nX-B: b'))).to.equal(
      'effect.failed: the value of the header field X-A holds a control character',
    );
    expect(await faultOf(field('X-A: b\r\nX-B', 'c'))).to.match(/is not the name of a header field$/);
    for (const name of ['Host', 'Content-Length', 'transfer-encoding', 'Connection']) {
      expect(await faultOf(field(name, '1'))).to.equal(
        `effect.failed: the header field ${name} is not for rules to set`,
      );
    }
    await handle(urlCall('/a b\r\nX-B: b'));
    expect(seen.map(({ line }) => line)).to.deep.equal(['GET /a%20bX-B:%20b']);
  });

  for (const url of ['ftp://127.0.0.1/', 'file:///etc/passwd', 'nonsense', 'http://']) {
    it(`are refused when they are ${url}`, async () => {
      expect(await faultOf(handle(urlCall(url)))).to.match(/^effect\.failed: /);
    });
  }

  describe('to what is not public', () => {
    const hidden = ['127.0.0.1', '127.1', '0x7f.0.0.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]']
      .concat(['10.0.0.1', '169.254.169.254', '[fe80::1]', '[64:ff9b::7f00:1]', '0', '127.0.0.1.'])
      .concat(['①②⑦.0.0.1']);
    for (const host of hidden) {
      it(`are refused: ${host}`, async () => {
        const call = urlCall(`http://${host}:${portOf(server)}/`);
        expect(await faultOf(handle(call, []))).to.match(/^effect\.failed: .* is not public \(/);
        expect(seen).to.deep.equal([]);
      });
    }

    const resolves = (...addresses: string[]): Lookup => {
      return () =>
        Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
    };

    it('are refused behind a name, also when only one of its addresses is not', async () => {
      const call = urlCall('http://hook.example/');
      expect(await faultOf(handle(call, [], resolves('93.184.216.34', '127.0.0.1')))).to.equal(
        'effect.failed: hook.example has the address 127.0.0.1, which is not public (loopback) and not allowed (outside.urls)',
      );
      expect(await faultOf(handle(call, [], resolves('2606:4700::1', '::1')))).to.match(/\(loopback\)/);
    });

    it('are called where a network, an address or the name is allowed', async () => {
      const call = urlCall(`http://hook.example:${portOf(server)}/`);
      for (const allow of ['127.0.0.0/8', '127.0.0.1', 'Hook.example']) {
        await handle(call, [allow], resolves('127.0.0.1'));
      }
      expect(seen.map(({ headers }) => headers.host)).to.deep.equal(
        new Array(3).fill(`hook.example:${portOf(server)}`),
      );
      for (const allow of ['10.0.0.0/8', 'example', '127.0.0.2', '::1']) {
        expect(await faultOf(handle(call, [allow], resolves('127.0.0.1'))), allow).to.match(/not allowed/);
      }
    });

    it('reach the address that was checked, though the name has another one when it is asked again', async () => {
      const answers = ['127.0.0.1', '127.0.0.2'];
      let asked = 0;
      const rebinds: Lookup = () =>
        Promise.resolve([{ address: answers[asked++] ?? '127.0.0.3', family: 4 }]);
      await handle(urlCall(`http://hook.example:${portOf(server)}/`), ['127.0.0.1/32'], rebinds);
      expect([asked, seen.length]).to.deep.equal([1, 1]);
      expect(
        await faultOf(handle(urlCall(`http://hook.example:${portOf(server)}/`), ['127.0.0.1/32'], rebinds)),
      ).to.match(/127\.0\.0\.2/);
    });

    it('are tried again where the name is not found', async () => {
      const call = urlCall('http://hook.example/');
      const fails: Lookup = () => Promise.reject(new Error('getaddrinfo EAI_AGAIN hook.example'));
      expect(await faultOf(handle(call, [], fails))).to.match(/^effect\.down: hook.example was not resolved/);
      expect(await faultOf(handle(call, [], resolves()))).to.match(
        /^effect\.down: hook.example has no address/,
      );
    });

    it('end with their time while the name is looked up', async () => {
      const never: Lookup = () => new Promise(() => undefined);
      const fault = faultOf(handle(urlCall('http://hook.example/', { timeoutMs: 1_000 }), [], never));
      await clock.advance(1_000);
      expect(await fault).to.match(/^effect\.down: not done within/);
    });
  });

  describe('that redirect', () => {
    const location = (to: string, status = 302) => {
      reply = (request, response) => {
        if (request.line.endsWith('/first')) response.writeHead(status, { location: to }).end();
        else response.end();
      };
    };

    it('are followed on the same server, with what the rule gave', async () => {
      location('/second', 307);
      await handle(
        urlCall('/first', { method: 'POST', body: 'b', headers: [{ name: 'X-Token', value: 't' }] }),
      );
      expect(seen.map(({ line, body, headers }) => [line, body, headers['x-token']])).to.deep.equal([
        ['POST /first', 'b', 't'],
        ['POST /second', 'b', 't'],
      ]);
    });

    it('are followed by a GET after 303', async () => {
      location('/second', 303);
      await handle(urlCall('/first', { method: 'POST', body: 'b' }));
      expect(seen.map(({ line, body }) => `${line} ${body}`)).to.deep.equal([
        'POST /first b',
        'GET /second ',
      ]);
    });

    it('do not give secrets to another server', async () => {
      location(`http://127.0.0.1:${portOf(other)}/second`);
      const url = `http://john:pw@127.0.0.1:${portOf(server)}/first`;
      await handle(urlCall(url, { headers: [{ name: 'X-Token', value: 't' }] }));
      expect(
        seen.map(({ headers }) => [headers['x-token'], headers.authorization !== undefined]),
      ).to.deep.equal([
        ['t', true],
        [undefined, false],
      ]);
      location(`http://127.0.0.1:${portOf(other)}/second`, 308);
      expect(await faultOf(handle(urlCall('/first', { method: 'POST', body: 'b' })))).to.match(
        /^effect\.failed: .* redirects a POST to another server/,
      );
    });

    it('are not followed to what is not public', async () => {
      const lookup: Lookup = (host) =>
        Promise.resolve([{ address: host === 'public.example' ? '127.0.0.1' : '127.0.0.9', family: 4 }]);
      for (const to of [
        'http://inside.example/',
        'http://169.254.169.254/latest/',
        '//127.0.0.8/',
        'ftp://x/',
      ]) {
        location(to);
        const call = urlCall(`http://public.example:${portOf(server)}/first`);
        expect(await faultOf(handle(call, ['public.example'], lookup)), to).to.match(
          /^effect\.failed: .*(is not public|are not called)/,
        );
      }
      expect(seen.length).to.equal(4);
    });

    it('end after three', async () => {
      reply = (_request, response) => response.writeHead(302, { location: '/again' }).end();
      expect(await faultOf(handle(urlCall('/first')))).to.match(/^effect\.failed: .*more than 3 redirects$/);
      expect(seen.length).to.equal(4);
    });
  });
});
