import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readFilters } from '../../lib/icewarp/filters.ts';
import { printFinding } from '../../lib/icewarp/problem.ts';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/icewarp');

describe('content filters of the SMS service', () => {
  it('become a file of rules', () => {
    const octets = readFileSync(resolve(FIXTURES, 'windows/Config/smsoutgoing.xml'));
    const { count, yaml, bad } = readFilters('config/smsoutgoing.xml', octets);
    expect({ count, bad }).to.deep.equal({ count: 1, bad: [] });
    const { rules } = parse(yaml) as { rules: { title: string }[] };
    expect(rules.map(({ title }) => title)).to.deep.equal(['No bulk']);
  });

  it('say in which file and line they lost something', () => {
    const xml =
      '<CONTENTFILTER><ITEM><TITLE>Odd</TITLE>\n<CONDITIONS><ITEM><CONDITIONTYPE>9999</CONDITIONTYPE></ITEM></CONDITIONS></ITEM></CONTENTFILTER>';
    const { notes } = readFilters('config/smsoutgoing.xml', Buffer.from(xml));
    expect(notes.map(printFinding).join('\n')).to.match(/^config\/smsoutgoing\.xml:2: "Odd": .*9999/m);
  });

  it('may be none', () => {
    const { count, notes, bad } = readFilters('f', Buffer.from('<?xml version="1.0"?><CONTENTFILTER/>'));
    expect({ count, notes, bad }).to.deep.equal({ count: 0, notes: [], bad: [] });
  });

  it('are refused where they are no XML, or hostile', () => {
    const told = (xml: string) => readFilters('f', Buffer.from(xml)).bad.map(printFinding).join();
    expect(told('<a>')).to.match(/^f:1:\d+: /);
    expect(told('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).to.contain('a document type is not read');
    expect(told('\0\0')).to.contain('is no text');
  });
});
