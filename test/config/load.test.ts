import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { Secret } from '../../lib/base/secret.ts';
import { loading } from './loading.ts';

describe('loadConfig', () => {
  describe('without a file', () => {
    it('runs on the embedded defaults', async () => {
      const { config, file, warnings } = await loading({}).load();
      expect(file).to.equal(undefined);
      expect(warnings).to.deep.equal([]);
      expect(config.dataDir).to.equal('/etc/mailsms/data');
      expect(config.domains).to.deep.equal([{ name: 'sms.localhost' }]);
      expect(config.smtp.listen).to.deep.equal([{ host: '127.0.0.1', port: 2525 }]);
      expect(config.smtp.implicitTls).to.deep.equal([]);
      expect(config.smtp.trusted).to.deep.equal(['127.0.0.0/8', '::1/128']);
      expect(config.smtp.maxSize).to.equal(10 * 1024 * 1024);
      expect(config.http.listen).to.deep.equal([{ host: '127.0.0.1', port: 8025 }]);
      expect(config).not.to.have.property('lmtp');
      expect(config.mail).to.deep.equal({
        from: 'MAILER-DAEMON@sms.localhost',
        maildir: '/etc/mailsms/data/Maildir',
      });
      expect(config.queue).to.deep.equal({
        expireMinutes: 7200,
        warnMinutes: 240,
        retry: [30e3, 60e3, 300e3, 900e3, 3600e3],
        unknown: 'resend',
        dedupe: 864e5,
        keep: 30 * 864e5,
      });
      expect(config.gateways.map(({ id, type, from }) => ({ id, type, from }))).to.deep.equal([
        { id: 'phone', type: 'virtual', from: 'sms:%s@sms.localhost' },
      ]);
      expect(config.accounts).to.deep.equal([]);
    });

    it('takes the time zone of the system', async () => {
      const { config } = await loading({}).load();
      expect(config.zone).to.equal(Intl.DateTimeFormat().resolvedOptions().timeZone);
    });

    for (const [terminal, format] of [
      [true, 'pretty'],
      [false, 'json'],
    ] as const) {
      it(`logs ${format} where output ${terminal ? 'goes' : 'does not go'} to a terminal`, async () => {
        const { config } = await loading({}).load({ terminal });
        expect(config.log.format).to.equal(format);
      });
    }
  });

  describe('finds its file', () => {
    const files = {
      '/etc/mailsms/mailsms.yaml': 'domains: [{ name: by.default }]\ngateways: []',
      '/etc/mailsms/other.yaml': 'domains: [{ name: by.variable }]\ngateways: []',
      '/srv/named.yaml': 'domains: [{ name: by.option }]\ngateways: []',
    };

    it('in the working directory, as mailsms.yaml', async () => {
      const { config, file } = await loading(files).load();
      expect([config.domains[0]?.name, file]).to.deep.equal(['by.default', '/etc/mailsms/mailsms.yaml']);
    });

    it('by MAILSMS_CONFIG rather than there', async () => {
      const { config, file } = await loading(files).load({ env: { MAILSMS_CONFIG: 'other.yaml' } });
      expect([config.domains[0]?.name, file]).to.deep.equal(['by.variable', '/etc/mailsms/other.yaml']);
    });

    it('by its option before all', async () => {
      const { config } = await loading(files).load({
        file: '/srv/named.yaml',
        env: { MAILSMS_CONFIG: 'other.yaml' },
      });
      expect(config.domains[0]?.name).to.equal('by.option');
    });

    it('and does not fall back to the defaults where a named one is not there', async () => {
      expect(await loading(files).problems({ file: 'nowhere.yaml' })).to.deep.equal([
        'nowhere.yaml: there is no such file',
      ]);
      expect(await loading(files).problems({ env: { MAILSMS_CONFIG: 'nowhere.yaml' } })).to.deep.equal([
        'nowhere.yaml: there is no such file (named by MAILSMS_CONFIG)',
      ]);
    });

    it('and says why it cannot be read', async () => {
      const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
      const problems = await loading({}).problems({ readFile: () => Promise.reject(denied) });
      expect(problems).to.deep.equal(['mailsms.yaml: the file cannot be read: EACCES: permission denied']);
    });
  });

  describe('reads', () => {
    it('the example of the documentation', async () => {
      const text = await readFile(new URL('../../fixtures/config/first-issue.yaml', import.meta.url), 'utf8');
      const { config, warnings } = await loading({ '/etc/mailsms/mailsms.yaml': text }).load();
      expect(warnings).to.deep.equal([]);
      expect(config.domains).to.deep.equal([{ name: 'sms.example.com', country: 'US' }]);
      expect(config.mail.relay).to.deep.equal({ protocol: 'smtp', host: '127.0.0.1', port: 25 });
      const [modem, phone] = config.gateways;
      if (modem?.type !== 'modem') throw new Error('the first gateway is a modem');
      expect(modem.device).to.equal('/dev/ttyUSB0');
      expect(modem.pin?.open()).to.equal('1234');
      expect(modem.smsc).to.equal('+15550000000');
      expect(modem.timeouts).to.deep.equal({ read: 16e3, send: 60e3 });
      expect(phone?.type).to.equal('virtual');
      const [john] = config.accounts;
      expect(john?.password).to.be.instanceOf(Secret);
      expect(john?.password?.open()).to.equal('johnpw');
      expect(john).to.include({ user: 'john', monthlyLimit: 100, gateway: 'modem1', active: true });
    });

    it('relative paths from where the file is', async () => {
      const { config } = await loading({
        '/srv/sms/conf.yaml':
          'dataDir: data\ndomains: [{ name: d.example }]\ngateways: []\nmail: { maildir: ./mail }\nlmtp: { listen: "unix:run/lmtp" }',
      }).load({ file: '../../srv/sms/conf.yaml' });
      expect(config.dataDir).to.equal('/srv/sms/data');
      expect(config.mail.maildir).to.equal('/srv/sms/mail');
      expect(config.lmtp).to.deep.equal({ listen: { path: '/srv/sms/run/lmtp' } });
    });

    it('--data from the working directory, over the file', async () => {
      const { config } = await loading({ '/srv/conf.yaml': 'dataDir: /var/lib/sms' }).load({
        file: '/srv/conf.yaml',
        data: './elsewhere',
      });
      expect(config.dataDir).to.equal('/etc/mailsms/elsewhere');
      expect(config.mail.maildir).to.equal('/etc/mailsms/elsewhere/Maildir');
    });

    it('a setting without a value as one that is not set', async () => {
      const { config } = await loading({
        '/etc/mailsms/mailsms.yaml': 'accounts:\n  # - { user: john }\nsmtp:\n  listen:\n',
      }).load();
      expect(config.accounts).to.deep.equal([]);
      expect(config.smtp.listen).to.deep.equal([{ host: '127.0.0.1', port: 2525 }]);
    });

    it('an empty file as the defaults', async () => {
      const { config } = await loading({ '/etc/mailsms/mailsms.yaml': '# nothing yet\n' }).load();
      expect(config.gateways.map(({ id }) => id)).to.deep.equal(['phone']);
    });

    it('anchors and aliases', async () => {
      const { config } = await loading({
        '/etc/mailsms/mailsms.yaml':
          'gateways:\n  - { id: a, type: virtual, from: &from "sms:%s@d.example" }\n  - { id: b, type: virtual, from: *from }',
      }).load();
      expect(config.gateways.map(({ from }) => from)).to.deep.equal(['sms:%s@d.example', 'sms:%s@d.example']);
    });

    it('one listener, several, or none', async () => {
      const { config } = await loading({
        '/etc/mailsms/mailsms.yaml':
          'smtp: { listen: ["127.0.0.1:25", "[::1]:25"] }\nhttp: { listen: false }',
      }).load();
      expect(config.smtp.listen).to.deep.equal([
        { host: '127.0.0.1', port: 25 },
        { host: '::1', port: 25 },
      ]);
      expect(config.http.listen).to.deep.equal([]);
    });

    it('names the defaults after the first domain', async () => {
      const { config } = await loading({
        '/etc/mailsms/mailsms.yaml': 'domains: [{ name: SMS.Example.COM }, { name: vtext.com, carrier: us }]',
      }).load();
      expect(config.domains).to.deep.equal([
        { name: 'sms.example.com' },
        { name: 'vtext.com', carrier: 'US' },
      ]);
      expect(config.smtp.hostname).to.equal('sms.example.com');
      expect(config.mail.from).to.equal('MAILER-DAEMON@sms.example.com');
      expect(config.gateways[0]?.from).to.equal('sms:%s@sms.example.com');
    });
  });
});
