import { expect } from 'chai';
import type { Answer, Question } from '../../lib/rules/verdict.ts';
import { applies, outgoing, rulesFrom } from './message.ts';

const T = '{ always: true }';
const F = '{ always: false }';
/** It runs out of time: neither true nor false. */
const U = "{ body: { regex: '^(a|a)*$' } }";
const slow = outgoing({ text: `${'a'.repeat(60)}b` });

describe('joining conditions', () => {
  const cases: readonly (readonly [when: string, expected: boolean])[] = [
    [`[${T}, ${T}]`, true],
    [`[${T}, ${F}]`, false],
    ['{ always: true, trusted: false }', true],
    ['{ always: true, trusted: true }', false],
    [`{ all: [${T}, ${T}] }`, true],
    ['{ all: [] }', true],
    [`{ any: [${F}, ${T}] }`, true],
    [`{ any: [${F}, ${F}] }`, false],
    [`{ not: ${F} }`, true],
    [`{ not: { all: [${T}, ${F}] } }`, true],
    [`{ any: [${F}, { all: [${T}, { not: ${F} }] }] }`, true],
    [`{ all: [{ any: [${T}, ${F}] }, { any: [${F}, ${F}] }] }`, false],
    [`{ all: [${T}], any: [${F}, ${T}], not: ${F} }`, true],
  ];
  for (const [when, expected] of cases) {
    it(`${when} ${expected ? 'holds' : 'does not hold'}`, () => {
      expect(applies(when, outgoing())).to.equal(expected);
    });
  }

  const doubtful: readonly (readonly [when: string, expected: boolean])[] = [
    [U, false],
    [`{ not: ${U} }`, false],
    [`{ not: { not: ${U} } }`, false],
    [`{ any: [${U}, ${T}] }`, true],
    [`{ any: [${U}, ${F}] }`, false],
    [`{ not: { any: [${U}, ${F}] } }`, false],
    [`{ not: { all: [${U}, ${F}] } }`, true],
    [`{ not: { all: [${U}, ${T}] } }`, false],
    ["{ body: { regex: '^(a|a)*$', not: true } }", false],
  ];
  for (const [when, expected] of doubtful) {
    it(`${when} ${expected ? 'holds' : 'does not hold'} where the pattern runs out of time`, () => {
      expect(applies(when, slow)).to.equal(expected);
    });
  }

  it('says in the trace what ran out of time', () => {
    const set = rulesFrom(`rules:\n - title: slow\n   when: { not: ${U} }\n   do: reject\n`);
    const { verdict, trace } = set.decide(slow);
    expect(verdict.outcome).to.equal('accept');
    expect(trace.rules[0]).to.deep.include({ title: 'slow', applied: false });
    expect(trace.rules[0]?.conditions).to.deep.equal([
      { text: 'not', depth: 0, result: 'false', warning: 'it could not be told' },
      {
        text: 'the text matches "^(a|a)*$"',
        depth: 1,
        result: 'false',
        seen: `${'a'.repeat(60)}b`,
        warning: 'the regular expression ran out of time',
      },
    ]);
  });

  it('looks no further than needed, and says what it left out', () => {
    const set = rulesFrom(
      `rules:\n - title: t\n   when: { any: [${T}, { subject: { contains: x } }] }\n   do: stop\n`,
    );
    expect(set.decide(outgoing()).trace.rules[0]?.conditions).to.deep.equal([
      { text: 'any of', depth: 0, result: 'true' },
      { text: 'always', depth: 1, result: 'true', seen: 'yes' },
      { text: 'Subject contains "x"', depth: 1, result: 'skipped' },
    ]);
  });
});

describe('a condition that has to ask', () => {
  const set = rulesFrom(`
rules:
  - title: customers
    when:
      sql: { connection: crm, query: "SELECT 1 FROM c WHERE phone = '%number%' AND n = %%subject%%", timeout: 2s }
    do: { priority: 3 }
  - title: checked
    when:
      not: { program: { run: [/bin/check, '%number%', '%%subject%%'], exit: 3 } }
    do: { priority: 4 }
`);
  const message = outgoing({ headers: [{ name: 'Subject', value: '--exec=rm' }] });

  async function run(
    answer: (question: Question) => Answer,
  ): Promise<{ priority: number | undefined; asked: Question[] }> {
    const asked: Question[] = [];
    const { verdict } = await set.run(message, async (question) => {
      asked.push(question);
      return answer(question);
    });
    return { priority: verdict.priority, asked };
  }

  it('binds values and never pastes them', async () => {
    const { asked } = await run(() => ({ failed: 'no' }));
    expect(asked[0]).to.deep.equal({
      kind: 'sql',
      call: {
        connection: 'crm',
        text: ['SELECT 1 FROM c WHERE phone = ', ' AND n = ', ''],
        values: ['+15551234567', '--exec=rm'],
        timeoutMs: 2000,
      },
    });
  });

  it('gives a program its arguments one by one, and makes no option of what a message brings', async () => {
    const { asked } = await run(() => ({ failed: 'no' }));
    expect(asked[1])
      .to.have.nested.property('call.program')
      .that.deep.equals(['/bin/check', '+15551234567', ' --exec=rm']);
    expect(asked[1]).to.have.nested.property('call.env.MAILSMS_NUMBER', '+15551234567');
    expect(asked[1]).to.have.nested.property('call.input').that.contains('Subject: --exec=rm\n');
  });

  const answers: readonly (readonly [
    name: string,
    sql: Answer,
    program: Answer,
    priority: number | undefined,
  ])[] = [
    ['a row and another exit code', { rows: true }, { exit: 0 }, 4],
    ['a row and that exit code', { rows: true }, { exit: 3 }, 3],
    ['no row and that exit code', { rows: false }, { exit: 3 }, undefined],
    ['no answers', { failed: 'timeout' }, { failed: 'timeout' }, undefined],
    ['answers of the wrong kind', { exit: 0 }, { rows: true }, undefined],
  ];
  for (const [name, sql, program, priority] of answers) {
    it(`is told by ${name}`, async () => {
      expect((await run(({ kind }) => (kind === 'sql' ? sql : program))).priority).to.equal(priority);
    });
  }

  it('counts an error of the port as no answer', async () => {
    const { trace } = await set.run(message, () => Promise.reject(new Error('the database is gone')));
    expect(trace.rules[0]?.conditions[0]).to.include({ result: 'false', warning: 'the database is gone' });
  });

  it('is asked once, and only where it matters', async () => {
    let count = 0;
    const one = rulesFrom(`
rules:
  - title: t
    when: { all: [{ trusted: false }, { sql: { connection: a, query: SELECT 1 } }, { sql: { connection: b, query: SELECT 1 } }] }
    do: stop
  - title: u
    when: { trusted: true, sql: { connection: c, query: SELECT 1 } }
    do: stop
`);
    await one.run(outgoing(), async () => {
      count += 1;
      return { rows: count === 1 };
    });
    expect(count).to.equal(2);
  });
});
