import { expect } from 'chai';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import type { Config } from '../../lib/config/config.ts';
import { printConfig } from '../../lib/config/print.ts';
import { summarise } from '../../lib/config/summary.ts';
import { loadingText } from './loading.ts';

const FULL = `
dataDir: /srv/sms
country: de
zone: Europe/Berlin
domains: [{ name: sms.example.com, country: US }, { name: vtext.com, carrier: US }]
smtp:
  listen: ["0.0.0.0:25", "[::1]:2525"]
  hostname: mx.example.com
  trusted: []
  auth: { required: true, insecure: true }
  maxSize: 1536KB
  timeout: 90s
lmtp: { listen: "unix:/run/sms/lmtp.sock" }
http: { listen: false }
mail: { relay: "lmtp://127.0.0.1", from: postmaster@example.com, maildir: /var/mail/sms }
queue: { retry: [250ms, 90m], unknown: ask, dedupe: 36h, keep: 7d }
text: { maxmsgs: 5, smart: false, automatic: [], template: "{subject}: {text}" }
gateways:
  - id: m
    type: modem
    device: COM16
    timeouts: { send: 2m }
    intervals: { sweep: 15s }
    rtscts: true
    receive: false
    init: ["AT^CURC=0"]
    escalate: [{ after: 3, do: dtr }, { after: 5, do: [uhubctl, -a, cycle] }]
    trace: true
    prefixes: ["+1", "+4917"]
    concatenation: 16
    reports: true
    weight: 3
  - { id: p, type: virtual, active: false, description: "costs $\${5} a day" }
accounts:
  - { user: j, expire: 2027-01-31, maxmsgs: 9 }
log: { level: debug, format: json, bodies: true }
`;

const read = async (text: string): Promise<Config> => (await loadingText(text).load()).config;

describe('the printed configuration', () => {
  it('is a file with the same meaning', async () => {
    const config = await read(FULL);
    expect(await read(printConfig(config))).to.deep.equal(config);
  });

  it('is a file with the same meaning for the defaults too', async () => {
    const config = await read('');
    expect(await read(printConfig(config))).to.deep.equal(config);
  });

  it('keeps every text, whatever is in it', async () => {
    const unit = fc.oneof(
      fc.constantFrom('$', '{', '}', '${', '$${', '${MAILSMS_A}', '#', ': ', '\n', '"'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(unit).map((units) => units.join('')),
        async (description) => {
          const { config } = await loadingText(
            'gateways: [{ id: a, type: virtual, description: "${MAILSMS_TEXT}" }]',
          ).load({ env: { MAILSMS_TEXT: description } });
          expect(config.gateways[0]?.description).to.equal(description);
          expect((await read(printConfig(config))).gateways[0]?.description).to.equal(description);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('has durations and sizes as people write them', async () => {
    const printed = printConfig(await read(FULL));
    for (const line of [
      'maxSize: 1536KB',
      'timeout: 90s',
      '- 250ms',
      '- 90m',
      'dedupe: 36h',
      'keep: 7d',
      'send: 2m',
    ]) {
      expect(printed).to.contain(line);
    }
  });

  it('has *** for every secret', async () => {
    const text = await readFile(new URL('../../fixtures/config/first-issue.yaml', import.meta.url), 'utf8');
    const printed = printConfig(await read(text.replace('smtp://', 'smtp://user:relaypw@')));
    expect(printed).to.contain('password: "***"').and.to.contain('pin: "***"');
    expect(printed).to.contain('relay: smtp://user:***@127.0.0.1:25');
    for (const secret of ['johnpw', '1234', 'relaypw']) expect(printed).not.to.contain(secret);
  });
});

describe('the summary of a configuration', () => {
  it('says what would run', async () => {
    expect(summarise(await read(FULL), new Map([['m', 'not there now']]))).to.equal(
      [
        '  data directory  /srv/sms',
        '  domains         sms.example.com (US)',
        '                  vtext.com (US)',
        '  SMTP in         0.0.0.0:25 (no TLS)',
        '                  [::1]:2525 (no TLS)',
        '  LMTP in         unix:/run/sms/lmtp.sock',
        '  trusted         nobody',
        '  HTTP            none',
        '  mail out        lmtp://127.0.0.1:24',
        '  gateways        m: modem on COM16 (only +1, +4917, not there now)',
        '                  p: virtual, simulated handsets (not active)',
        '  accounts        j (no password, until 2027-01-31)',
      ].join('\n'),
    );
  });

  it('does not list hundreds of accounts', async () => {
    const accounts = Array.from({ length: 300 }, (_, index) => `{ user: u${index} }`).join(', ');
    const summary = summarise(await read(`accounts: [${accounts}]`));
    expect(summary).to.match(/u9 .*\n +and 290 more$/);
  });

  it('shows no password', async () => {
    const summary = summarise(await read('mail: { relay: "smtp://u:hunter2@h.example" }'));
    expect(summary).to.contain('smtp://u:***@h.example:25');
  });
});
