import { expect } from 'chai';
import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ACTION_NAMES } from '../../lib/rules/actions/actions.ts';
import { CONDITION_NAMES } from '../../lib/rules/conditions.ts';
import type { RuleMessage } from '../../lib/rules/message.ts';
import { RulesError, readRuleFile, ruleFileOf } from '../../lib/rules/rule-file.ts';
import { type RuleSet, compileRules } from '../../lib/rules/rule-set.ts';
import type { ActionEntry, ConditionGroup, RuleData } from '../../lib/rules/schema.ts';
import { incoming, outgoing, rulesFrom } from './message.ts';

const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'alarm',
    '+1555',
    '%number%',
    '%%subject%%',
    '%data%%data%',
    '$1',
    'x@y.example',
    'us',
    '%match1%',
  ),
  fc.string({ maxLength: 12 }).filter((each) => !/%/.test(each)),
);
const filled = text.filter((each) => each !== '');
const regex = fc.constantFrom(
  'a',
  '^(.*)$',
  '^(?!.*@)(.*)$',
  '(a+)+$',
  '(\\w+) (\\w+)',
  'x*',
  '([^]*)',
  '(?i)ALARM',
  '(.)\\1',
);

const test = fc.oneof(
  fc.record({ contains: text }),
  fc.record({ is: fc.array(text, { minLength: 1, maxLength: 3 }), not: fc.boolean() }),
  fc.record({ wildcard: text, case: fc.boolean() }),
  fc.record({ starts: text, words: fc.boolean(), every: fc.boolean() }),
  fc.record({ regex }),
);

const TEXTS = [
  'from',
  'to',
  'cc',
  'subject',
  'replyTo',
  'body',
  'html',
  'sender',
  'recipient',
  'number',
  'attachment',
  'anyHeader',
  'gateway',
  'user',
  'encoding',
] as const;

const condition: fc.Arbitrary<ConditionGroup> = fc.oneof(
  fc.constantFrom(...TEXTS).chain((name) => test.map((settings): ConditionGroup => ({ [name]: settings }))),
  fc
    .constantFrom('header', 'parameter')
    .chain((name) => test.map((settings): ConditionGroup => ({ [name]: { name: 'sender', ...settings } }))),
  fc.constantFrom<ConditionGroup>(
    { always: true },
    { prefix: ['+1', '+4'] },
    { routed: false },
    { size: { over: '1KB' } },
    { parts: { under: 3 } },
    { priority: { is: 0 } },
    { hasAttachment: true },
    { authenticated: false },
    { trusted: true },
    { date: { from: '2026-11-01' } },
    { time: { from: '22:00', to: '06:00' } },
    { weekday: ['mon', 'sun'] },
    { remote: '192.0.2.0/24' },
    { country: 'US' },
    { sql: { connection: 'c', query: 'SELECT %number%' } },
    { program: { run: ['x', '%data%'] } },
  ),
);

const { group } = fc.letrec<{ group: ConditionGroup }>((tie) => ({
  group: fc.oneof(
    { depthSize: 'small' },
    condition,
    fc.record({ all: fc.array(tie('group'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('group'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('group') }),
  ),
}));

const where = fc.constantFrom('To', 'Subject', 'From', 'X-A', 'body');
const action: fc.Arbitrary<ActionEntry> = fc.oneof(
  fc.constantFrom<ActionEntry>(
    'stop',
    'accept',
    'delete',
    'reject',
    { route: 'us' },
    { priority: 3 },
    { deleteHeader: 'Subject' },
  ),
  fc.record({ text }),
  fc.record({ prepend: text }),
  fc.record({ append: text }),
  fc.record({ setHeader: fc.record({ name: where, value: text }) }),
  fc.record({ addHeader: fc.record({ name: where, value: text }) }),
  fc.record({ rewrite: fc.record({ in: where, regex, with: text, all: fc.boolean() }) }),
  fc.record({ parameters: fc.record({ sender: text, value: text }) }),
  fc.record({ forward: filled }),
  fc.record({ copy: fc.array(filled, { minLength: 1, maxLength: 2 }) }),
  fc.record({ archive: filled }),
  fc.record({ program: fc.record({ run: fc.tuple(fc.constant('/bin/x'), text, text) }) }),
  fc.record({ sql: fc.record({ connection: fc.constant('c'), statement: filled }) }),
  fc.record({ url: fc.record({ post: fc.constant('http://x.example/'), body: text }) }),
  fc.record({ send: fc.record({ to: filled, text }) }),
  fc.record({ respond: text }),
  fc.record({ folder: filled }),
  fc.record({ url: filled.map((each) => `https://x.example/${each}`) }),
  fc.record({ sender: filled }),
);

const rule = fc.record(
  {
    title: fc.constantFrom('a', 'b', 'c'),
    active: fc.boolean(),
    when: group,
    do: fc.array(action, { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: ['title', 'do'] },
) as fc.Arbitrary<RuleData>;

const message: fc.Arbitrary<RuleMessage> = fc
  .record({
    text: fc.oneof(
      text,
      fc.string({ maxLength: 200 }),
      fc.nat(5000).map((length) => 'a'.repeat(length)),
    ),
    subject: text,
    from: text,
    number: fc.constantFrom('+15551234567', '+436641234567', '12345', ''),
    hops: fc.nat(6),
    at: fc.nat(4e12),
    zone: fc.constantFrom('UTC', 'Europe/Vienna', 'Not/AZone'),
    attachments: fc.array(text, { maxLength: 3 }),
    incoming: fc.boolean(),
  })
  .map(({ subject, from, incoming: inward, ...changes }) =>
    (inward ? incoming : outgoing)({
      ...changes,
      headers: [
        { name: 'Subject', value: subject },
        { name: 'From', value: from },
      ],
    }),
  );

function compiled(rules: readonly RuleData[]): RuleSet | undefined {
  try {
    return compileRules([ruleFileOf('x', rules)], { gateways: ['us', 'eu'], lists: () => [] });
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    return undefined;
  }
}

describe('any rules and any message', () => {
  it('are of every kind that there is', () => {
    const seen = new Set<string>();
    const visit = (found: ConditionGroup): void => {
      for (const [name, inner] of Object.entries(found)) {
        if (name === 'all' || name === 'any') (inner as readonly ConditionGroup[]).forEach(visit);
        else if (name === 'not') visit(inner as ConditionGroup);
        else seen.add(name);
      }
    };
    for (const each of fc.sample(group, 2000)) visit(each);
    expect(CONDITION_NAMES.filter((name) => !seen.has(name))).to.deep.equal([]);
    const done = new Set(
      fc.sample(action, 2000).flatMap((each) => (typeof each === 'string' ? [each] : Object.keys(each))),
    );
    expect(ACTION_NAMES.filter((name) => !done.has(name))).to.deep.equal([]);
  });

  it('come to an end, the same each time, within bounds', () => {
    let ran = 0;
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), message, (rules, given) => {
        const set = compiled(rules);
        if (set === undefined) return;
        ran += 1;
        const before = structuredClone(given);
        const first = set.decide(given);
        // A pattern that runs out of time may do so or not: that is the only thing that depends on the machine.
        if (!/out of time|could not be told|pattern does not match/.test(JSON.stringify(first.trace))) {
          expect(set.decide(given)).to.deep.equal(first);
        }
        expect(given).to.deep.equal(before);
        expect(structuredClone(first)).to.deep.equal(first);
        expect((first.verdict.body ?? '').length).to.be.at.most(65_536);
        expect(first.verdict.effects.length).to.be.at.most(50);
        if (first.verdict.outcome === 'reject') expect(first.verdict.effects).to.deep.equal([]);
      }),
      { numRuns: 600 },
    );
    expect(ran).to.be.greaterThan(100);
  });

  it('ask and go on, whatever is answered', async () => {
    const answer = fc.oneof(
      fc.record({ rows: fc.boolean() }),
      fc.record({ exit: fc.nat(2) }),
      fc.constant({ failed: 'no' }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(rule, { maxLength: 4 }),
        message,
        fc.array(answer, { minLength: 1 }),
        async (rules, given, answers) => {
          let next = 0;
          await compiled(rules)?.run(given, async () => answers[next++ % answers.length] ?? { failed: 'no' });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('what grows', () => {
  it('is cut: a text that is put into itself', () => {
    const set = rulesFrom(`rules:\n${"  - { title: t, do: { text: '%data%%data%' } }\n".repeat(60)}`);
    expect(set.decide(outgoing()).verdict.body).to.have.length(65_536);
  });

  it('is cut: effects, header fields, and the trace', () => {
    const set = rulesFrom(
      `rules:\n${"  - title: t\n    when: { any: [{ subject: { is: x } }, { always: true }] }\n    do: [{ copy: a@b.example }, { addHeader: { name: X, value: '%data%' } }]\n".repeat(1500)}`,
    );
    const { verdict, trace } = set.decide(outgoing({ text: 'x'.repeat(60_000) }));
    expect(verdict.effects).to.have.length(50);
    expect(JSON.stringify(verdict.headers).length).to.be.within(250_000, 300_000);
    expect(trace.rules.length + trace.left).to.equal(1500);
    expect(JSON.stringify(trace).length).to.be.lessThan(200_000);
  });

  it('is cut: what stands in the trace', () => {
    const set = rulesFrom(
      `rules:\n  - { title: t, when: { body: { contains: ${'y'.repeat(500)} } }, do: stop }\n`,
    );
    const [condition_] = set.decide(outgoing({ text: 'x'.repeat(60_000) })).trace.rules[0]?.conditions ?? [];
    expect(condition_?.seen).to.have.length(80);
    expect(condition_?.text).to.have.length(200);
  });

  it('is counted: rules that did not apply', () => {
    const set = rulesFrom(
      `rules:\n${'  - { title: t, when: { subject: { is: x } }, do: stop }\n'.repeat(1000)}`,
    );
    const { trace } = set.decide(outgoing());
    expect(trace.rules).to.have.length(60);
    expect(trace.left).to.equal(940);
  });
});

describe('broken YAML', () => {
  const folder = resolve(import.meta.dirname, '../../rules');
  const samples = ['outgoing', 'incoming'].flatMap((each) =>
    readdirSync(join(folder, each)).map((name) => readFileSync(join(folder, each, name), 'utf8')),
  );

  it('is refused with the file and mostly the line, or read, never anything else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.nat(),
        fc.nat(20),
        fc.constantFrom(
          '',
          ':',
          '-',
          '{',
          '}',
          '[',
          "'",
          '"',
          '\n',
          '  ',
          '\t',
          '&a',
          '*a',
          '!!x',
          '#',
          '\0',
          'x: 1\n',
          '*',
          '(',
        ),
        (sample, where_, length, put) => {
          const at = where_ % sample.length;
          const broken = sample.slice(0, at) + put + sample.slice(at + length);
          try {
            compileRules([readRuleFile(broken, 'x.yaml')], { gateways: 'any', lists: () => [] });
          } catch (error) {
            if (!(error instanceof RulesError)) throw error;
            expect(error.problems).not.to.deep.equal([]);
            for (const { file, line, path, message: told } of error.problems) {
              expect(file).to.equal('x.yaml');
              expect(told).not.to.equal('');
              if (path !== '' && path !== 'rules') expect(line, `${path}: ${told}`).to.be.greaterThan(0);
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
