import { expect } from 'chai';
import { ACTION_NAMES } from '../../lib/rules/actions/actions.ts';
import type { RuleMessage } from '../../lib/rules/message.ts';
import type { Outcome, Verdict } from '../../lib/rules/verdict.ts';
import { incoming, outgoing, rulesFrom } from './message.ts';

/** What one rule with these actions, in YAML flow style, makes of a message. */
function run(actions: string, message: RuleMessage = outgoing()): Outcome {
  return rulesFrom(`rules:\n  - title: t\n    do: ${actions}\n`).decide(message);
}

function verdict(actions: string, message?: RuleMessage): Verdict {
  return run(actions, message).verdict;
}

function note(actions: string, message?: RuleMessage): string | undefined {
  const [action] = run(actions, message).trace.rules[0]?.actions ?? [];
  return action?.result === 'skipped' ? action.note : undefined;
}

const JANE = { name: 'From', value: 'Jane Doe <jane@example.com>' };
const DOWN = { name: 'Subject', value: 'Server down' };
const TESTED = new Set<string>();

function action(name: string, tests: () => void): void {
  TESTED.add(name);
  describe(name, tests);
}

describe('an action', () => {
  action('route', () => {
    it('chooses the gateway and keeps number and parameters', () => {
      const message = outgoing({ parameters: [{ name: 'maxmsgs', value: '2' }] });
      expect(verdict('{ route: US }', message).to).to.deep.include({
        gateway: 'us',
        text: '+15551234567@us&maxmsgs=2',
      });
    });
    it('chooses it over another', () => {
      expect(verdict('{ route: eu }', outgoing({ gateway: 'us' })).to?.text).to.equal('+15551234567@eu');
    });
    it('may take it from the message', () => {
      expect(
        verdict("{ route: '%%X-Gateway%%' }", outgoing({ headers: [{ name: 'x-gateway', value: 'us' }] })).to
          ?.text,
      ).to.equal('+15551234567@us');
      expect(note("{ route: '%%X-Gateway%%' }")).to.equal('there is no gateway ""');
    });
    it('is skipped for a message from a phone, and for one that goes to an address', () => {
      expect(note('{ route: us }', incoming())).to.equal('it is for outgoing messages only');
      const { trace } = run('[{ setHeader: { name: To, value: a@b.example } }, { route: us }]');
      expect(trace.rules[0]?.actions[1]?.note).to.equal('the message does not go to a phone');
    });
  });

  action('parameters', () => {
    it('are laid over those of the address', () => {
      const message = outgoing({
        parameters: [
          { name: 'maxmsgs', value: '2' },
          { name: 'flash', value: '1' },
        ],
      });
      const { to } = verdict(
        "{ parameters: { maxmsgs: 3, flash: '', sender: '%sender_phonealias%', report: true } }",
        message,
      );
      expect(to).to.deep.include({
        parameters: [
          { name: 'maxmsgs', value: '3' },
          { name: 'sender', value: '+15559990000' },
          { name: 'report', value: '1' },
        ],
        text: '+15551234567&maxmsgs=3&sender=%2B15559990000&report=1',
      });
    });
  });

  action('setHeader', () => {
    it('replaces all fields of the name by one', () => {
      const headers = [{ name: 'x-a', value: '1' }, JANE, { name: 'X-A', value: '2' }];
      expect(
        verdict('{ setHeader: { name: X-A, value: "%%x-a%%!" } }', outgoing({ headers })).headers,
      ).to.deep.equal([{ name: 'X-A', value: '1!' }, JANE]);
    });
    it('tells a changed subject apart', () => {
      expect(verdict('{ setHeader: { name: subject, value: New } }').subject).to.equal('New');
      expect(verdict('{ setHeader: { name: X-A, value: New } }')).not.to.have.property('subject');
    });
    it('changes the destination of an outgoing message', () => {
      expect(verdict("{ setHeader: { name: To, value: '%%To%%@us' } }").to?.text).to.equal('+15551234567@us');
      expect(verdict('{ setHeader: { name: To, value: desk@example.com } }').to).to.deep.equal({
        kind: 'mail',
        address: 'desk@example.com',
        text: 'desk@example.com',
      });
      expect(note('{ setHeader: { name: To, value: nobody } }')).to.equal(
        '"nobody" is neither a number nor an address',
      );
    });
    it('sets To of a message from a phone like any other field', () => {
      expect(
        verdict('{ setHeader: { name: To, value: all@example.com } }', incoming()).headers,
      ).to.deep.include({
        name: 'To',
        value: 'all@example.com',
      });
    });
  });

  action('addHeader', () => {
    it('adds a field', () => {
      expect(verdict("{ addHeader: { name: X-Number, value: '%number%' } }").headers).to.deep.equal([
        JANE,
        DOWN,
        { name: 'X-Number', value: '+15551234567' },
      ]);
      expect(note("{ addHeader: { name: To, value: '1' } }")).to.equal('a message has one destination');
    });
  });

  action('deleteHeader', () => {
    it('takes fields away, all or those that match', () => {
      expect(verdict('{ deleteHeader: SUBJECT }').headers).to.deep.equal([JANE]);
      const headers = [
        { name: 'X-A', value: 'keep' },
        { name: 'X-A', value: 'drop' },
      ];
      expect(
        verdict('{ deleteHeader: { name: X-A, regex: ^d } }', outgoing({ headers })).headers,
      ).to.deep.equal([{ name: 'X-A', value: 'keep' }]);
      expect(note('{ deleteHeader: X-B }')).to.equal('there is no such field');
      expect(note('{ deleteHeader: To }')).to.equal('a message needs its destination');
    });
  });

  action('rewrite', () => {
    const cases: readonly (readonly [settings: string, subject: string, expected: string | undefined])[] = [
      ["{ in: Subject, regex: '(\\w+) (\\w+)', with: '$2 $1' }", 'Server down now', 'down Server now'],
      ["{ in: Subject, regex: 'o', with: '0' }", 'foo boo', 'f0o boo'],
      ["{ in: Subject, regex: 'o', with: '0', all: true }", 'foo boo', 'f00 b00'],
      ["{ in: Subject, regex: '$', with: '!', all: true }", 'ab', 'ab!'],
      ["{ in: Subject, regex: 'x*', with: '-', all: true }", 'axb', '-a--b-'],
      ["{ in: Subject, regex: 'x*', with: '-', all: true }", '\u{1f600}!', '-\u{1f600}-!-'],
      ["{ in: Subject, regex: 'A', with: 'x', case: true }", 'a', undefined],
      ["{ in: Subject, regex: '(a)|(b)', with: '[$1$2$9]' }", 'b', '[b]'],
      ["{ in: Subject, regex: 'a', with: '$$1 $& %number%' }", 'a', '$1 a +15551234567'],
      ["{ in: Subject, regex: '.+', with: '%%subject%%%%subject%%' }", '%number%', '%number%%number%'],
    ];
    for (const [settings, subject, expected] of cases) {
      it(`${settings} makes ${expected === undefined ? 'nothing' : `"${expected}"`} of "${subject}"`, () => {
        const message = outgoing({ headers: [{ name: 'Subject', value: subject }] });
        expect(verdict(`{ rewrite: ${settings} }`, message).subject).to.equal(expected);
      });
    }
    it('is skipped where the pattern does not match', () => {
      expect(note('{ rewrite: { in: Subject, regex: zz, with: x } }')).to.equal('the pattern does not match');
    });
    it('is skipped where the pattern takes too long', () => {
      const message = outgoing({ text: `${'a'.repeat(60)}b` });
      expect(note("{ rewrite: { in: body, regex: '^(a|a)*$', with: x } }", message)).to.equal(
        'the regular expression ran out of time',
      );
    });
    it('rewrites the text', () => {
      expect(verdict("{ rewrite: { in: body, regex: '(is) (down)', with: '$1 not $2' } }").body).to.equal(
        'The server is not down.',
      );
    });
  });

  action('text', () => {
    it('replaces the text', () => {
      expect(verdict('{ text: "%%subject%%\\n%data%" }').body).to.equal('Server down\nThe server is down.');
    });
  });
  action('prepend', () => {
    it('puts something before the text', () => {
      expect(verdict("{ prepend: 'Example Ltd: ' }").body).to.equal('Example Ltd: The server is down.');
    });
  });
  action('append', () => {
    it('puts something after the text', () => {
      expect(verdict('{ append: "\\n-- %user%" }').body).to.equal('The server is down.\n-- jane');
    });
  });

  action('sender', () => {
    it('sets who gets reports', () => {
      expect(verdict('{ sender: it@example.com }').sender).to.equal('it@example.com');
      expect(note("{ sender: '%%subject%%' }")).to.equal('"Server down" is no address');
    });
  });

  action('priority', () => {
    it('is set', () => {
      expect(verdict('{ priority: -9 }').priority).to.equal(-9);
    });
  });

  for (const kind of ['forward', 'copy', 'archive'] as const) {
    action(kind, () => {
      it('passes the message on as it is by then', () => {
        const { effects, usual } = verdict(
          `[{ prepend: 'FYI ' }, { ${kind}: [a@b.example, 'sms:+15550001111'] }, { append: ' x' }]`,
          incoming(),
        );
        expect(usual).to.equal(kind !== 'forward');
        expect(effects.map((each) => [each.kind, (each.payload as { to: string }).to])).to.deep.equal([
          [kind, 'a@b.example'],
          [kind, 'sms:+15550001111'],
        ]);
        expect(effects[0]).to.have.nested.property('payload.message.text', 'FYI I am late');
        expect(effects[0]).to.have.nested.property('payload.message.hops', 1);
      });
      it('leaves an outgoing message on its way', () => {
        expect(verdict(`{ ${kind}: a@b.example }`).usual).to.equal(true);
      });
      it('needs an address', () => {
        expect(note(`{ ${kind}: '%%X-None%%' }`)).to.equal('"" is no address');
        expect(note(`{ ${kind}: '%%subject%%' }`)).to.equal('"Server down" is no address');
      });
      it('makes a bare number an sms address', () => {
        expect(verdict(`{ ${kind}: '+15550001111@us' }`).effects[0]).to.have.nested.property(
          'payload.to',
          'sms:+15550001111@us',
        );
      });
      it('ends a loop', () => {
        expect(note(`{ ${kind}: a@b.example }`, outgoing({ hops: 5 }))).to.equal(
          'the message has been passed on 5 times: it loops',
        );
      });
    });
  }

  action('send', () => {
    it('makes a message of its own', () => {
      const { effects } = verdict(
        "{ send: { to: 'sms:+15550001111', from: it@example.com, subject: 'S %number%', text: '%%from%%' } }",
      );
      expect(effects[0]?.payload).to.deep.equal({
        to: 'sms:+15550001111',
        from: 'it@example.com',
        subject: 'S +15551234567',
        text: 'Jane Doe <jane@example.com>',
        hops: 1,
        madeBy: ['outgoing:t'],
      });
      expect(note('{ send: { to: nobody, text: x } }')).to.equal('"nobody" is no address');
      expect(note("{ send: { to: a@b.example, from: '%%subject%%', text: x } }")).to.equal(
        '"Server down" is no address',
      );
      expect(note('{ send: { to: a@b.example, text: x } }', outgoing({ hops: 9 }))).to.contain('it loops');
    });
  });

  action('respond', () => {
    it('answers a phone by SMS, a mail by mail', () => {
      expect(verdict('{ respond: Thanks }', incoming()).effects[0]?.payload).to.deep.equal({
        via: 'sms',
        to: '+15551234567',
        gateway: 'modem1',
        subject: 'Re: SMS from +15551234567',
        text: 'Thanks',
        hops: 1,
        madeBy: ['incoming:t'],
      });
      expect(verdict('{ respond: { text: Thanks, subject: Got it } }').effects[0]?.payload).to.deep.equal({
        via: 'mail',
        to: 'jane@example.com',
        subject: 'Got it',
        text: 'Thanks',
        hops: 1,
        madeBy: ['outgoing:t'],
      });
    });
    it('answers nobody', () => {
      const { sender: _, ...bounce } = outgoing();
      expect(note('{ respond: Thanks }', bounce)).to.equal('there is nobody to answer');
      expect(note('{ respond: Thanks }', incoming({ number: '' }))).to.equal('there is nobody to answer');
      expect(note('{ respond: Thanks }', incoming({ hops: 5 }))).to.contain('it loops');
    });
  });

  action('folder', () => {
    it('is a mailbox and its folder', () => {
      expect(verdict('{ folder: desk@example.com/SMS/%country% }', incoming())).to.deep.include({
        folder: { mailbox: 'desk@example.com', folder: 'SMS/US' },
        usual: false,
      });
    });
    for (const bad of ['SMS', 'desk@example.com', 'desk@example.com/', 'desk/SMS']) {
      it(`is not ${bad}`, () => {
        expect(note(`{ folder: ${bad} }`, incoming())).to.equal('it is not of the form user@domain/Folder');
      });
    }
    it('does not lead elsewhere', () => {
      expect(note('{ folder: desk@example.com/a/../../b }', incoming())).to.equal('"a/../../b" is no folder');
      expect(note('{ folder: a@b.example/c }', outgoing())).to.equal('it is for incoming messages only');
    });
  });

  action('program', () => {
    it('has its arguments, its environment and the message', () => {
      const { effects } = verdict("{ program: { run: [/bin/log, -v, '%number%'], timeout: 1m } }");
      expect(effects[0]).to.deep.include({ kind: 'program', rule: 't' });
      const payload = effects[0]?.kind === 'program' ? effects[0].payload : expect.fail('no program');
      expect(payload.program).to.deep.equal(['/bin/log', '-v', '+15551234567']);
      expect(payload.timeoutMs).to.equal(60_000);
      expect(payload.env).to.include({
        MAILSMS_RULE: 't',
        MAILSMS_NUMBER: '+15551234567',
        MAILSMS_SUBJECT: 'Server down',
      });
      expect(payload.input).to.equal(
        'From: Jane Doe <jane@example.com>\nSubject: Server down\nTo: +15551234567\n\nThe server is down.\n',
      );
    });
    it('need not read the message', () => {
      expect(verdict('{ program: { run: [x], input: none } }').effects[0]?.payload).not.to.have.property(
        'input',
      );
    });
  });

  action('url', () => {
    it('is a GET with its values encoded', () => {
      const message = outgoing({ text: 'a b&c=d#é%20' });
      expect(
        verdict("{ url: 'https://x.example/a b?d=%data%&n=%number;interprefix=00%&h=%data;hex%' }", message)
          .effects[0]?.payload,
      ).to.deep.equal({
        method: 'GET',
        url: 'https://x.example/a%20b?d=a%20b%26c%3Dd%23%C3%A9%2520&n=0015551234567&h=612062266323d'.replace(
          '23d',
          '3d6423c3a9253230',
        ),
        headers: [],
        timeoutMs: 10_000,
      });
    });
    const bodies: readonly (readonly [type: string, body: string, expected: string])[] = [
      ['text/plain', '%data%', 'say "hi"\n<&>'],
      ['application/json', '{"t":"%data%"}', '{"t":"say \\"hi\\"\\n<&>"}'],
      ['application/x-www-form-urlencoded', 't=%data%', 't=say%20%22hi%22%0A%3C%26%3E'],
      ['text/xml', '<t>%data%</t>', '<t>say &#34;hi&#34;\n&#60;&#38;&#62;</t>'],
    ];
    for (const [type, body, expected] of bodies) {
      it(`posts ${type} with values fit for it`, () => {
        const message = outgoing({ text: 'say "hi"\n<&>' });
        const { effects } = verdict(
          `{ url: { post: 'http://x.example', type: ${type}, body: '${body}' } }`,
          message,
        );
        expect(effects[0]?.payload).to.deep.include({
          method: 'POST',
          body: expected,
          headers: [{ name: 'Content-Type', value: type }],
        });
      });
    }
    it('posts everything as JSON where nothing else is said', () => {
      const { effects } = verdict(
        "{ url: { post: 'http://x.example', headers: [{ name: X-T, value: '%number%' }] } }",
      );
      const payload = effects[0]?.kind === 'url' ? effects[0].payload : expect.fail('no url');
      expect(JSON.parse(payload.body ?? '')).to.include({
        rule: 't',
        number: '+15551234567',
        text: 'The server is down.',
      });
      expect(payload.headers).to.deep.include({ name: 'X-T', value: '+15551234567' });
    });
  });

  action('sql', () => {
    it('binds its values', () => {
      const { effects } = verdict(
        `{ sql: { connection: crm, statement: "INSERT INTO t VALUES ('%number%', %data%, 'x')" } }`,
      );
      expect(effects[0]?.payload).to.deep.equal({
        connection: 'crm',
        text: ['INSERT INTO t VALUES (', ', ', ", 'x')"],
        values: ['+15551234567', 'The server is down.'],
        timeoutMs: 5000,
      });
    });
  });

  action('accept', () => {
    it('ends the processing', () => {
      expect(verdict('[accept, { priority: 1 }]')).to.deep.include({
        outcome: 'accept',
        rule: 't',
        stopped: true,
        priority: 1,
      });
    });
  });
  action('delete', () => {
    it('keeps the effects of its rule', () => {
      const { outcome, effects } = verdict('{ delete: true, copy: a@b.example }');
      expect(outcome).to.equal('delete');
      expect(effects).to.have.length(1);
    });
  });
  action('reject', () => {
    it('tells why, and leaves no effect', () => {
      const { outcome, text, effects } = verdict(
        "[{ copy: a@b.example }, { reject: 'not to %number%' }, { copy: c@d.example }]",
      );
      expect({ outcome, text, effects }).to.deep.equal({
        outcome: 'reject',
        text: 'not to +15551234567',
        effects: [],
      });
    });
    it('has words of its own', () => {
      expect(verdict('reject').text).to.equal('the message was refused by a rule');
      expect(verdict("{ reject: '%%X-None%%' }").text).to.equal('the message was refused by a rule');
    });
  });
  action('stop', () => {
    it('ends the processing after its rule', () => {
      const set = rulesFrom(
        'rules:\n - title: a\n   do: [stop, { priority: 1 }]\n - title: b\n   do: { priority: 2 }\n',
      );
      expect(set.decide(outgoing()).verdict).to.deep.include({
        outcome: 'accept',
        stopped: true,
        priority: 1,
      });
    });
  });

  it('is tested, each of them', () => {
    expect([...TESTED].sort()).to.deep.equal([...ACTION_NAMES].sort());
  });
});

describe('an outgoing message', () => {
  it('has its destination for To, whatever the mail said', () => {
    const message = outgoing({ headers: [{ name: 'to', value: 'a@b.example, c@d.example' }, DOWN] });
    const made = verdict('[{ addHeader: { name: X-To, value: "%%to%%" } }, { copy: a@b.example }]', message);
    expect(made.headers).to.deep.equal([DOWN, { name: 'X-To', value: '+15551234567' }]);
    expect(made.effects[0])
      .to.have.nested.property('payload.message.headers')
      .that.deep.includes({ name: 'To', value: '+15551234567' });
  });

  it('shows no password of a URL in the trace', () => {
    const { trace } = run("{ url: 'https://me:hunter2@x.example/?pass=hunter2' }");
    expect(trace.rules[0]?.actions[0]?.text).to.equal('GET https://***@x.example/');
  });
});

describe('rules one after the other', () => {
  it('see what the earlier ones made of the message; the later one wins', () => {
    const set = rulesFrom(`
rules:
  - title: a
    do: [{ route: us }, { setHeader: { name: Subject, value: alarm } }]
  - title: b
    when: { subject: { is: alarm }, gateway: { is: us } }
    do: { route: eu }
  - title: off
    active: false
    do: reject
`);
    const { verdict: made, trace } = set.decide(outgoing());
    expect(made.to?.text).to.equal('+15551234567@eu');
    expect(trace.rules.map(({ title, applied }) => [title, applied])).to.deep.equal([
      ['a', true],
      ['b', true],
    ]);
  });

  it('are listed in their order, those that are off too', () => {
    const set = rulesFrom(
      'rules:\n  - { title: a, do: stop }\n  - { title: b, active: false, do: [accept, { route: us }] }\n',
    );
    expect(set.list()).to.deep.equal([
      { title: 'a', place: 'rules.yaml:2', active: true, actions: ['stop'] },
      { title: 'b', place: 'rules.yaml:3', active: false, actions: ['accept', 'route to us'] },
    ]);
  });

  it('without any accept everything as it is', () => {
    expect(rulesFrom('rules: []').decide(outgoing())).to.deep.equal({
      verdict: { outcome: 'accept', stopped: false, usual: true, effects: [] },
      trace: { rules: [], left: 0 },
    });
  });
});
