import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ACTION_NAMES } from '../../lib/rules/actions/actions.ts';
import { CONDITION_NAMES } from '../../lib/rules/conditions.ts';
import { readRuleFile } from '../../lib/rules/rule-file.ts';
import { MODES } from '../../lib/rules/match/text-test.ts';
import { VARIABLE_NAMES } from '../../lib/rules/variables.ts';
import { incoming, outgoing, rulesFrom } from './message.ts';

const DOCS = readFileSync(resolve(import.meta.dirname, '../../docs/rules.md'), 'utf8');

/** Each snippet with the heading above it. */
function snippets(): { readonly heading: string; readonly yaml: string }[] {
  let heading = '';
  const found: { heading: string; yaml: string }[] = [];
  for (const match of DOCS.matchAll(/^(#+ .*)$|^```yaml\n([^]*?)^```$/gm)) {
    if (match[1] === undefined) found.push({ heading, yaml: match[2] ?? '' });
    else heading = match[1].replace(/^#+ /, '');
  }
  return found;
}

const messages = [
  outgoing(),
  outgoing({
    text: 'Pay 4111 1111 1111 1111',
    sender: 'a@monitoring.example.com',
    recipient: '"sms:+1?maxmsgs=1"@d',
  }),
  outgoing({
    at: Date.UTC(2026, 10, 21, 23, 0),
    gateway: 'us',
    headers: [{ name: 'Subject', value: 'lunch' }],
  }),
  incoming(),
  incoming({ number: '+15551230001', text: '#desk@office.example# hi', at: Date.UTC(2026, 10, 22) }),
];

describe('docs/rules.md', () => {
  for (const { heading, yaml } of snippets()) {
    it(`has rules that work: ${heading}`, async () => {
      const set = rulesFrom(yaml, {
        lists: (name) => (name === 'known' ? ['+15551230001'] : undefined),
        connections: ['crm'],
      });
      const titles = readRuleFile(yaml, 'x').rules.map(({ title }) => title);
      const applied = new Set<string>();
      for (const message of messages) {
        const { trace } = await set.run(message, async () => ({ rows: false }));
        for (const rule of trace.rules) if (rule.applied) applied.add(rule.title);
      }
      const elsewhere = titles.filter((title) => !applied.has(title));
      expect(elsewhere).to.deep.equal(heading.startsWith('Route by prefix') ? ['Austria and Germany'] : []);
    });
  }

  it('has a snippet for every task', () => {
    expect(snippets()).to.have.length.greaterThan(14);
  });

  const tables: readonly (readonly [
    what: string,
    names: readonly string[],
    written: (name: string) => string,
  ])[] = [
    ['condition', CONDITION_NAMES, (name) => name],
    ['action', ACTION_NAMES, (name) => name],
    ['way to compare', Object.keys(MODES), (name) => name],
  ];
  for (const [what, names, written] of tables) {
    it(`names every ${what}`, () => {
      expect(names.filter((name) => !new RegExp(`\`${written(name)}[\`:]`).test(DOCS))).to.deep.equal([]);
    });
  }

  it('names every variable', () => {
    const named = VARIABLE_NAMES.filter((name) => !/^match[2-8]$/.test(name));
    expect(named.filter((name) => !DOCS.includes(`\`%${name}%\``))).to.deep.equal([]);
  });
});
