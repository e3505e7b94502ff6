import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { heard, texts } from '../support/handset.ts';
import { Product, until } from '../support/product.ts';
import { WireClient, dialogue } from '../support/wire.ts';

/** The one relay that is trusted; strangers come from other addresses of this machine's loopback. */
const RELAY = '127.0.0.9';
const STRANGER = '127.0.0.21';

/** Every password of the run, right and wrong: none of them may be found anywhere afterwards. */
const PASSWORD = {
  john: 'Right-Jf83kq',
  eve: 'Right-Ev52mz',
  member: 'Right-Mb94xt',
  guess: 'Wrong-Gs71pw',
  address: 'Wrong-Ad66rv',
  injected: 'Wrong-In38yc',
};

const TLS = { key: 'fixtures/tls/mx.test.key', cert: 'fixtures/tls/mx.test.crt' };

describe('attacks on the front door', () => {
  let product: Product;
  const clients: WireClient[] = [];

  before(async () => {
    product = new Product({
      smtp: {
        listen: '127.0.0.1:0',
        hostname: 'sms.example.com',
        trusted: [`${RELAY}/32`],
        maxSize: '1MB',
        maxConnectionsPerAddress: 10,
        tls: { key: join(process.cwd(), TLS.key), cert: join(process.cwd(), TLS.cert) },
      },
      auth: { failures: { perAddress: 4, perAccount: 1000, window: '15m' } },
      limits: { connectionsPerMinute: 60, recipientsPerMinute: 0 },
      incoming: { replyAddress: { signed: true, days: 30 } },
      helpers: [{ address: 'duty', forward: 'sms:+15550000071' }],
      lists: [
        { address: 'crew', members: ['sms:+15550000072', 'boss@office.example'] },
        {
          address: 'open',
          senders: 'anyone',
          members: [
            `sms:+15550000073?user=member&pass=${PASSWORD.member}`,
            'sms:+15550000074',
            'boss@office.example',
          ],
        },
      ],
      accounts: [{ user: 'member', password: PASSWORD.member, monthlyLimit: 2 }],
      log: { format: 'json', level: 'debug' },
    });
    await product.start();
    for (const user of ['john', 'eve'] as const) {
      const name = `${user}@office.example`;
      const added = await product.cliWith(`${PASSWORD[user]}\n`, 'accounts', 'add', name, '--password');
      expect(added.code, added.stderr).to.equal(0);
    }
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  after(() => product?.dispose());

  /** A connection that has said EHLO. */
  const connected = async (from = STRANGER): Promise<WireClient> => {
    const client = await WireClient.open(product.port(), { from });
    clients.push(client);
    expect((await client.reply()).join()).to.match(/^220 /);
    await client.command('EHLO client.example');
    return client;
  };
  const login = (user: string, password: string): string =>
    `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`;
  /** The answer to RCPT TO. */
  const rcpt = async (client: WireClient, path: string, sender = 'john@office.example'): Promise<string> => {
    expect((await client.command(`MAIL FROM:<${sender}>`)).join()).to.match(/^250 /);
    const [answer = ''] = await client.command(`RCPT TO:<${path}>`);
    expect((await client.command('RSET')).join()).to.match(/^250 /);
    return answer;
  };
  const johnLoggedIn = async (from: string): Promise<WireClient> => {
    const client = await connected(from);
    expect((await client.command(login('john@office.example', PASSWORD.john))).join()).to.match(/^235 /);
    return client;
  };
  /** The mails that mailsms has written to its Maildir. */
  const mailed = (): string[] => {
    const folder = join(product.dir, 'data/Maildir/new');
    return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  };
  const send = async (client: WireClient, path: string, mail: string): Promise<string> => {
    client.send('MAIL FROM:<john@office.example>', `RCPT TO:<${path}>`, 'DATA');
    await dialogue(client, 'S: 250\nS: 250\nS: 354');
    client.write(`${mail}\r\n.\r\n`);
    return (await client.reply()).join();
  };

  describe('relaying', () => {
    const phone = '+15550000010@sms.example.com';
    for (const [name, path, answer] of [
      ['to a phone', phone, '550 5.7.1 authentication is needed'],
      ['to a phone, quoted', '"sms:+15550000010"@sms.example.com', '550 5.7.1 authentication is needed'],
      [
        'to a phone with authenticated=1',
        '"sms:+15550000010?authenticated=1"@sms.example.com',
        '550 5.7.1 authentication is needed',
      ],
      ['to a phone by a source route', `@relay.example:${phone}`, '550 5.7.1 authentication is needed'],
      ['to mail', 'victim@elsewhere.example', '550 5.7.1 mail for elsewhere.example is not taken'],
      ['to mail by a source route', '@sms.example.com:victim@elsewhere.example', '550 5.7.1 mail for'],
      ['to mail by a percent sign', 'victim%elsewhere.example@sms.example.com', '550 5.1.1'],
      ['to mail by a bang path', 'elsewhere.example!victim@sms.example.com', '550 5.1.1'],
      ['to mail in quotes', '"victim%40elsewhere.example"@sms.example.com', '550 5.1.1'],
      ['to mail by the address of a reply', 'sms+r1abcdefghijkl@sms.example.com', '550 5.'],
    ] as const) {
      it(`${name} is refused`, async () => {
        expect(await rcpt(await connected(), path)).to.satisfy(
          (said: string) => said.startsWith(answer),
          answer,
        );
      });
    }

    it('to mail is refused to one who has logged in as well', async () => {
      const client = await johnLoggedIn('127.0.0.22');
      expect(await rcpt(client, 'victim@elsewhere.example')).to.match(/^550 5\.7\.1 mail for/);
      expect(await rcpt(client, 'victim%elsewhere.example@sms.example.com')).to.match(/^550 5\.1\.1/);
    });

    it('by a list or a helper is refused to strangers', async () => {
      const client = await connected();
      for (const name of ['duty', 'crew']) {
        expect(await rcpt(client, `${name}@sms.example.com`), name).to.match(/^550 5\.7\.1 /);
      }
    });

    it('by a list for anyone reaches its mail members, and of its phones those that pay for themselves', async () => {
      const client = await connected();
      const before = mailed().length;
      expect(await send(client, 'open@sms.example.com', 'Subject: x\r\n\r\nto the open list')).to.match(
        /^250 /,
      );
      await heard(product, '+15550000073', 'to the open list');
      expect(await texts(product, '+15550000074')).to.deep.equal([]);
      expect(
        mailed()
          .slice(before)
          .filter((mail) => !mail.includes('multipart/report'))
          .map((mail) => /^Delivered-To: (.*)$/m.exec(mail)?.[1]),
      ).to.deep.equal(['boss@office.example']);
    });
  });

  describe('a forged sender', () => {
    it('is nothing without a login, whatever else is claimed', async () => {
      const client = await connected();
      const phone = '"sms:+15550000011?user=john%40office.example"@sms.example.com';
      expect(await rcpt(client, '+15550000011@sms.example.com')).to.match(/^550 5\.7\.1 /);
      expect(await rcpt(client, phone)).to.match(/^5(50 5\.7\.1|35 5\.7\.8) /);
      await dialogue(
        client,
        `C: XCLIENT ADDR=${RELAY} LOGIN=john@office.example
         S: 550 5.7.0
         C: XFORWARD ADDR=${RELAY} NAME=localhost
         S: 550 5.7.0
         C: MAIL FROM:<john@office.example> AUTH=<john@office.example>
         S: 250
         C: RCPT TO:<+15550000011@sms.example.com>
         S: 550 5.7.1`,
      );
    });

    it('is believed of the relay alone', async () => {
      expect(await rcpt(await connected(RELAY), '+15550000011@sms.example.com')).to.match(/^250 /);
    });
  });

  describe('guessing passwords', () => {
    it('by AUTH ends in 454, for the right password too, and for that address alone', async () => {
      const attacker = '127.0.0.31';
      const client = await connected(attacker);
      for (let n = 0; n < 4; n++) {
        const guess = login('john@office.example', PASSWORD.guess);
        expect((await client.command(guess)).join()).to.match(/^535 5\.7\.8 /);
      }
      client.close();
      const again = await connected(attacker);
      const right = login('john@office.example', PASSWORD.john);
      expect((await again.command(right)).join()).to.match(/^454 4\.7\.0 /);
      await johnLoggedIn('127.0.0.32');
    });

    it('in addresses counts likewise, and ends the session', async () => {
      const client = await connected('127.0.0.33');
      const path = `"sms:+15550000012?user=john%40office.example&pass=${PASSWORD.address}"@sms.example.com`;
      for (let n = 0; n < 4; n++) expect(await rcpt(client, path)).to.match(/^535 5\.7\.8 /);
      expect(await rcpt(client, path)).to.match(/^454 4\.7\.0 /);
      const [answer] = await (
        await connected('127.0.0.33')
      ).command(login('eve@office.example', PASSWORD.eve));
      expect(answer).to.match(/^454 4\.7\.0 /);
    });
  });

  describe('smuggling', () => {
    for (const [name, path] of [
      ['a line end in a parameter', '"sms:+15550000013?value=a%0d%0aRCPT TO:<x@y.example>"@sms.example.com'],
      ['a line end in the number', 'sms%3A+15550000013%0D%0ABcc%3A@sms.example.com'],
      [
        'a line end in the reply address',
        '"sms:+15550000013?reply=a%40b.example%0d%0aBcc: x"@sms.example.com',
      ],
      ['a NUL in a parameter', '"sms:+15550000013?sender=abc%00def"@sms.example.com'],
      ['a NUL', 'sms:+1555\x000000013@sms.example.com'],
      ['a bare CR', '"sms:+15550000013\rDATA"@sms.example.com'],
      ['a number that is too long', `+${'1'.repeat(400)}@sms.example.com`],
      ['a local part that is too long', `"sms:+15550000013?value=${'a'.repeat(3000)}"@sms.example.com`],
      ['quotes in quotes in a number', '"sms:\\"+15550000013\\""@sms.example.com'],
      ['quotes behind quotes', '"sms:+15550000013""@sms.example.com'],
      ['a quoted piece before the address', '"x"+15550000013@sms.example.com'],
      ['two at signs', '+15550000013@elsewhere.example@sms.example.com'],
      ['a source route in a source route', '@a.example:@b.example:+15550000013@elsewhere.example'],
    ] as const) {
      it(`an address with ${name} is refused, though the sender is trusted`, async () => {
        const answer = await rcpt(await connected(RELAY), path);
        expect(answer).to.match(/^5\d\d 5\.\d\.\d [\x20-\x7e]+$/);
      });
    }

    it('a second mail in a mail is text', async () => {
      const client = await connected(RELAY);
      const ends = ['\n.\n', '\r.\r', '\n.\r\n', '\r\n.\n', '\r\n.\r', '\r\n\0.\r\n'];
      for (const [n, end] of ends.entries()) {
        const second = `MAIL FROM:<john@office.example>\r\nRCPT TO:<+15550000099@sms.example.com>\r\nDATA\r\nsmuggled`;
        const answer = await send(
          client,
          '"sms:+15550000014?maxmsgs=4"@sms.example.com',
          `Subject: x\r\n\r\nmail ${n}${end}${second}`,
        );
        expect(answer).to.match(/^250 2\.0\.0 queued as \S+$/);
      }
      await until(
        'all mails',
        async () => (await texts(product, '+15550000014')).length === ends.length || undefined,
      );
      expect(await texts(product, '+15550000099')).to.deep.equal([]);
    });

    it('commands behind STARTTLS are not taken into the encrypted session', async () => {
      const client = await connected();
      client.send(
        'STARTTLS',
        login('john@office.example', PASSWORD.injected),
        'EHLO injected.example',
        'MAIL FROM:<john@office.example>',
        'RCPT TO:<+15550000098@sms.example.com>',
      );
      await dialogue(client, 'S: 220 2.0.0');
      await client.secure();
      await dialogue(client, 'C: RCPT TO:<+15550000098@sms.example.com>\nS: 503 5.5.1\nC: NOOP\nS: 250');
      await client.command('EHLO client.example');
      expect(await rcpt(client, '+15550000098@sms.example.com')).to.match(/^550 5\.7\.1 /);
    });
  });

  describe('wearing the server out', () => {
    /** Resident memory of the product, in MB. */
    const memory = (): number => {
      const status = readFileSync(`/proc/${product.pid}/status`, 'latin1');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    };

    it('a command line without an end ends the session, and is not kept', async () => {
      const before = memory();
      const all = await Promise.all(Array.from({ length: 8 }, () => connected('127.0.0.41')));
      const piece = Buffer.alloc(1024 * 1024, 'x');
      for (const client of all) for (let n = 0; n < 8; n++) client.write(piece);
      for (const client of all) await dialogue(client, 'S: 500 5.5.2 the line is too long\nS: <closed>');
      expect(memory() - before).to.be.below(48);
    });

    it('a mail of one endless line is refused, and not kept beyond what a mail may have', async () => {
      const before = memory();
      const client = await connected(RELAY);
      client.send('MAIL FROM:<john@office.example>', 'RCPT TO:<+15550000015@sms.example.com>', 'DATA');
      await dialogue(client, 'S: 250\nS: 250\nS: 354');
      for (let n = 0; n < 64; n++) client.write(Buffer.alloc(1024 * 1024, 'x'));
      client.write('\r\n.\r\n');
      await dialogue(client, 'S: 552 5.3.4\nC: NOOP\nS: 250');
      expect(memory() - before).to.be.below(48);
    });

    it('one address has so many connections at once, and others are served', async () => {
      const open = await Promise.all(Array.from({ length: 10 }, () => connected('127.0.0.42')));
      const eleventh = await WireClient.open(product.port(), { from: '127.0.0.42' });
      clients.push(eleventh);
      await dialogue(eleventh, 'S: 421 4.7.0 too many connections from your address\nS: <closed>');
      await connected('127.0.0.43');
      for (const client of open) await dialogue(client, 'C: NOOP\nS: 250');
    });

    it('one address may connect so many times a minute, and others are served', async () => {
      let answer = '';
      for (let n = 0; n < 61 && !answer.startsWith('421'); n++) {
        const client = await WireClient.open(product.port(), { from: '127.0.0.44' });
        [answer = ''] = await client.reply();
        if (n < 60) expect(answer, `connection ${n}`).to.match(/^220 /);
        client.send('QUIT');
        await client.readLine();
        client.close();
      }
      expect(answer).to.match(/^421 4\.7\.0 /);
      await connected('127.0.0.45');
    });
  });

  describe('reply addresses that are signed for somebody else', () => {
    it('are refused, also with a letter changed; their holder may use them', async () => {
      const client = await johnLoggedIn('127.0.0.51');
      const phone = '+15550000016';
      expect(await send(client, `${phone}@sms.example.com`, 'Subject: x\r\n\r\nwrite back')).to.match(
        /^250 /,
      );
      await heard(product, phone, 'write back');
      const before = mailed().length;
      const reply = await product.cli('phone', 'reply', '--number', phone, '--text', 'here I am');
      expect(reply.code, reply.stderr).to.equal(0);
      const mail = await until('the answer in the Maildir', () => mailed().slice(before)[0]);
      const address = /^From:\s[^<]*<(sms\+r1[^@\s]+@sms\.example\.com)>/m.exec(mail)?.[1] ?? '';
      expect(address, mail).to.not.equal('');
      const stranger = await connected();
      expect(await rcpt(stranger, address, 'eve@office.example')).to.match(/^550 5\.1\.1 /);
      const turned = address.replace(/.(?=@)/, (last) => (last === 'a' ? 'b' : 'a'));
      expect(await rcpt(stranger, turned)).to.match(/^550 5\.1\.1 /);
      expect(await rcpt(stranger, address)).to.match(/^250 /);
    });
  });

  describe('what is left behind', () => {
    it('is a warning of check where an address is an open door', async () => {
      const path = join(product.dir, 'open.yaml');
      const helpers = [{ address: 'door', forward: `sms:+15550000071?user=member&pass=${PASSWORD.member}` }];
      writeFileSync(path, stringify({ dataDir: './other', helpers }));
      const { code, stdout, stderr } = await product.cli('check', '--config', path);
      expect(code).to.equal(0);
      expect(stdout + stderr).to.contain(
        'lets everybody who knows the address send at the cost of the account',
      );
      expect(stdout + stderr).to.not.contain(PASSWORD.member);
    });

    it('is no password, neither in a log line nor in a mail nor in a file of the store', async () => {
      // The header of a mail repeats the address with its password.
      const client = await connected(RELAY);
      const mail = `To: <"sms:+15550000017?user=member&pass=${PASSWORD.member}"@sms.example.com>\r\n\r\nkeep it`;
      expect(
        await send(client, `"sms:+15550000017?user=member&pass=${PASSWORD.member}"@sms.example.com`, mail),
      ).to.match(/^250 /);
      await heard(product, '+15550000017', 'keep it');
      expect(await product.stop()).to.equal(0);
      const files = readdirSync(join(product.dir, 'data'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      const places: [name: string, content: Buffer][] = [
        ['the log', Buffer.from(product.output)],
        ...files.map((file): [string, Buffer] => [file, readFileSync(file)]),
      ];
      // What was sent can be found, so what must not be there would be.
      const holding = (text: string): string[] =>
        places
          .filter(([, content]) => content.includes(text) || content.includes(Buffer.from(text, 'utf16le')))
          .map(([name]) => name.replace(product.dir, ''));
      expect(holding('to the open list').join())
        .to.match(/Maildir/)
        .and.to.match(/\.mdb/);
      expect(holding('login refused')).to.deep.equal(['the log']);
      for (const password of Object.values(PASSWORD)) {
        expect(holding(password), password).to.deep.equal([]);
        expect(holding(Buffer.from(password).toString('base64')), password).to.deep.equal([]);
      }
      const exchanged = login('john@office.example', PASSWORD.john).slice('AUTH PLAIN '.length);
      expect(holding(exchanged)).to.deep.equal([]);
    });
  });
});

describe('slow clients', () => {
  let product: Product;
  const clients: WireClient[] = [];

  before(async () => {
    product = await new Product({
      smtp: { listen: '127.0.0.1:0', hostname: 'sms.example.com', trusted: [`${RELAY}/32`], timeout: '1s' },
    }).start();
  });
  after(async () => {
    for (const client of clients) client.close();
    await product?.dispose();
  });

  it('that never finish a command do not keep others waiting, and are shown the door', async () => {
    for (let n = 0; n < 100; n++) {
      const client = await WireClient.open(product.port(), { from: `127.0.1.${(n % 10) + 1}` });
      clients.push(client);
      client.write('EH');
    }
    const relay = await WireClient.open(product.port(), { from: RELAY });
    clients.push(relay);
    await dialogue(
      relay,
      `S: 220
       C: EHLO relay.example
       S: 250-*
       S: 250
       C: MAIL FROM:<john@office.example>
       S: 250
       C: RCPT TO:<+15550000020@sms.example.com>
       S: 250
       C: DATA
       S: 354
       C: served meanwhile
       C: .
       S: 250`,
    );
    // Octets that trickle in do not count as patience.
    const slow = clients.slice(0, 100);
    const ended = slow.map(async (client) => {
      await until('the end of a slow session', async () => {
        if (!client.unread.includes('421 4.4.2')) client.write('L');
        return client.unread.includes('421 4.4.2') || undefined;
      });
    });
    await Promise.all(ended);
  });
});
