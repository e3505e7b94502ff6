import { expect } from 'chai';
import { loadingText } from './loading.ts';

const REST = 'domains: [{ name: sms.example.com }]\ngateways: [{ id: phone, type: virtual }]\n';

const CASES: readonly (readonly [name: string, text: string, ...warnings: string[]])[] = [
  ['nothing odd', REST],
  [
    'no gateways named',
    'domains: [{ name: sms.example.com }]',
    'gateways: is not set, so a virtual gateway takes every message and none reaches a real phone',
  ],
  [
    'no domains named',
    'gateways: [{ id: phone, type: virtual }]',
    'domains: is not set, so only mail for sms.localhost is taken',
  ],
  [
    'an empty list of gateways',
    'domains: [{ name: sms.example.com }]\ngateways: []',
    'gateways: is empty, so every message is refused',
  ],
  [
    'gateways that are all off',
    'domains: [{ name: sms.example.com }]\ngateways: [{ id: phone, type: virtual, active: false }]',
    'gateways: none is active, so every message is refused',
  ],
  [
    'an account on a gateway that is off',
    'domains: [{ name: d.example }]\ngateways: [{ id: a, type: virtual }, { id: b, type: virtual, active: false }]\naccounts: [{ user: j, gateway: b }]',
    'accounts[0].gateway: "b" is not active, so this account\'s messages are refused',
  ],
  [
    'a trace that nobody can read',
    'domains: [{ name: d.example }]\ngateways: [{ id: a, type: modem, device: COM1, trace: true }]',
    'gateways[0].trace: writes nothing, because log.level is info; set log.level to debug',
  ],
  [
    'a trace that can be read',
    'domains: [{ name: d.example }]\ngateways: [{ id: a, type: modem, device: COM1, trace: true }]\nlog: { level: debug }',
  ],
  [
    'trust in everybody',
    `${REST}smtp: { trusted: [10.0.0.0/8, 0.0.0.0/0] }`,
    'smtp.trusted[1]: "0.0.0.0/0" lets everybody send, without a login and in any name',
  ],
  [
    'logins from outside without TLS',
    `${REST}smtp: { listen: "0.0.0.0:25" }\naccounts: [{ user: j, password: x }]`,
    'smtp.listen: is open to other machines, but without a certificate they cannot log in; set smtp.tls',
  ],
  [
    'passwords in the clear',
    `${REST}smtp: { listen: "0.0.0.0:25", auth: { insecure: true } }\naccounts: [{ user: j, password: x }]`,
    'smtp.listen: takes passwords unencrypted from other machines; set smtp.tls',
  ],
  ['logins on this machine alone', `${REST}accounts: [{ user: j, password: x }]`],
  [
    'a blank password that opens the account',
    `${REST}auth: { blankPasswords: true }\naccounts: [{ user: j, password: "" }]`,
    'accounts[0].password: is empty, so whoever may connect can send as "j"',
  ],
  [
    'a blank password that opens nothing',
    `${REST}accounts: [{ user: j, password: "" }]`,
    'accounts[0].password: is empty, so nobody can log in with it; set auth.blankPasswords, or leave the password out',
  ],
  [
    'no way in',
    `${REST}smtp: { listen: false }`,
    'smtp.listen: is off and there is no lmtp.listen, so no mail comes in',
  ],
  ['LMTP instead of SMTP', `${REST}smtp: { listen: false }\nlmtp: { listen: "127.0.0.1:24" }`],
  [
    'nobody who could log in',
    `${REST}smtp: { trusted: [], auth: { required: true } }`,
    'smtp.auth.required: is set, but there is no account with a password and nobody is trusted, so nobody can send',
  ],
  [
    'a relay that is ourselves',
    `${REST}mail: { relay: "smtp://127.0.0.1:2525" }`,
    'mail.relay: is our own SMTP server, which takes no mail for people',
  ],
];

describe('a warning', () => {
  for (const [name, text, ...warnings] of CASES) {
    it(`is ${warnings.length === 0 ? 'not ' : ''}given for ${name}`, async () => {
      const given = (await loadingText(text).load()).warnings;
      expect(
        given.map(({ path, message, hint }) => `${path}: ${message}${hint === undefined ? '' : `; ${hint}`}`),
      ).to.deep.equal(warnings);
    });
  }

  it('has its place in the file', async () => {
    const text = `${REST}smtp:\n  trusted: [0.0.0.0/0]`;
    expect(await loadingText(text).warnings()).to.deep.equal([
      'mailsms.yaml:4:13: smtp.trusted[0]: "0.0.0.0/0" lets everybody send, without a login and in any name',
    ]);
  });

  describe('is given for a file that everybody can read', () => {
    const secret = `${REST}accounts: [{ user: j, password: x }]`;
    const words =
      'mailsms.yaml: every user of this machine can read the passwords in this file; chmod o-r, or take them from the environment';
    for (const [name, text, mode, expected] of [
      ['with a password', secret, 0o100644, [words]],
      ['only by its group, with a password', secret, 0o100640, []],
      ['without a secret', REST, 0o100644, []],
      [
        'with a password from the environment',
        secret.replace('password: x', 'password: "${MAILSMS_X}"'),
        0o100644,
        [],
      ],
      ['where there are no permissions', secret, undefined, []],
    ] as const) {
      it(`${expected.length === 0 ? 'but not ' : ''}${name}`, async () => {
        const warnings = await loadingText(text).warnings({
          modeOf: () => Promise.resolve(mode),
          env: { MAILSMS_X: 'x' },
        });
        expect(warnings).to.deep.equal(expected);
      });
    }
  });
});
