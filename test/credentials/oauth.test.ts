import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http';
import { type Server as TlsServer, createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { PasswordBackend } from '../../lib/accounts/backend.ts';
import { Fault } from '../../lib/base/errors.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { Secret } from '../../lib/base/secret.ts';
import { createBackends } from '../../lib/credentials/backends.ts';
import type { OauthSettings } from '../../lib/credentials/oauth.ts';
import { Authority } from '../support/authority.ts';
import { needs } from '../support/clients.ts';
import { ManualClock } from '../support/clock.ts';
import { MemoryLog } from '../support/log.ts';
import { until } from '../support/product.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
const token = new Secret('ya29.a0-_~+/token==');

describe('OAuth tokens as a proof of the user', () => {
  const clock = new ManualClock(NOW);
  const log = new MemoryLog();
  const requests: { method: string; authorization: string; body: string }[] = [];
  let reply: { status: number; body: string } | 'silence' | 'redirect';
  let server: Server;
  let url: string;
  let backend: PasswordBackend;

  const issuer: RequestListener = (request, response) => {
    void bodyOf(request).then((body) => {
      requests.push({
        method: `${request.method} ${request.url}`,
        authorization: request.headers.authorization ?? '',
        body,
      });
      if (reply === 'silence') return;
      if (reply === 'redirect') response.writeHead(302, { location: `${url}/elsewhere` }).end();
      else response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
    });
  };

  before(async () => {
    server = createServer(issuer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    requests.length = 0;
    log.lines.length = 0;
  });
  afterEach(() => backend.close());

  function ask(how: OauthSettings['ask'], claim = 'username', ca?: string): void {
    const settings: OauthSettings = {
      ...{ type: 'oauth', name: 'issuer', ask: how, claim, timeoutMs: 5000 },
      ...(ca === undefined ? {} : { ca }),
    };
    backend = createBackends({ backends: [settings], cacheMs: 0 }, { clock, random: systemRandom, log });
  }

  const answer = (claims: unknown, status = 200): void => {
    reply = { status, body: typeof claims === 'string' ? claims : JSON.stringify(claims) };
  };

  const check = async (user = 'john@example.com'): Promise<string> => {
    try {
      return String(await backend.verifyToken?.(user, token));
    } catch (error) {
      return error instanceof Fault ? error.code : String(error);
    }
  };

  it('asks for introspection with its own credentials', async () => {
    ask({ introspection: `${url}/introspect`, client: { id: 'sms gate', secret: new Secret('s:e%c') } });
    answer({ active: true, username: 'John@Example.com' });
    expect(await check()).to.equal('john@example.com');
    const basic = Buffer.from('sms+gate:s%3Ae%25c').toString('base64');
    expect(requests).to.deep.equal([
      {
        method: 'POST /introspect',
        authorization: `Basic ${basic}`,
        body: 'token=ya29.a0-_%7E%2B%2Ftoken%3D%3D&token_type_hint=access_token',
      },
    ]);
  });

  const seconds = NOW / 1000;
  const john = { active: true, username: 'john@example.com', aud: ['sms', 'x'], scope: 'openid sms.send' };
  const answers: readonly [name: string, claims: unknown, result: string, status?: number][] = [
    ['is good', john, 'john@example.com'],
    ['has one audience', { ...john, aud: 'sms' }, 'john@example.com'],
    ['is not active', { ...john, active: false }, 'undefined'],
    ['is not said to be active', { ...john, active: 'true' }, 'undefined'],
    ['is over', { ...john, exp: seconds }, 'undefined'],
    ['is not over', { ...john, exp: seconds + 1 }, 'john@example.com'],
    ['has not begun', { ...john, nbf: seconds + 1 }, 'undefined'],
    ["is another user's", { ...john, username: 'jane@example.com' }, 'undefined'],
    ["is nobody's", { ...john, username: undefined }, 'undefined'],
    ['is for another service', { ...john, aud: ['sms2'] }, 'undefined'],
    ['is for no service', { ...john, aud: undefined }, 'undefined'],
    ['may do other things', { ...john, scope: 'openid sms.sendall' }, 'undefined'],
    ['is answered with a list', [john], 'auth.unavailable'],
    ['is answered with rubbish', '<html>', 'auth.unavailable'],
    ['is answered at endless length', JSON.stringify({ ...john, x: 'x'.repeat(70_000) }), 'auth.unavailable'],
    ['is not looked at, our credentials being wrong', {}, 'auth.unavailable', 401],
    ['is not looked at, the issuer being down', john, 'auth.unavailable', 503],
  ];
  for (const [name, claims, result, status] of answers) {
    it(`says ${result} of a token that ${name}`, async () => {
      ask({ introspection: `${url}/introspect`, audience: 'sms', scope: 'sms.send' });
      answer(claims, status);
      expect(await check()).to.equal(result);
    });
  }

  it('asks for the claims that a token opens', async () => {
    ask({ userinfo: `${url}/userinfo` }, 'email');
    answer({ sub: '1', email: 'john@example.com', email_verified: true });
    expect(await check()).to.equal('john@example.com');
    expect(requests[0]).to.deep.include({ method: 'GET /userinfo', authorization: `Bearer ${token.open()}` });
  });

  it('does not believe an address that the issuer has not verified', async () => {
    ask({ userinfo: `${url}/userinfo` }, 'email');
    answer({ sub: '1', email: 'john@example.com', email_verified: false });
    expect(await check()).to.equal('undefined');
  });

  for (const [status, result] of [
    [401, 'undefined'],
    [403, 'undefined'],
    [429, 'auth.unavailable'],
    [500, 'auth.unavailable'],
  ] as const) {
    it(`reads userinfo's answer ${status} as ${result}`, async () => {
      ask({ userinfo: `${url}/userinfo` });
      answer({}, status);
      expect(await check()).to.equal(result);
    });
  }

  it('carries no token to where it is sent on', async () => {
    ask({ userinfo: `${url}/userinfo` });
    reply = 'redirect';
    expect(await check()).to.equal('auth.unavailable');
    expect(requests).to.have.lengthOf(1);
  });

  it('does not wait for ever', async () => {
    ask({ introspection: `${url}/introspect` });
    reply = 'silence';
    const waiting = check();
    await until('the request', () => requests.length > 0 || undefined);
    await clock.advance(5000);
    expect(await waiting).to.equal('auth.unavailable');
  });

  it('asks nobody for what is no token, and knows no passwords', async () => {
    ask({ introspection: `${url}/introspect` });
    expect(await backend.verifyToken?.('john', new Secret('a\r\nX: y'))).to.equal(undefined);
    expect(await backend.verify('john', token)).to.equal(undefined);
    expect(requests).to.deep.equal([]);
  });

  it('says no token in the log', async () => {
    ask({ introspection: `${url}/introspect` });
    answer('', 500);
    await check();
    expect(log.lines.join('\n')).to.include('500').and.not.include('ya29');
  });

  describe('over TLS', () => {
    let authority: Authority;
    before(needs('openssl'));
    before(async () => {
      authority = await Authority.make();
    });
    after(() => authority?.remove());

    let secure: TlsServer;
    before(async () => {
      secure = createTlsServer(
        { cert: readFileSync(authority.cert), key: readFileSync(authority.key) },
        issuer,
      );
      secure.listen(0, '127.0.0.1');
      await once(secure, 'listening');
    });
    after(() => {
      secure?.closeAllConnections();
      secure?.close();
    });
    beforeEach(() => answer({ active: true, username: 'john@example.com' }));

    const at = (host: string): string => `https://${host}:${(secure.address() as AddressInfo).port}`;

    it('says no token to an issuer whose certificate is not trusted', async () => {
      ask({ userinfo: `${at('localhost')}/userinfo` });
      expect(await check()).to.equal('auth.unavailable');
      expect(requests).to.deep.equal([]);
    });

    for (const host of ['localhost', '127.0.0.1']) {
      it(`asks ${host} where its authority is the one that is named`, async () => {
        ask({ userinfo: `${at(host)}/userinfo` }, 'username', authority.ca);
        expect(await check()).to.equal('john@example.com');
        ask({ introspection: `${at(host)}/introspect` }, 'username', authority.ca);
        expect(await check()).to.equal('john@example.com');
      });
    }

    it('says no token to an issuer of another authority, or while the file cannot be read', async () => {
      const other = await Authority.make('other.example');
      ask({ userinfo: `${at('localhost')}/userinfo` }, 'username', other.ca);
      expect(await check()).to.equal('auth.unavailable');
      other.remove();
      expect(await check()).to.equal('auth.unavailable');
      expect(requests).to.deep.equal([]);
      expect(log.lines.join('\n'))
        .to.match(/certificate/)
        .and.not.include('ya29');
    });

    it('says no token to a server that the certificate does not name', async () => {
      const other = await Authority.make('other.example');
      const lying = createTlsServer({ cert: readFileSync(other.cert), key: readFileSync(other.key) }, issuer);
      lying.listen(0, '127.0.0.1');
      await once(lying, 'listening');
      const { port } = lying.address() as AddressInfo;
      ask({ userinfo: `https://localhost:${port}/userinfo` }, 'username', other.ca);
      expect(await check()).to.equal('auth.unavailable');
      expect(requests).to.deep.equal([]);
      lying.close();
      other.remove();
    });
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
