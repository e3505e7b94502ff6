import { expect } from 'chai';
import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readRuleFile, ruleFileOf } from '../../lib/rules/rule-file.ts';
import { compileRules } from '../../lib/rules/rule-set.ts';
import { type ConditionGroup, type RuleData, ruleFile } from '../../lib/rules/schema.ts';
import {
  BadBrackets,
  type RowEntry,
  type Tree,
  rowOfTree,
  simplified,
  treeOfRow,
} from '../../lib/rules/xml/brackets.ts';
import { importXml } from '../../lib/rules/xml/read.ts';
import { BadXml, readXml } from '../../lib/rules/xml/tree.ts';
import { exportXml } from '../../lib/rules/xml/write.ts';
import { GATEWAYS, outgoing } from './message.ts';

const FIXTURE = readFileSync(resolve(import.meta.dirname, '../../fixtures/rules/xml/outgoing.xml'), 'utf8');

/** One filter as the administration API prints it. */
function filter(conditions: string, actions = '<item><actiontype>27</actiontype></item>'): string {
  return `<custom xmlns="admin:iq:rpc"><conditions>${conditions}</conditions><actions>${actions}</actions><title>T</title><active>1</active></custom>`;
}

function item(fields: Readonly<Record<string, string | number>>): string {
  return `<item>${Object.entries(fields)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')}</item>`;
}

describe('content filters in XML', () => {
  const imported = importXml(FIXTURE);

  it('are read without regard to case, from elements and attributes', () => {
    expect(imported.rules).to.deep.equal([
      {
        title: 'Least cost routing',
        when: { to: { regex: '^(?!.*@)(.*)$' } },
        do: [{ rewrite: { in: 'To', regex: '^(\\+1)(.*)', with: '$1$2@usgatewayid' } }, 'stop'],
      },
      {
        title: 'Either and not & brackets',
        active: false,
        when: {
          any: [
            { from: { contains: ['jim', 'bob', 'john'] } },
            {
              subject: { wildcard: '*alarm*', case: true },
              not: { size: { over: '10240B' } },
              header: { name: 'X-Priority', is: ['1', '2'], every: true, not: true },
              weekday: ['sat', 'sun'],
              time: { from: '08:00', to: '18:30' },
              date: { from: '2026-01-05', to: '2026-12-31' },
              remote: '10.0.0.0/8',
              to: { contains: { list: 'lists/numbers.txt' } },
            },
          ],
        },
        do: [
          { send: { to: 'b@example.com', from: 'a@example.com', subject: 'S', text: '%%body%%' } },
          { forward: ['c@example.com', 'd@example.com'] },
          { folder: 'desk@example.com/SMS' },
          { priority: 9 },
          { respond: 'Thanks' },
          { program: { run: ['/bin/notify', '-n', 'two words', '%%from%%'] } },
          { url: 'https://example.com/sms/deliver.html?number=%:from_alias%&data=%:body%' },
          { prepend: 'Example Ltd: ' },
          { sql: { connection: 'crm', statement: "INSERT INTO t VALUES ('%%from%%')" } },
          'delete',
        ],
      },
      {
        title: 'Spam and encryption',
        active: false,
        when: { not: { always: true }, always: true },
        do: ['delete'],
      },
    ]);
  });

  it('lose nothing in silence', () => {
    expect(imported.notes.map(({ rule, text }) => `${rule}: ${text}`)).to.deep.equal([
      'Spam and encryption: the condition "Spam" means nothing for text messages',
      'Spam and encryption: the action "Encrypt" means nothing for text messages: the action is left out',
      'Spam and encryption: action type 77 is not known: the action is left out',
      'Spam and encryption: it is imported switched off, since a condition is missing',
      'Nothing left: the action "Flags" means nothing for text messages: the action is left out',
      'Nothing left: it has no action that means anything here: it is not imported',
    ]);
    expect(imported.notes.every(({ line }) => line !== undefined && line > 1)).to.equal(true);
  });

  it('are rules that can be used', () => {
    expect(ruleFile.safeParse({ rules: imported.rules }).success).to.equal(true);
    const set = compileRules([ruleFileOf('x.xml', imported.rules)], { gateways: GATEWAYS, lists: () => [] });
    expect(set.decide(outgoing()).verdict.to?.text).to.equal('+15551234567@usgatewayid');
  });

  it('come back the same from export and import', () => {
    const { xml, notes } = exportXml(imported.rules);
    expect(notes).to.deep.equal([]);
    const again = importXml(xml);
    expect(again).to.deep.equal({ rules: imported.rules, notes: [] });
    expect(exportXml(again.rules).xml).to.equal(xml);
  });

  const odd: readonly (readonly [name: string, xml: string, note: string])[] = [
    ['no filters', '<CONTENTFILTER/>', 'the file holds no filters'],
    [
      'a bracket too many',
      filter(item({ conditiontype: 35, bracketsright: 1 })),
      'its brackets do not fit together: a bracket is closed that was not opened',
    ],
    [
      'an open bracket',
      filter(item({ conditiontype: 35, bracketsleft: 2, bracketsright: 1 })),
      'its brackets do not fit together: a bracket is not closed',
    ],
    ['an unknown condition', filter(item({ conditiontype: 99 })), 'condition type 99 is not known'],
    [
      'an unknown comparison',
      filter(item({ conditiontype: 1, matchfunction: 9, matchvalue: 'x' })),
      'the match function 9 is not known',
    ],
    [
      'a header without a name',
      filter(item({ conditiontype: 12, matchvalue: 'x' })),
      '"x" does not begin with the name of a header field',
    ],
    [
      'a host name for an IP',
      filter(item({ conditiontype: 25, matchvalue: 'host.example' })),
      'the remote IP is not an address or a network',
    ],
    [
      'a folder of nobody',
      filter('', item({ actiontype: 4, folder: 'SMS' })),
      'the folder "SMS" is not of the form user@domain/Folder: the action is left out',
    ],
    [
      'a library',
      filter('', item({ actiontype: 12, executable: 'x.dll' })),
      'the library "x.dll" cannot be called: the action is left out',
    ],
    [
      'quarantine',
      filter('', item({ actiontype: 25, messageactiontype: 4 })),
      '"Quarantine" means nothing for text messages: the action is left out',
    ],
  ];
  for (const [name, xml, note] of odd) {
    it(`with ${name} are told`, () => {
      expect(importXml(xml).notes.map(({ text }) => text)).to.include(note);
    });
  }

  it('with a condition that is lost are switched off', () => {
    const [rule] = importXml(
      filter(item({ conditiontype: 1, matchvalue: 'x' }) + item({ conditiontype: 9, operatorand: 1 })),
    ).rules;
    expect(rule?.active).to.equal(false);
  });

  const hostile: readonly (readonly [name: string, xml: string, told: string])[] = [
    ['a document type', '<!DOCTYPE a><a/>', 'a document type is not read'],
    [
      'an entity bomb',
      '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><a>&c;</a>',
      'a document type is not read',
    ],
    [
      'a file by entity',
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
      'a document type is not read',
    ],
    ['an unknown entity', '<a>&lol;</a>', 'undefined entity'],
    ['depth', '<a>'.repeat(1000), 'the file is nested too deeply'],
    ['many elements', `<a>${'<b/>'.repeat(200_001)}</a>`, 'the file has too many elements'],
    [
      'many attributes',
      `<a ${Array.from({ length: 101 }, (_, index) => `b${index}="1"`).join(' ')}/>`,
      'an element has too many attributes',
    ],
    ['size', ' '.repeat(5 * 1024 * 1024 + 1), 'the file is too large'],
    ['an end too early', '<a><b></b>', 'unclosed tag: a'],
    ['no XML', 'rules: []', 'text data outside of root node'],
    ['nothing', '', 'document must contain a root element'],
  ];
  for (const [name, xml, told] of hostile) {
    it(`with ${name} are refused, with the place`, () => {
      let error: unknown;
      try {
        readXml(xml);
      } catch (caught) {
        error = caught;
      }
      expect(error).to.be.instanceOf(BadXml);
      expect(error).to.have.property('message').that.contains(told);
      expect(error).to.have.property('line').that.is.greaterThan(0);
    });
  }

  it('broken in any way are refused or read, never anything else', () => {
    fc.assert(
      fc.property(
        fc.nat(FIXTURE.length),
        fc.nat(40),
        fc.constantFrom('', '<', '>', '"', '&', '<item>', '</item>', '999', '\0'),
        (at, length, put) => {
          const broken = FIXTURE.slice(0, at) + put + FIXTURE.slice(at + length);
          try {
            const { rules } = importXml(broken);
            expect(ruleFile.safeParse({ rules }).error?.issues ?? []).to.deep.equal([]);
          } catch (error) {
            expect(error).to.be.instanceOf(BadXml);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('rules written as XML', () => {
  it('say what has no counterpart', () => {
    const rules: RuleData[] = [
      { title: 'a', when: { country: 'US' }, do: 'stop' },
      { title: 'b', do: [{ parameters: { maxmsgs: 1 } }, 'stop'] },
      { title: 'c', do: { reject: 'no' } },
      { title: 'd', when: { subject: { is: 'a;b' } }, do: 'stop' },
    ];
    const { xml, notes } = exportXml(rules);
    expect(notes).to.deep.equal([
      { rule: 'a', text: 'the condition "country" has no counterpart: the rule is left out' },
      { rule: 'b', text: 'the action "parameters" has no counterpart: the action is left out' },
      { rule: 'c', text: 'the text of a rejection has no counterpart: the action is left out' },
      { rule: 'c', text: 'none of its actions has a counterpart: the rule is left out' },
      {
        rule: 'd',
        text: 'a text with a semicolon in it, or an empty one, has no counterpart: the rule is left out',
      },
    ]);
    expect(importXml(xml).rules.map(({ title }) => title)).to.deep.equal(['b']);
  });

  it('escape what XML needs escaped', () => {
    const rules: RuleData[] = [
      { title: '<a & "b">\u0001', when: { body: { contains: ']]>\r\n<x>' } }, do: 'stop' },
    ];
    const [rule] = importXml(exportXml(rules).xml).rules;
    expect(rule).to.deep.equal({
      title: '<a & "b">\ufffd',
      when: { body: { contains: ']]>\r\n<x>' } },
      do: ['stop'],
    });
  });

  it('route to the same gateway', () => {
    const [rule] = importXml(exportXml([{ title: 'r', do: { route: 'us' } }]).xml).rules;
    const set = compileRules([ruleFileOf('x', rule === undefined ? [] : [rule])], {
      gateways: GATEWAYS,
      lists: () => [],
    });
    const parameters = [{ name: 'maxmsgs', value: '2' }];
    for (const gateway of [undefined, 'eu']) {
      const message = outgoing({ parameters, ...(gateway === undefined ? {} : { gateway }) });
      expect(set.decide(message).verdict.to?.text).to.equal('+15551234567@us&maxmsgs=2');
    }
  });

  const folder = resolve(import.meta.dirname, '../../rules');
  for (const file of ['outgoing', 'incoming'].flatMap((each) =>
    readdirSync(join(folder, each)).map((name) => join(each, name)),
  )) {
    it(`come back the same: ${file}`, () => {
      const { rules } = readRuleFile(readFileSync(join(folder, file), 'utf8'), file);
      const once = importXml(exportXml(rules).xml);
      expect(importXml(exportXml(once.rules).xml).rules).to.deep.equal(once.rules);
    });
  }
});

describe('conditions in a row', () => {
  /** `a`, `&b`, `|!(c`, `&d)`: joint, not, brackets. */
  function row(text: string): RowEntry<string>[] {
    return text.split(' ').map((entry) => {
      const [, joint, not, left = '', leaf = '', right = ''] =
        /^([&|]?)(!?)(\(*)(\w)(\)*)$/.exec(entry) ?? [];
      return { and: joint !== '|', not: not === '!', left: left.length, right: right.length, leaf };
    });
  }

  function said(tree: Tree<string>): string {
    if (tree.op === 'leaf') return tree.leaf;
    if (tree.op === 'not') return `!${said(tree.of)}`;
    return `(${tree.of.map(said).join(tree.op === 'and' ? ' & ' : ' | ')})`;
  }

  const cases: readonly (readonly [row: string, tree: string])[] = [
    ['a', 'a'],
    ['!a', '!a'],
    ['|a', 'a'],
    ['a &b', '(a & b)'],
    ['a |b', '(a | b)'],
    ['a |b &c', '(a | (b & c))'],
    ['a &b |c', '((a & b) | c)'],
    ['a &b |c &d', '((a & b) | (c & d))'],
    ['(a |b) &c', '((a | b) & c)'],
    ['a &(b |c)', '(a & (b | c))'],
    ['a &(b |!c)', '(a & (b | !c))'],
    ['((a &b) |c) &d', '(((a & b) | c) & d)'],
    ['a &(b &c)', '(a & b & c)'],
    ['((a))', 'a'],
    ['a |!(b &c)', '(a | (!b & c))'],
  ];
  for (const [text, tree] of cases) {
    it(`${text} is ${tree}`, () => {
      expect(said(treeOfRow(row(text)))).to.equal(tree);
    });
  }

  for (const text of ['a)', '(a', 'a &b)', '(a &(b)']) {
    it(`${text} does not fit together`, () => {
      expect(() => treeOfRow(row(text))).to.throw(BadBrackets);
    });
  }

  const { tree } = fc.letrec<{ tree: Tree<string> }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('a', 'b', 'c').map((leaf): Tree<string> => ({ op: 'leaf', leaf })),
      tie('tree').map((of): Tree<string> => ({ op: 'not', of })),
      fc.record({
        op: fc.constantFrom('and' as const, 'or' as const),
        of: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
      }),
    ),
  }));

  function truth(of: Tree<string>, values: Readonly<Record<string, boolean>>): boolean {
    if (of.op === 'leaf') return values[of.leaf] === true;
    if (of.op === 'not') return !truth(of.of, values);
    return of.op === 'and'
      ? of.of.every((each) => truth(each, values))
      : of.of.some((each) => truth(each, values));
  }

  it('mean what the tree means, and come back as it is simplified', () => {
    fc.assert(
      fc.property(tree, fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() }), (given, values) => {
        const back = treeOfRow(rowOfTree(given));
        expect(back).to.deep.equal(simplified(given));
        expect(truth(back, values)).to.equal(truth(given, values));
      }),
    );
  });

  it('are a rule that holds for the same messages after export and import', () => {
    const leaf = fc.constantFrom<ConditionGroup>(
      { always: true },
      { always: false },
      { trusted: true },
      { subject: { contains: 'x' } },
      { size: { over: '1B' } },
    );
    const { group } = fc.letrec<{ group: ConditionGroup }>((tie) => ({
      group: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.record({ all: fc.array(tie('group'), { maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('group'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ not: tie('group') }),
      ),
    }));
    const holds = (rule: RuleData): boolean =>
      compileRules([ruleFileOf('x', [rule])], { gateways: [], lists: () => [] }).decide(outgoing()).verdict
        .stopped;
    fc.assert(
      fc.property(group, (when) => {
        const rule: RuleData = { title: 't', when, do: 'stop' };
        const once = importXml(exportXml([rule]).xml).rules;
        const [back] = once;
        expect(back === undefined ? undefined : holds(back)).to.equal(holds(rule));
        expect(importXml(exportXml(once).xml).rules).to.deep.equal(once);
      }),
      { numRuns: 300 },
    );
  });
});
