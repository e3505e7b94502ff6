import { expect } from 'chai';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RulesError } from '../../lib/rules/rule-file.ts';
import { outsideLimits } from '../../lib/outside/limits.ts';
import { rulesJsonSchema } from '../../lib/rules/schema.ts';
import { headline } from '../../lib/settings/problem.ts';
import type { CompileContext } from '../../lib/rules/condition.ts';
import { rulesFrom } from './message.ts';

function problems(yaml: string, context: Partial<CompileContext> = {}): string[] {
  try {
    rulesFrom(yaml, context);
    return [];
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    return error.problems.map((each) => headline(each).replace(/^rules\.yaml: ?/, ''));
  }
}

const rule = (inside: string): string => `rules:\n  - title: t\n    ${inside}\n`;
const when = (conditions: string): string => rule(`do: stop\n    when: ${conditions}`);
const act = (actions: string): string => rule(`do: ${actions}`);

describe('a mistake in a rule file', () => {
  const cases: readonly (readonly [yaml: string, ...told: string[]])[] = [
    ['- a', 'the file must hold rules; begin it with "rules:" and a list of rules below'],
    ['{}', 'rules: is missing'],
    ['rules: x', '1:8: rules: must be a list, but is text'],
    ['rule: []', '1:1: rule: unknown setting; did you mean "rules"?'],
    ['rules:\n  - titel: t\n    do: stop', '2:5: rules[0].titel: unknown setting; did you mean "title"?'],
    ['rules:\n  - title: t', '2:5: rules[0].do: is missing'],
    ['rules:\n  - title: t\n   do: stop', '3:1: sequence item without - indicator'],
    [when('{ subjct: { is: x } }'), '4:13: rules[0].when.subjct: unknown setting; did you mean "subject"?'],
    [
      when('{}'),
      '4:11: rules[0].when: names no condition; leave "when" out for all messages, or write { always: true }',
    ],
    [when('{ subject: x }'), '4:22: rules[0].when.subject: must be a group of settings, but is text'],
    [
      when('{ subject: {} }'),
      '4:22: rules[0].when.subject: does not say how to compare; write { contains: TEXT }, or is, starts, ends, wildcard, regex',
    ],
    [
      when('{ subject: { is: x, ends: y } }'),
      '4:22: rules[0].when.subject: compares in several ways: is and ends; use one',
    ],
    [
      when('{ number: { starts: +1 } }'),
      '4:31: rules[0].when.number.starts: must be text, but without quotes YAML reads it as a number; write "+1"',
    ],
    [
      when("{ subject: { regex: '(' } }"),
      '4:22: rules[0].when.subject: "(" is not a regular expression: unterminated group; a + ( ) [ ] { } . * ? ^ $ | or \\ that is meant as it stands gets a \\ in front',
    ],
    [
      when("{ any: [{ body: { regex: 'a**' } }] }"),
      '4:27: rules[0].when.any[0].body: "a**" is not a regular expression: nothing to repeat; a + ( ) [ ] { } . * ? ^ $ | or \\ that is meant as it stands gets a \\ in front',
    ],
    [
      when('{ from: { is: { list: nowhere } } }'),
      '4:19: rules[0].when.from: there is no list "nowhere"; name one of `rules.lists` in the configuration, or a file such as ./known.txt',
    ],
    [
      when('{ size: { over: 10 KBs } }'),
      '4:27: rules[0].when.size.over: is not a size; write it as 10KB or 512B',
    ],
    [when('{ size: {} }'), '4:19: rules[0].when.size: compares with nothing; write over, under or is'],
    [when("{ time: { from: '8:00' } }"), '4:27: rules[0].when.time.from: is not valid; write it as 08:30'],
    [when('{ time: {} }'), '4:19: rules[0].when.time: has no beginning and no end; write it as 08:30'],
    [when('{ weekday: funday }'), '4:22: rules[0].when.weekday: must be sun, mon, tue, wed, thu, fri or sat'],
    [
      when('{ remote: 10.0.0.0/99 }'),
      '4:21: rules[0].when.remote: "10.0.0.0/99" is not a network; write it as 10.0.0.0/8 or 192.0.2.7',
    ],
    [when('{ header: { is: x } }'), '4:21: rules[0].when.header.name: is missing'],
    [
      when("{ header: { name: 'a b', is: x } }"),
      '4:29: rules[0].when.header.name: is not the name of a header field; write it without the colon',
    ],
    [
      when('{ sql: { connection: x, query: SELECT 1 } }'),
      '4:18: rules[0].when.sql: there is no SQL connection "x"; there are crm',
    ],
    [when('{ program: { run: ls } }'), '4:29: rules[0].when.program.run: must be a list, but is text'],
    [
      when("{ program: { run: ['%number%'] } }"),
      '4:22: rules[0].when.program: the program itself cannot come from a message; use variables in its arguments only',
    ],
    [act('stpo'), '3:9: rules[0].do: must be accept, delete, reject or stop'],
    [act('[]'), '3:9: rules[0].do: must not be empty'],
    [act('[stop, {}]'), '3:16: rules[0].do[1]: names no action; write for instance { route: GATEWAY }'],
    [act('{ rout: us }'), '3:11: rules[0].do.rout: unknown setting; did you mean "route"?'],
    [act('{ route: uss }'), '3:18: rules[0].do.route: there is no gateway "uss"; did you mean "us"?'],
    [act('[{ priority: 10 }]'), '3:22: rules[0].do[0].priority: must be at most 9'],
    [
      act('{ parameters: { maxmsg: 1 } }'),
      '3:25: rules[0].do.parameters.maxmsg: unknown setting; did you mean "maxmsgs"?',
    ],
    [
      act("{ text: '%nubmer%' }"),
      '3:17: rules[0].do.text: knows no variable %nubmer%; did you mean "%number%"?',
    ],
    [
      act("{ text: '%number;hxe%' }"),
      '3:17: rules[0].do.text: %number;hxe% has no attribute "hxe"; use hex, b64, interprefix, cut, lower, upper',
    ],
    [
      act("{ url: 'ftp://x' }"),
      '3:16: rules[0].do.url: "ftp://x" is not a URL; write it with http:// or https://',
    ],
    [
      act("{ url: 'https://%number%/' }"),
      '3:16: rules[0].do.url: the server of a URL cannot come from a message; use variables after it only',
    ],
    [act('{ url: { body: x } }'), '3:16: rules[0].do.url: has no URL; write { get: URL } or { post: URL }'],
    [
      act('{ url: { get: "http://x", post: "http://x" } }'),
      '3:16: rules[0].do.url: has two URLs; use get or post',
    ],
    [
      act(`{ sql: { connection: crm, statement: "SELECT '%%from%% x'" } }`),
      "3:16: rules[0].do.sql: a variable of a statement cannot stand inside a quoted text; values are bound: write LIKE '%' || %number%",
    ],
    [
      act('{ sql: { connection: crm, statement: SELECT 1, timeout: 1h } }'),
      '3:65: rules[0].do.sql.timeout: must be between nothing and 5 minutes; write it as 500ms, 5s or 1m',
    ],
    [
      act('{ folder: a@b.example/c }'),
      '3:19: rules[0].do.folder: is for incoming messages, and these rules are for outgoing ones',
    ],
    [
      'rules:\n  - { title: a, when: { subjct: { is: x } }, do: stpo }\n  - { title: b, do: { rout: us } }',
      '2:25: rules[0].when.subjct: unknown setting; did you mean "subject"?',
      '2:50: rules[0].do: must be accept, delete, reject or stop',
      '3:23: rules[1].do.rout: unknown setting; did you mean "route"?',
    ],
  ];
  for (const [yaml, ...told] of cases) {
    it(`is told with its place: ${told[0] ?? ''}`, () => {
      expect(problems(yaml, { direction: 'outgoing', connections: ['crm'] })).to.deep.equal(told);
    });
  }
});

describe('what a rule names and there is not', () => {
  const limits = outsideLimits({ programs: ['/opt/hooks'], urls: ['10.0.0.0/8'] });
  const context: Partial<CompileContext> = {
    direction: 'outgoing',
    gateways: ['us', 'Europe'],
    connections: ['crm'],
    outside: limits,
  };
  const cases: readonly (readonly [yaml: string, ...told: string[]])[] = [
    [act('{ route: eu }'), '3:18: rules[0].do.route: there is no gateway "eu"'],
    [
      act("{ rewrite: { in: To, regex: '^(.*)$', with: '$1@uss' } }"),
      '3:20: rules[0].do.rewrite: there is no gateway "uss"; did you mean "us"?',
    ],
    [
      act("{ setHeader: { name: to, value: '%%To%%@uss&maxmsgs=2' } }"),
      '3:22: rules[0].do.setHeader: there is no gateway "uss"; did you mean "us"?',
    ],
    [act("{ setHeader: { name: To, value: '%number%@europe' } }")],
    [act('{ setHeader: { name: To, value: desk@localhost } }')],
    [act("{ setHeader: { name: To, value: '%number%@%user%' } }")],
    [act("{ setHeader: { name: X-To, value: '%number%@uss' } }")],
    [
      when('{ gateway: { is: [us, usa] } }'),
      '4:22: rules[0].when.gateway: there is no gateway "usa"; did you mean "us"?',
    ],
    [when("{ gateway: { is: '' } }")],
    [
      act("{ sql: { connection: crn, statement: 'SELECT 1' } }"),
      '3:16: rules[0].do.sql: there is no SQL connection "crn"; there are crm',
    ],
    [
      when("{ sql: { connection: crn, query: 'SELECT 1' } }"),
      '4:18: rules[0].when.sql: there is no SQL connection "crn"; there are crm',
    ],
    [
      act('{ program: { run: [/bin/echo] } }'),
      '3:20: rules[0].do.program: "/bin/echo" is not among the allowed programs (outside.programs)',
    ],
    [
      when('{ not: { program: { run: [hooks/x] } } }'),
      '4:29: rules[0].when.not.program: "hooks/x" is not an absolute path',
    ],
    [act('{ program: { run: [/opt/hooks/x] } }')],
    [
      act("{ url: 'http://127.0.0.1:8080/' }"),
      '3:16: rules[0].do.url: 127.0.0.1 is not public (loopback) and not allowed (outside.urls)',
    ],
    [
      act("{ url: { post: 'http://u:p@[::1]/' } }"),
      '3:16: rules[0].do.url: ::1 is not public (loopback) and not allowed (outside.urls)',
    ],
    [act("{ url: 'http://10.1.2.3/' }")],
    [act("{ url: 'http://localhost/' }")],
  ];
  for (const [yaml, ...told] of cases) {
    it(`${told[0] ?? 'nothing'}: ${yaml.replace(/^.*\n.*\n|\s+$/g, '').trim()}`, () => {
      expect(problems(yaml, context)).to.deep.equal(told);
    });
  }

  it('may be anything where that is not known', () => {
    for (const [yaml] of cases) {
      const relative = yaml.includes('run:');
      const told = problems(yaml, { direction: 'outgoing', gateways: 'any' });
      if (!relative) expect(told, yaml).to.deep.equal([]);
    }
  });

  it('is told for the rules the way they go: To of incoming messages is a header field', () => {
    const yaml = act("{ setHeader: { name: To, value: '%number%@uss' } }");
    expect(problems(yaml, { ...context, direction: 'incoming' })).to.deep.equal([]);
  });
});

describe('a secret in a rule file', () => {
  const wrong = [
    "do: { url: 'https://x.example/?pass=hunter2&n=%nubmer%' }",
    "do: { url: 'https://x.example/?a=1&PIN=hunter2' ",
  ];
  for (const bad of wrong) {
    it(`is not shown with a mistake beside it: ${bad}`, () => {
      let error: unknown;
      try {
        rulesFrom(rule(bad));
      } catch (caught) {
        error = caught;
      }
      expect(error).to.be.instanceOf(RulesError);
      expect(error).to.have.property('message').that.does.not.contain('hunter2');
    });
  }
});

describe('the JSON Schema of rule files', () => {
  const schema = rulesJsonSchema();
  const validate = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);
  const folder = resolve(import.meta.dirname, '../../rules');

  for (const name of ['outgoing', 'incoming'].flatMap((each) =>
    readdirSync(join(folder, each)).map((file) => join(each, file)),
  )) {
    it(`takes ${name}`, () => {
      validate(parse(readFileSync(join(folder, name), 'utf8')));
      expect(validate.errors ?? []).to.deep.equal([]);
    });
  }

  for (const bad of [
    'rules: 1',
    when('{ subjct: { is: x } }'),
    act('stpo'),
    act('{ rout: us }'),
    rule('do: stop\n    x: 1'),
  ]) {
    it(`refuses ${JSON.stringify(bad)}`, () => {
      expect(validate(parse(bad))).to.equal(false);
    });
  }

  it('describes every condition and every action', () => {
    for (const group of ['conditions', 'actions']) {
      const { properties = {} } = schema.definitions?.[group] ?? {};
      expect(Object.keys(properties)).to.have.length.greaterThan(10);
      for (const [name, setting] of Object.entries(properties)) {
        expect(setting.description, `${group} ${name}`).to.match(/\.$/);
      }
    }
  });
});
