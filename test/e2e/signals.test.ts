import { existsSync, readFileSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { Product, until } from '../support/product.ts';
import { WireClient } from '../support/wire.ts';

const BASE = { gateways: [{ id: 'phone', type: 'virtual', from: 'sms:%s@sms.example.com' }] };

describe('signals', () => {
  let product: Product;
  afterEach(() => product?.dispose());

  /** What AUTH PLAIN answers to this password. */
  const login = async (user: string, password: string): Promise<string> => {
    const client = await WireClient.open(product.port());
    await client.reply();
    await client.command('EHLO client.test');
    const token = Buffer.from(`\0${user}\0${password}`).toString('base64');
    const [answer = ''] = await client.command(`AUTH PLAIN ${token}`);
    client.close();
    return answer.slice(0, 3);
  };

  describe('SIGHUP', () => {
    it('takes over the accounts of the file', async () => {
      const account = { user: 'ann', password: 'old' };
      product = await new Product({ ...BASE, accounts: [account] }).start();
      expect(await login('ann', 'old')).to.equal('235');
      product.configure({
        ...BASE,
        accounts: [
          { ...account, password: 'new' },
          { user: 'bob', password: 'b' },
        ],
      });
      product.signal('SIGHUP');
      await product.logged(/configuration was read again/);
      expect(await login('ann', 'old')).to.equal('535');
      expect(await login('ann', 'new')).to.equal('235');
      expect(await login('bob', 'b')).to.equal('235');
      expect((await product.cli('accounts', '--json')).stdout).to.contain('"bob"');
      expect(product.output).to.not.match(/only after a restart/);
    });

    it('says what waits for a restart', async () => {
      product = await new Product(BASE).start();
      product.configure({ ...BASE, country: 'DE', queue: { retry: ['1m'] } });
      product.signal('SIGHUP');
      const line = await product.logged(/only after a restart/);
      expect(line)
        .to.match(/country/)
        .and.match(/queue/)
        .and.not.match(/gateways/);
    });

    it('leaves all as it was where the file is wrong', async () => {
      const accounts = [{ user: 'ann', password: 'old' }];
      product = await new Product({ ...BASE, accounts }).start();
      product.configure({ ...BASE, acounts: [] });
      product.signal('SIGHUP');
      expect(await product.logged(/cannot be used/)).to.match(/acounts/);
      expect(await login('ann', 'old')).to.equal('235');
    });

    it('opens the log file anew', async () => {
      product = await new Product({ ...BASE, log: { format: 'json', file: './mailsms.log' } }).start();
      const file = join(product.dir, 'mailsms.log');
      await until('the log', () => existsSync(file) || undefined);
      renameSync(file, `${file}.1`);
      product.signal('SIGHUP');
      await until('the new file', () => {
        return (existsSync(file) && /read again/.test(readFileSync(file, 'utf8'))) || undefined;
      });
      expect(readFileSync(`${file}.1`, 'utf8')).to.match(/gateway up/);
      expect(await product.stop('SIGTERM')).to.equal(0);
      expect(readFileSync(file, 'utf8')).to.match(/"stopped"/);
    });

    it('is heeded once for each time it comes, and never ends it', async () => {
      product = await new Product(BASE).start();
      for (let i = 0; i < 20; i++) product.signal('SIGHUP');
      await product.logged(/configuration was read again/);
      expect(await product.stop('SIGTERM')).to.equal(0);
    });
  });

  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGWINCH', 'SIGCONT'] as const) {
    it(`${signal} does nothing`, async () => {
      product = await new Product(BASE).start();
      product.signal(signal);
      product.signal('SIGHUP');
      await product.logged(/configuration was read again/);
      expect(product.output).to.not.match(/debugger/i);
      await expectClosed(9229);
      expect(await product.stop('SIGTERM')).to.equal(0);
    });
  }

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
    it(`${signal} stops in order`, async () => {
      product = await new Product(BASE).start();
      expect(await product.stop(signal)).to.equal(0);
      expect(product.output).to.match(/"stopped"/);
    });
  }

  it('a second SIGTERM ends it at once', async () => {
    product = await new Product(BASE).start();
    // A mail that does not come to its end holds the stop up.
    const client = await WireClient.open(product.port());
    await client.reply();
    await client.command('EHLO client.test');
    await client.command('MAIL FROM:<a@b.example>');
    await client.command('RCPT TO:<+15551234567@sms.example.com>');
    await client.command('DATA');
    product.signal('SIGTERM');
    await product.logged(/stopping/);
    expect(await product.stop('SIGTERM')).to.equal(1);
    expect(product.output).to.not.match(/"stopped"/);
  });
});

/** Nobody listens there: a debugger would. */
async function expectClosed(port: number): Promise<void> {
  const open = await new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  expect(open, `port ${port} is open`).to.equal(false);
}
