import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { needs, swaks } from '../support/clients.ts';
import { Product, until } from '../support/product.ts';

/** What rules want done outside: a program decides, a program is told, a URL is called, and nothing that is not allowed. */
describe('rules act outside', () => {
  let product: Product;
  let server: Server;
  const asked: string[] = [];
  before(needs('swaks'));
  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('ok');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    product = new Product({ rules: { outgoing: ['rules.yaml'] } });
    const hooks = join(product.dir, 'hooks');
    const script = (name: string, lines: string): string => {
      writeFileSync(join(hooks, name), `#!/bin/sh\n${lines}\n`);
      chmodSync(join(hooks, name), 0o755);
      return join(hooks, name);
    };
    mkdirSync(hooks);
    const decide = script('decide', 'test "$1" != +15550000000');
    const told = join(product.dir, 'told');
    const tell = script('tell', `{ echo "$MAILSMS_NUMBER"; cat; } > ${told}.new && mv ${told}.new ${told}`);
    symlinkSync('/bin/echo', join(hooks, 'leads-out'));
    const { port } = server.address() as AddressInfo;
    const rules = `
rules:
  - title: a program says no
    when: { program: { run: [${decide}, '%number%'], exit: 1 } }
    do: { reject: 'this number has opted out' }
  - title: tell a program
    when: { body: { contains: tell } }
    do: { program: { run: [${tell}] } }
  - title: call a URL
    when: { body: { contains: call } }
    do: { url: 'http://127.0.0.1:${port}/hook?to=%number%&text=%data%' }
  - title: one that nobody has allowed
    when: { body: { contains: forbidden } }
    do: { program: { run: [${join(hooks, 'leads-out')}] } }
`;
    writeFileSync(join(product.dir, 'rules.yaml'), rules);
    product.configure({
      rules: { outgoing: ['rules.yaml'] },
      outside: { programs: [hooks], urls: ['127.0.0.1'] },
    });
    await product.start();
  });
  after(async () => {
    await product?.dispose();
    server?.close();
  });

  const said = async (number: string, text: string): Promise<string> => {
    const to = `"sms:${number}"@sms.example.com`;
    const { stdout } = await swaks({ port: product.port(), to, text });
    return /^<\*\* +(.*)$/m.exec(stdout)?.[1] ?? 'accepted';
  };

  it("a program's exit code decides while the client waits", async () => {
    expect(await said('+15550000000', 'x')).to.equal('550 5.7.1 this number has opted out');
    expect(await said('+15551234567', 'x')).to.equal('accepted');
  });

  it('a program gets the message on its input and in its environment', async () => {
    expect(await said('+15551234567', 'tell; rm -rf "$HOME" `id`')).to.equal('accepted');
    const told = await until('the program', () => {
      try {
        return readFileSync(join(product.dir, 'told'), 'utf8');
      } catch {
        return undefined;
      }
    });
    expect(told)
      .to.match(/^\+15551234567\n/)
      .and.to.contain('tell; rm -rf "$HOME" `id`');
  });

  it('a URL is called with the values escaped', async () => {
    expect(await said('+15551234567', 'call & #2 é')).to.equal('accepted');
    await until('the call', () => asked[0]);
    expect(asked).to.deep.equal(['/hook?to=%2B15551234567&text=call%20%26%20%232%20%C3%A9']);
  });

  it('what is not allowed is not done, and the log says so', async () => {
    expect(await said('+15551234567', 'forbidden')).to.equal('accepted');
    await product.logged(/effect failed for good.*/);
    expect(await product.logged(/leads-out/)).to.contain('not among the allowed programs');
    const { stdout } = await product.cli('mailqueue', '--failed');
    expect(stdout).to.match(/failed +program of the rule "one that nobody h.* +\S+\/hooks\/leads-out +1 /);
  });

  it('what can be known to be forbidden is told by the check, with its place', async () => {
    const file = join(product.dir, 'wrong.yaml');
    const rule = (what: string): string => `  - title: x\n    do: { ${what} }\n`;
    const wrong = [
      'program: { run: [/bin/echo] }',
      "url: 'http://10.0.0.1/'",
      "sql: { connection: crm, statement: 'SELECT 1' }",
      'route: nowhere',
    ];
    writeFileSync(file, `rules:\n${wrong.map(rule).join('')}`);
    const { code, stderr } = await product.cli('rules', 'check', '-r', file);
    expect(code).to.equal(1);
    expect(stderr).to.match(/wrong\.yaml:3:\d+: .*"\/bin\/echo" is not among the allowed programs/);
    expect(stderr).to.match(/wrong\.yaml:5:\d+: .*10\.0\.0\.1 is not public \(private\)/);
    expect(stderr).to.match(/wrong\.yaml:7:\d+: .*there is no SQL connection "crm"/);
    expect(stderr).to.match(/wrong\.yaml:9:\d+: .*there is no gateway "nowhere"/);
    product.configure({ rules: { outgoing: ['rules.yaml', 'wrong.yaml'] } });
    const whole = await product.cli('check');
    expect(whole.code).to.equal(1);
    expect(whole.stderr).to.match(/wrong\.yaml:3:\d+: .*\/bin\/echo/);
  });
});
