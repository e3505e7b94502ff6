import { chownSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { ROUTES } from '../../lib/servers/http/routes/table.ts';
import { Product, until } from '../support/product.ts';

describe('the control socket', () => {
  let product: Product;
  before(async () => {
    product = await new Product({
      // Nobody listens there: mails wait.
      mail: { relay: 'smtp://127.0.0.1:1' },
      gateways: [
        { id: 'phone', type: 'virtual', from: 'sms:%s@sms.example.com', prefixes: ['+1'] },
        { id: 'absent', type: 'modem', device: '/nowhere/ttyUSB0', from: '%s' },
      ],
    }).start();
  });
  after(() => product?.dispose());

  const ask = (method: string, path: string, body?: unknown, port?: number) =>
    new Promise<{ status: number; type: string; body: unknown }>((resolve, reject) => {
      const where = port === undefined ? { socketPath: join(product.dir, 'data/control.sock') } : { port };
      const call = request({ ...where, method, path }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const type = response.headers['content-type'] ?? '';
          const parsed: unknown = text !== '' && type.includes('json') ? JSON.parse(text) : text;
          resolve({ status: response.statusCode ?? 0, type, body: parsed });
        });
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    });

  it('is open to its owner alone', () => {
    expect(statSync(join(product.dir, 'data/control.sock')).mode & 0o777).to.equal(0o600);
    expect(statSync(join(product.dir, 'data')).mode & 0o777).to.equal(0o700);
  });

  it('is told nothing where it belongs to another user than the data', async function () {
    if (process.getuid?.() !== 0) {
      process.stderr.write('    skipped: only root gives files away\n');
      this.skip();
    }
    const socket = join(product.dir, 'data/control.sock');
    chownSync(socket, 65_534, 65_534);
    const { code, stderr } = await product.cli('queue');
    chownSync(socket, 0, 0);
    expect(code).to.equal(1);
    expect(stderr).to.match(/control\.sock belongs to another user \(65534\) than .*data \(0\)/);
    expect((await product.cli('queue')).code).to.equal(0);
  });

  it('sends, shows and lists', async () => {
    const sent = await ask('POST', '/api/v1/messages', {
      to: '+15551234567',
      text: 'hello',
      from: 'a@office.example',
    });
    expect(sent.status).to.equal(201);
    const [id = ''] = (sent.body as { ids: string[] }).ids;
    await product.logged(new RegExp(`${id}.*"sent"`));
    const shown = await ask('GET', `/api/v1/messages/${id}`);
    expect(shown.body).to.deep.include({ id, state: 'sent', number: '+15551234567' });
    const listed = await ask('GET', '/api/v1/messages?state=sent&limit=1');
    expect(listed.body).to.have.nested.property('messages[0].id', id);
    const stats = await ask('GET', '/api/v1/stats');
    expect(stats.body).to.have.nested.property('messages.sent', 1);
  });

  it('a message can be cancelled while it waits, and not a second time', async () => {
    const sent = await ask('POST', '/api/v1/messages', { to: '+15551234567', text: 'x', gateway: 'absent' });
    const [id = ''] = (sent.body as { ids: string[] }).ids;
    expect((await product.cli('queue')).stdout).to.contain(id);
    expect((await product.cli('queue', 'cancel', id)).code).to.equal(0);
    const again = await product.cli('queue', 'cancel', id);
    expect(again.code).to.equal(1);
    expect(again.stderr).to.contain(`message ${id} is in a state that allows no cancel`);
    expect((await product.cli('queue', 'rm', id)).code).to.equal(0);
    expect((await product.cli('queue', 'show', id)).stderr).to.contain(`there is no message ${id}`);
  });

  it('answers every question as the table of routes says, and with nothing more', async () => {
    const sent = await ask('POST', '/api/v1/messages', { to: '+15551234567', text: 'x', gateway: 'absent' });
    const [id = ''] = (sent.body as { ids: string[] }).ids;
    await product.cli('accounts', 'add', 'ann');
    await product.cli('phone', 'reply', '--number', '+15557654321', '--text', 'hello');
    const incoming = await until('the answer to be kept', async () => {
      const { body } = await ask('GET', '/api/v1/incoming');
      return (body as { incoming: { id: string }[] }).incoming[0]?.id;
    });
    const mail = await until('the mail to be queued', async () => {
      const { body } = await ask('GET', '/api/v1/mailqueue');
      return (body as { entries: { id: string }[] }).entries[0]?.id;
    });
    const places: Record<string, string> = { '/messages/': id, '/incoming/': incoming, '/accounts/': 'ann' };
    const asked: string[] = [];
    for (const { name, answer } of ROUTES) {
      const [method = '', pattern = ''] = name.split(' ');
      if (method !== 'GET') continue;
      const place = Object.entries(places).find(([start]) => pattern.startsWith(start))?.[1] ?? mail;
      const { status, body } = await ask('GET', `/api/v1${pattern.replace(/:\w+/, place)}`);
      expect(status, name).to.equal(200);
      expect(answer?.safeParse(body).error?.issues, name).to.equal(undefined);
      asked.push(pattern);
    }
    expect(asked).to.include.members(['/messages', '/messages/:id', '/incoming/:id', '/status', '/gateways']);
    expect((await product.cli('queue', 'rm', id)).code).to.equal(0);
  });

  it('says how the gateways are, and why one is not', async () => {
    const { stdout } = await product.cli('gateways', '--json');
    const gateways = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; status: object });
    expect(gateways.find(({ id }) => id === 'phone')?.status).to.include({ state: 'up' });
    const absent = gateways.find(({ id }) => id === 'absent')?.status;
    expect(absent).to.have.property('state').that.is.not.equal('up');
    await product.logged(/"gateway":"absent".*\/nowhere\/ttyUSB0|\/nowhere\/ttyUSB0.*"gateway":"absent"/);
  });

  const mistakes: [
    name: string,
    method: string,
    path: string,
    body: unknown,
    status: number,
    detail: RegExp,
  ][] = [
    ['no JSON', 'POST', '/messages', '{', 400, /not JSON/],
    ['a field that is missing', 'POST', '/messages', { to: '+15551234567' }, 400, /text/],
    ['a field that is not known', 'POST', '/messages', { to: '+1', text: 'x', txet: 1 }, 400, /txet/],
    ['no number', 'POST', '/messages', { to: 'nobody', text: 'x' }, 400, /is not a phone number/],
    ['no text', 'POST', '/messages', { to: '+15551234567', text: '' }, 422, /no text/],
    [
      'no gateway of that name',
      'POST',
      '/messages',
      { to: '+15551234567', text: 'x', gateway: 'y' },
      400,
      /"y"/,
    ],
    ['a message that is not there', 'GET', '/messages/nothing', undefined, 404, /no message nothing/],
    ['a state that is none', 'GET', '/messages?state=lost', undefined, 400, /"lost" is no state/],
    ['a page that is none', 'GET', '/messages?after=!', undefined, 400, /no page's next/],
    ['a path that is none', 'GET', '/nothing', undefined, 404, /nothing at/],
  ];
  for (const [name, method, path, body, status, detail] of mistakes) {
    it(`${name}: ${status}, as a problem document`, async () => {
      const answer = await ask(method, `/api/v1${path}`, body);
      expect(answer.status).to.equal(status);
      expect(answer.type).to.equal('application/problem+json');
      expect(answer.body).to.have.property('detail').that.matches(detail);
      expect(answer.body).to.include({ status });
      expect(answer.body)
        .to.have.property('type')
        .that.matches(/^urn:mailsms:problem:[a-z]+\.[a-z]+$/);
      expect(answer.body).to.have.property('title').that.is.a('string');
    });
  }

  it('names the place of a mistake as a JSON Pointer', async () => {
    const body = { accounts: [{ user: 'a' }, { user: '' }] };
    const { body: problem } = await ask('POST', '/api/v1/accounts/batch', body);
    expect(problem).to.have.nested.property('errors[0].pointer', '/accounts/1/user');
  });

  it('the network sees health and nothing else', async () => {
    const port = product.port('HTTP');
    expect(await ask('GET', '/healthz', undefined, port)).to.deep.include({
      status: 200,
      body: { status: 'ok' },
    });
    expect(await ask('GET', '/readyz', undefined, port)).to.deep.include({ status: 200 });
    for (const path of ['/api/v1/messages', '/api/v1/stats', '/']) {
      expect((await ask('GET', path, undefined, port)).status).to.equal(404);
    }
  });
});
