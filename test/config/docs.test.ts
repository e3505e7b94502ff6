import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { configJsonSchema } from '../../lib/config/json-schema.ts';
import { overridesFor, put } from '../../lib/config/environment.ts';
import { loadingText } from './loading.ts';
import { PAGE, settingsIn, withTables, type Setting } from './settings-table.ts';

const env = {
  MAILSMS_LDAP_PASSWORD: 'x',
  MAILSMS_OAUTH_SECRET: 'x',
  MAILSMS_DATABASE: 'postgres://user:pw@127.0.0.1/log',
  MAILSMS_JOHN: 'x',
  MAILSMS_PIN: '1234',
  MAILSMS_PROVIDER_KEY: 'x',
  MAILSMS_RELAY_PASSWORD: 'p@ss',
};

describe('docs/configuration.md', () => {
  let page: string;

  before(async () => {
    page = await readFile(PAGE, 'utf8');
  });

  it('lists every setting as it is: npx tsx test/config/settings-table.ts puts that right', () => {
    expect(page).to.equal(withTables(page));
  });

  it('has only examples that are valid, without a warning', async () => {
    const examples = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
    expect(examples.length).to.be.at.least(4);
    for (const text of examples) {
      const { warnings } = await loadingText(text).load({ env });
      const meant = warnings.filter(({ message }) => !message.startsWith('is not set'));
      expect(meant, text).to.deep.equal([]);
    }
  });

  it('has the example that others script against', async () => {
    const example = await readFile(
      new URL('../../fixtures/config/first-issue.yaml', import.meta.url),
      'utf8',
    );
    expect(page).to.contain(example);
  });

  it('names the variables that set secrets', () => {
    const variables = overridesFor({
      gateways: [{ id: '<ID>', type: 'modem' }],
      accounts: [{ user: '<USER>' }],
    });
    expect(variables).to.have.length(3);
    for (const { variable } of variables)
      expect(page).to.contain(`\`${variable.replace(/__(ID|USER)__/, '_<$1>_')}\``);
  });
});

describe('the example of a setting', () => {
  for (const setting of settingsIn(configJsonSchema(), '')) valid(setting);
});

/** What an entry of a list, or a group, needs beside the setting. */
const NEEDED: Readonly<Record<string, unknown>> = {
  'domains[]': { domains: [{ name: 'sms.example.com' }] },
  'accounts[]': { gateways: [{ id: 'modem1', type: 'virtual' }], accounts: [{ user: 'john' }] },
  'mail.dkim': { mail: { dkim: { domain: 'sms.example.com', selector: 's', keyFile: '/dkim.pem' } } },
  'helpers[]': { helpers: [{ address: 'page', forward: 'sms:+15551234567' }] },
  'lists[]': { lists: [{ address: 'night', members: ['sms:+15551234567'] }] },
};

/** An entry of each kind, for settings that not all kinds have. */
const BACKENDS: Readonly<Record<string, object>> = {
  dovecot: { socket: '/run/auth' },
  ldap: { url: 'ldap://127.0.0.1', dn: 'uid=%u,dc=example' },
  smtp: { url: 'smtp://127.0.0.1' },
  imap: { url: 'imap://127.0.0.1' },
  oauth: { introspection: 'https://id.example.com/introspect' },
};

/** The gateway for an example, of a kind that has the setting and with what it needs beside it. */
function gatewayFor({ path, kinds = ['modem'] }: Setting, example: unknown): object {
  const kind = path === 'gateways[].type' ? String(example) : (kinds[0] ?? '');
  const [, name = '', part = ''] = path.split('.');
  const common = { id: 'gw', type: kind };
  const gateway = (own: object): object => ({ gateways: [{ ...common, ...own }] });
  if (kind === 'virtual') return gateway({});
  if (kind === 'modem')
    return gateway({
      device: '/dev/ttyUSB0',
      ...(name === 'escalate[]' ? { escalate: [{ after: 3, do: 'reset' }] } : {}),
    });
  if (name === 'preset') return gateway({ settings: { accountSid: 'AC1', authToken: 'secret' } });
  if (name === 'settings') return gateway({ preset: 'seven' });
  if (name === 'clientKey' || name === 'clientKeyPassword')
    return gateway({ url: TEMPLATE, clientCert: 'cert.pem' });
  if (name !== 'request') return gateway({ url: TEMPLATE });
  const auth = path.startsWith('gateways[].request.auth.') ? { auth: AUTH[path.split('.')[3] ?? ''] } : {};
  const failure = part === 'failure[]' ? { failure: [{ when: { status: 400 }, kind: 'down' }] } : {};
  const method = part === 'method' ? { form: { to: '%number%', text: '%data%' } } : {};
  return gateway({ request: { url: TEMPLATE, ...method, ...failure, ...auth } });
}

const TEMPLATE = 'https://sms.example.com/send?to=%number%&text=%data%';

/** Each way to authenticate with what it needs. */
const AUTH: Readonly<Record<string, object>> = {
  basic: { basic: { user: 'a', password: 'b' } },
  header: { header: { name: 'a', value: 'b' } },
  query: { query: { name: 'a', value: 'b' } },
  oauth2: { oauth2: { tokenUrl: 'https://id.example.com', clientId: 'a', clientSecret: 'b' } },
  'aws-sigv4': { 'aws-sigv4': { accessKeyId: 'a', secretAccessKey: 'b', region: 'c', service: 'd' } },
  'jwt-rs256': { 'jwt-rs256': { key: 'a', claims: {} } },
  mac: { mac: { id: 'a', key: 'b' } },
};

/** Settings that exclude each other, and what must be gone for the first. */
const INSTEAD: Readonly<Record<string, string>> = { userinfo: 'introspection', base: 'dn' };

/** The backend for an example, of a kind that has the setting. */
function backendFor({ path, kinds = ['dovecot'] }: Setting, example: unknown): object {
  const kind = path.endsWith('.type')
    ? String(example)
    : (kinds.find((each) => typeof example === 'string' && example.startsWith(each)) ?? kinds[0] ?? '');
  const entry: Record<string, unknown> = { type: kind, ...BACKENDS[kind] };
  const name = path.split('.').at(-1) ?? '';
  if (['base', 'filter', 'attribute', 'bindDn', 'bindPassword'].includes(name)) {
    delete entry['dn'];
    Object.assign(entry, { base: 'dc=example', filter: '(uid=%u)', attribute: 'uid' });
    if (name.startsWith('bind')) Object.assign(entry, { bindDn: 'cn=a', bindPassword: 'b' });
  }
  if (name === 'clientId' || name === 'clientSecret')
    Object.assign(entry, { clientId: 'a', clientSecret: 'b' });
  const instead = INSTEAD[name];
  if (instead !== undefined) delete entry[instead];
  return { auth: { backends: [entry] } };
}

function valid(setting: Setting): void {
  const { path, schema } = setting;
  for (const example of schema.examples ?? []) {
    it(`is valid: ${path}: ${JSON.stringify(example)}`, async () => {
      const nearest = Object.keys(NEEDED)
        .filter((list) => path.startsWith(list))
        .sort()
        .at(-1);
      const file: unknown = path.startsWith('auth.backends[]')
        ? backendFor(setting, example)
        : path.startsWith('gateways[]')
          ? gatewayFor(setting, example)
          : structuredClone(NEEDED[nearest ?? ''] ?? {});
      const steps = path.split(/\.|(?=\[\])/).map((step) => (step === '[]' ? 0 : step));
      put(file, steps, example);
      if (path === 'smtp.implicitTls') {
        expect(await loadingText(stringify(file)).problems()).to.match(/needs a certificate/);
        return;
      }
      if (path.startsWith('smtp.tls.'))
        put(file, ['smtp', 'tls'], { cert: 'tls/fullchain.pem', key: 'tls/privkey.pem' });
      const { load, problems } = loadingText(stringify(file));
      if (/^smtp\.tls\.|^mail\.(?:ca$|dkim\.)/.test(path)) {
        // The form is good; only the files are not there.
        for (const problem of await problems()) expect(problem).to.contain('cannot be read: ENOENT');
      } else await load({ env });
    });
  }
}
