import { expect } from 'chai';
import fc from 'fast-check';
import { inspect } from 'node:util';
import { ConfigError } from '../../lib/config/problem.ts';
import { headline, printProblem } from '../../lib/settings/problem.ts';
import { loadingText } from './loading.ts';

describe('secrets of the configuration', () => {
  describe('from the environment', () => {
    it('stand for ${MAILSMS_...} anywhere in a text', async () => {
      const { config } = await loadingText(
        'dataDir: /srv/${MAILSMS_NODE}/data\naccounts: [{ user: john, password: "${MAILSMS_JOHN}" }]',
      ).load({ env: { MAILSMS_NODE: 'n1', MAILSMS_JOHN: 'pä$${ss' } });
      expect(config.dataDir).to.equal('/srv/n1/data');
      expect(config.accounts[0]?.password?.open()).to.equal('pä$${ss');
    });

    it('are escaped where they are part of the URL of the relay', async () => {
      const { config } = await loadingText('mail: { relay: "smtp://sms:${MAILSMS_RELAY}@h.example" }').load({
        env: { MAILSMS_RELAY: 'p@ss/w:rd%' },
      });
      expect(config.mail.relay?.password?.open()).to.equal('p@ss/w:rd%');
    });

    it('are not looked into for more references', async () => {
      const { config } = await loadingText('accounts: [{ user: j, password: "${MAILSMS_A}" }]').load({
        env: { MAILSMS_A: '${MAILSMS_B}', MAILSMS_B: 'no' },
      });
      expect(config.accounts[0]?.password?.open()).to.equal('${MAILSMS_B}');
    });

    it('leave $${ as a plain ${', async () => {
      const { config } = await loadingText('accounts: [{ user: j, password: "a$${HOME}b" }]').load();
      expect(config.accounts[0]?.password?.open()).to.equal('a${HOME}b');
    });

    const wrong: readonly (readonly [name: string, text: string, problem: string])[] = [
      [
        'a variable that is not set',
        'accounts:\n  - { user: j, password: "${MAILSMS_JHON}" }',
        'mailsms.yaml:2:26: accounts[0].password: the environment variable MAILSMS_JHON is not set; did you mean MAILSMS_JOHN?',
      ],
      [
        'a variable of somebody else',
        'dataDir: ${HOME}/sms',
        'mailsms.yaml:1:10: dataDir: ${HOME} cannot be used; only environment variables called MAILSMS_... can; a plain ${ is written $${',
      ],
    ];
    it('are an error where the variable is empty: a blank password is written down', async () => {
      const text = 'accounts: [{ user: j, password: "${MAILSMS_A}", description: "${MAILSMS_A}" }]';
      expect(await loadingText(text).problems({ env: { MAILSMS_A: '' } })).to.deep.equal([
        'mailsms.yaml:1:33: accounts[0].password: the environment variable MAILSMS_A is empty; give it a value, or leave the setting out',
      ]);
      const { config } = await loadingText('accounts: [{ user: j, password: "" }]').load();
      expect(config.accounts[0]?.password?.open()).to.equal('');
    });

    for (const [name, text, problem] of wrong) {
      it(`are an error as ${name}`, async () => {
        const problems = await loadingText(text).problems({ env: { HOME: '/root', MAILSMS_JOHN: 'x' } });
        expect(problems).to.deep.equal([problem]);
      });
    }
  });

  describe('as overrides', () => {
    const text = [
      'domains: [{ name: sms.example.com }]',
      'mail: { relay: "smtp://in.the.file" }',
      'gateways: [{ id: modem-1, type: modem, device: COM1, pin: "0000" }, { id: phone, type: virtual }]',
      'accounts: [{ user: john@example.com }]',
    ].join('\n');

    it('are an error where they are empty', async () => {
      const env = { MAILSMS_ACCOUNT_JOHN_EXAMPLE_COM_PASSWORD: '', MAILSMS_GATEWAY_MODEM_1_PIN: '' };
      expect(await loadingText(text).problems({ env })).to.deep.equal([
        'MAILSMS_GATEWAY_MODEM_1_PIN: gateways[0].pin: is empty; give it a value, or unset it',
        'MAILSMS_ACCOUNT_JOHN_EXAMPLE_COM_PASSWORD: accounts[0].password: is empty; give it a value, or unset it',
      ]);
    });

    it('win over the file', async () => {
      const { config, warnings } = await loadingText(text).load({
        env: {
          MAILSMS_MAIL_RELAY: 'smtps://u:p@by.variable',
          MAILSMS_GATEWAY_MODEM_1_PIN: '4321',
          MAILSMS_ACCOUNT_JOHN_EXAMPLE_COM_PASSWORD: 'secret',
        },
      });
      expect(warnings).to.deep.equal([]);
      expect(config.mail.relay?.host).to.equal('by.variable');
      expect(
        config.gateways.map((each) => (each.type === 'modem' ? each.pin?.open() : undefined)),
      ).to.deep.equal(['4321', undefined]);
      expect(config.accounts[0]?.password?.open()).to.equal('secret');
    });

    it('work without a file', async () => {
      const { config } = await loadingText('').load({ env: { MAILSMS_MAIL_RELAY: 'smtp://h.example' } });
      expect(config.mail.relay).to.deep.equal({ protocol: 'smtp', host: 'h.example', port: 25 });
    });

    it('are named where they are wrong', async () => {
      const problems = await loadingText(text).problems({
        env: { MAILSMS_MAIL_RELAY: 'by.variable', MAILSMS_GATEWAY_MODEM_1_PIN: 'secret' },
      });
      expect(problems).to.deep.equal([
        'MAILSMS_MAIL_RELAY: mail.relay: is not a URL; write it as smtp://mail.example.com:25 or smtps://user:password@mail.example.com',
        'MAILSMS_GATEWAY_MODEM_1_PIN: gateways[0].pin: is not a PIN; a PIN has four to eight digits',
      ]);
    });

    it('are an error where two settings share one', async () => {
      const problems = await loadingText('accounts: [{ user: a.b }, { user: a-b }]').problems({
        env: { MAILSMS_ACCOUNT_A_B_PASSWORD: 'x' },
      });
      expect(problems[0]).to.equal(
        'MAILSMS_ACCOUNT_A_B_PASSWORD: accounts[0].password: stands for accounts[1].password as well; rename one of them',
      );
    });

    it('are a warning where they set nothing', async () => {
      const warnings = await loadingText(text).warnings({
        env: {
          MAILSMS_GATEWAY_MODEM1_PIN: '1234',
          MAILSMS_ACCOUNT_BOB_PASSWORD: 'x',
          MAILSMS_PORT: 'tcp://',
        },
      });
      expect(warnings.slice(0, 2)).to.deep.equal([
        'MAILSMS_GATEWAY_MODEM1_PIN: this environment variable sets nothing; did you mean MAILSMS_GATEWAY_MODEM_1_PIN?',
        'MAILSMS_ACCOUNT_BOB_PASSWORD: this environment variable sets nothing; no gateway or account is called so',
      ]);
      expect(warnings.join()).not.to.contain('MAILSMS_PORT');
    });
  });

  describe('never appear', () => {
    it('where the configuration is printed or logged', async () => {
      const { config } = await loadingText(
        'mail: { relay: "smtp://u:hunter2@h.example" }\naccounts: [{ user: j, password: hunter2 }]',
      ).load();
      expect(JSON.stringify(config)).not.to.contain('hunter2');
      expect(inspect(config, { depth: 10 })).not.to.contain('hunter2');
    });

    const files: readonly (readonly [name: string, text: string])[] = [
      ['beside another mistake', 'accounts: [{ usr: j, password: hunter2 }]'],
      ['under a misspelt name', 'accounts: [{ user: j, pasword: hunter2 }]'],
      ['under a name in another style', 'accounts: [{ user: j, PASSWD: hunter2 }]'],
      ['in quotes', "accounts: [{ usr: j, password: 'hunter2' }]"],
      ['as JSON', '{"accounts":[{"usr":"j","password":"hunter2"}]}'],
      [
        'in a line of its own',
        'accounts:\n  - usr: j\n    password: |\n      hunter2\n      hunter2\n    x: 1',
      ],
      ['in a list where text is wanted', 'accounts:\n  - { user: j, password: [hunter2] }'],
      ['in a group where text is wanted', 'accounts:\n  - { user: j, password: { value: hunter2 } }'],
      ['in the URL of the relay', 'mail: { relay: "smtp://u:hunter2@h.example:99999" }'],
      ['unescaped in that', 'mail:\n  relay: smtp://u:hunter2@hunter2/hunter2@h.example\n  x: 1'],
      ['in a URL with a wrong scheme', 'mail: { relay: "http://u:hunter2@h.example" }'],
      ['in a URL under a wrong name', 'mail: { url: "smtp://u:hunter2@h.example" }'],
      ['where the syntax is wrong', 'accounts:\n  - { user: j, password: hunter2, [ }'],
      ['where its own syntax is wrong', 'accounts:\n  - user: j\n    password: hunter2: hunter2'],
      ['where its quote is not closed', 'accounts:\n  - { user: j, password: "hunter2 }'],
      ['where the URL’s quote is not closed', 'mail: { relay: "smtp://u:hunter2@h.example }'],
    ];
    for (const [name, text] of files) {
      it(`in what is said about a mistake: ${name}`, async () => {
        const problems = await loadingText(text).fails();
        expect(problems).not.to.deep.equal([]);
        expect(problems.map(printProblem).join('\n')).not.to.contain('hunter2');
        expect(new ConfigError(problems).message).not.to.contain('hunter2');
      });
    }

    it('whatever else stands on the line, and the caret stays where it belongs', async () => {
      const word = fc.stringMatching(/^[a-z]{3,12}$/);
      await fc.assert(
        fc.asyncProperty(word, fc.integer({ min: 0, max: 30 }), async (key, spaces) => {
          const text = `accounts: [{ user: j,${' '.repeat(spaces)} password: s3cr3tvalue, zz${key}: 1 }]`;
          const [problem] = await loadingText(text).fails();
          if (problem?.excerpt === undefined) throw new Error('there is a problem in the file');
          expect(headline(problem)).to.match(new RegExp(`: accounts\\[0\\]\\.zz${key}: unknown setting`));
          expect(problem.excerpt.text).not.to.contain('s3cr3tvalue');
          expect(problem.excerpt.text.slice(problem.excerpt.column - 1)).to.match(new RegExp(`^zz${key}: 1`));
          expect(text.slice((problem.column ?? 0) - 1)).to.match(new RegExp(`^zz${key}: 1`));
        }),
        { numRuns: 50 },
      );
    });
  });
});
