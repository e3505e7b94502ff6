import { expect } from 'chai';
import { Fault } from '../../lib/base/errors.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { Secret } from '../../lib/base/secret.ts';
import { DovecotBackend } from '../../lib/credentials/dovecot.ts';
import { ManualClock } from '../support/clock.ts';
import { MemoryLog } from '../support/log.ts';
import { until } from '../support/product.ts';
import { type Scripted, ScriptedServer } from '../support/script.ts';

const HANDSHAKE = [
  'VERSION\t1\t2',
  'MECH\tPLAIN\tplaintext',
  'SPID\t4711',
  'CUID\t1',
  'COOKIE\t00112233445566778899aabbccddeeff',
  'DONE',
];

/** Greets, reads the client's handshake, then hands over each request as its fields. */
async function serve(
  peer: Scripted,
  answer: (request: readonly string[], peer: Scripted) => void,
  handshake: readonly string[] = HANDSHAKE,
): Promise<void> {
  peer.say(...handshake);
  await peer.line();
  await peer.line();
  for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
    answer(line.split('\t'), peer);
  }
}

const password = new Secret('secret');

describe('Dovecot as a password backend', () => {
  const clock = new ManualClock();
  let server: ScriptedServer;
  let backend: DovecotBackend;

  async function start(
    script: (peer: Scripted, connection: number) => Promise<void> | void,
    oauth = false,
  ): Promise<void> {
    server = await ScriptedServer.start(script);
    backend = new DovecotBackend(
      {
        type: 'dovecot',
        name: 'dovecot',
        socket: { host: '127.0.0.1', port: server.port },
        oauth,
        timeoutMs: 5000,
      },
      { clock, random: systemRandom, log: new MemoryLog() },
    );
  }

  afterEach(async () => {
    await backend.close();
    await server.stop();
  });

  it('shakes hands and asks with PLAIN', async () => {
    await start((peer) => serve(peer, ([, id]) => peer.say(`OK\t${id}\tuser=john`)));
    expect(await backend.verify('john', password)).to.equal('john');
    const [version, cpid, auth] = server.heard;
    expect(version).to.equal('VERSION\t1\t1');
    expect(cpid).to.match(/^CPID\t[1-9]\d*$/);
    const response = Buffer.from('\0john\0secret').toString('base64');
    expect(auth).to.equal(`AUTH\t1\tPLAIN\tservice=smtp\tsecured\tno-penalty\tnologin\tresp=${response}`);
  });

  it('keeps its connection and tells answers apart by number, in whatever order they come', async () => {
    const asked: (readonly [id: string | undefined, user: string | undefined])[] = [];
    await start((peer) =>
      serve(peer, (fields) => {
        const response = fields.at(-1)?.replace('resp=', '') ?? '';
        asked.push([fields[1], Buffer.from(response, 'base64').toString().split('\0')[1]]);
        if (asked.length < 3) return;
        for (const [id, user] of asked.reverse()) {
          peer.say(user === 'b' ? `FAIL\t${id}\tuser=b` : `OK\t${id}\tuser=${user}`);
        }
      }),
    );
    const all = await Promise.all(['a', 'b', 'c'].map((user) => backend.verify(user, password)));
    expect(all).to.deep.equal(['a', undefined, 'c']);
    expect(server.connections).to.equal(1);
  });

  const answers: readonly [name: string, answer: string, result: string][] = [
    ['OK with another name', 'OK\t1\tuser=John\x011Doe', 'John\x01Doe'],
    ['OK for a user who may not log in', 'OK\t1\tuser=john\tnologin', 'undefined'],
    [
      'OK for a user who is passed on to another server',
      'OK\t1\tuser=john\tproxy\thost=b',
      'auth.unavailable',
    ],
    ['FAIL', 'FAIL\t1\tuser=john', 'undefined'],
    ['FAIL for a disabled user', 'FAIL\t1\tuser=john\tuser_disabled', 'undefined'],
    ['FAIL for an expired password', 'FAIL\t1\tuser=john\tpass_expired', 'undefined'],
    ['FAIL for now', 'FAIL\t1\tuser=john\ttemp', 'auth.unavailable'],
    ['FAIL with the code of later versions', 'FAIL\t1\tuser=john\tcode=temp_fail', 'auth.unavailable'],
    ['an answer without a number', 'OK\t\tuser=john', 'auth.unavailable'],
  ];
  for (const [name, answer, result] of answers) {
    it(`reads ${name}`, async () => {
      await start((peer) => serve(peer, () => peer.say(answer)));
      expect(await outcome(backend.verify('john', password))).to.equal(result);
    });
  }

  const greetings: readonly [name: string, lines: readonly string[]][] = [
    ['another major version', ['VERSION\t2\t0', 'DONE']],
    ['no version', ['MECH\tPLAIN', 'DONE']],
    ['no PLAIN', ['VERSION\t1\t2', 'MECH\tGSSAPI', 'DONE']],
    ['a line without end', ['VERSION\t1\t2', 'x'.repeat(100_000)]],
  ];
  for (const [name, lines] of greetings) {
    it(`is unavailable where the server has ${name}, and says no password`, async () => {
      await start((peer) => serve(peer, ([, id]) => peer.say(`OK\t${id}\tuser=john`), lines));
      expect(await outcome(backend.verify('john', password))).to.equal('auth.unavailable');
      expect(server.heard.join('\n')).not.to.include('AUTH');
    });
  }

  it('asks once more on a new connection where the old one ends under it', async () => {
    await start((peer, connection) =>
      serve(peer, ([, id]) => (connection === 1 ? peer.socket.destroy() : peer.say(`OK\t${id}\tuser=john`))),
    );
    expect(await backend.verify('john', password)).to.equal('john');
    expect(server.connections).to.equal(2);
  });

  it('asks no third time', async () => {
    await start((peer) => serve(peer, () => peer.socket.destroy()));
    expect(await outcome(backend.verify('john', password))).to.equal('auth.unavailable');
    expect(server.connections).to.equal(2);
  });

  it('connects anew after a restart', async () => {
    await start((peer) => serve(peer, ([, id]) => peer.say(`OK\t${id}\tuser=john`)));
    expect(await backend.verify('john', password)).to.equal('john');
    server.cut();
    expect(await backend.verify('john', password)).to.equal('john');
    expect(server.connections).to.equal(2);
  });

  it('gives up an answer that does not come, and a connection on which nothing comes', async () => {
    await start((peer, connection) =>
      serve(peer, ([, id]) => void (connection > 1 && peer.say(`OK\t${id}\tuser=john`))),
    );
    const waiting = outcome(backend.verify('john', password));
    await until('the request', () => server.heard.some((line) => line.startsWith('AUTH')) || undefined);
    await clock.advance(5000);
    expect(await waiting).to.equal('auth.unavailable');
    expect(await backend.verify('john', password)).to.equal('john');
    expect(server.connections).to.equal(2);
  });

  it('keeps the connection where others are answered, and cancels what is late', async () => {
    await start((peer) =>
      serve(peer, ([command, id, , , , , , response]) => {
        const slow = Buffer.from(response?.slice(5) ?? '', 'base64').includes('slow');
        if (command === 'AUTH' && !slow) peer.say(`OK\t${id}\tuser=john`);
      }),
    );
    const late = outcome(backend.verify('slow', password));
    await until('the request', () => server.heard.some((line) => line.startsWith('AUTH')) || undefined);
    expect(await backend.verify('john', password)).to.equal('john');
    await clock.advance(5000);
    expect(await late).to.equal('auth.unavailable');
    await until('the cancellation', () => server.heard.includes('CANCEL\t1') || undefined);
    expect(await backend.verify('john', password)).to.equal('john');
    expect(server.connections).to.equal(1);
  });

  it('gives up a handshake that does not end', async () => {
    await start((peer) => peer.say('VERSION\t1\t2'));
    const waiting = outcome(backend.verify('john', password));
    await until('the connection', () => server.connections > 0 || undefined);
    await clock.advance(5000);
    expect(await waiting).to.equal('auth.unavailable');
  });

  it('ends what is under way when it is closed', async () => {
    await start((peer) => serve(peer, () => undefined));
    const waiting = outcome(backend.verify('john', password));
    await until('the request', () => server.heard.some((line) => line.startsWith('AUTH')) || undefined);
    await backend.close();
    expect(await waiting).to.equal('auth.unavailable');
  });

  const token = new Secret('ya29.token');
  for (const [mechanism, response] of [
    ['OAUTHBEARER', 'n,a=jo=2Chn,\x01auth=Bearer ya29.token\x01\x01'],
    ['XOAUTH2', 'user=jo,hn\x01auth=Bearer ya29.token\x01\x01'],
  ] as const) {
    it(`passes a token on with ${mechanism}`, async () => {
      const handshake = ['VERSION\t1\t2', `MECH\t${mechanism}`, 'DONE'];
      await start((peer) => serve(peer, ([, id]) => peer.say(`OK\t${id}\tuser=john`), handshake), true);
      expect(await backend.verifyToken?.('jo,hn', token)).to.equal('john');
      const [, , request] = server.heard;
      expect(request).to.include(`\t${mechanism}\t`);
      expect(Buffer.from(request?.split('resp=')[1] ?? '', 'base64').toString()).to.equal(response);
    });
  }

  it('answers the challenge with which a token is refused', async () => {
    const handshake = ['VERSION\t1\t2', 'MECH\tXOAUTH2', 'DONE'];
    await start(
      (peer) =>
        serve(
          peer,
          ([command, id]) =>
            peer.say(command === 'AUTH' ? `CONT\t${id}\teyJzdGF0dXMiOiI0MDEifQ==` : `FAIL\t${id}`),
          handshake,
        ),
      true,
    );
    expect(await backend.verifyToken?.('john', token)).to.equal(undefined);
    expect(server.heard.at(-1)).to.equal('CONT\t1\t');
  });

  it('can not tell about tokens where Dovecot has no mechanism for them', async () => {
    await start((peer) => serve(peer, () => undefined), true);
    expect(await outcome(backend.verifyToken?.('john', token))).to.equal('auth.unavailable');
  });
});

async function outcome(work: Promise<unknown> | undefined): Promise<string> {
  try {
    return String(await work);
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
}
