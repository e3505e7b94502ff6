import { expect } from 'chai';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RulesFiles } from '../../lib/rulefiles/files.ts';
import { loadRules } from '../../lib/rulefiles/load.ts';
import { RulesError } from '../../lib/rules/rule-file.ts';
import { headline } from '../../lib/settings/problem.ts';
import { outgoing } from '../rules/message.ts';
import { ManualClock } from '../support/clock.ts';
import { MemoryLog } from '../support/log.ts';

const priority = (value: number, title = 't'): string =>
  `rules:\n  - { title: ${title}, do: { priority: ${value} } }\n`;

describe('rule files', () => {
  let base: string;
  const write = async (name: string, text: string): Promise<void> => writeFile(join(base, name), text);

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'mailsms-rules-'));
  });
  afterEach(async () => {
    await rm(base, { recursive: true, force: true });
  });

  const options = (outgoing_: readonly string[], incoming: readonly string[] = [], lists = {}) => ({
    places: { outgoing: outgoing_, incoming, lists, base },
    gateways: ['us'],
    env: { MAILSMS_WORD: 'secret' },
  });

  it('are taken in the order given, those of a folder by their names', async () => {
    await mkdir(join(base, 'd'));
    await write('d/20-b.yaml', priority(2, 'b'));
    await write('d/10-a.yml', priority(1, 'a'));
    await write('d/notes.txt', 'no rules');
    await write('d/.hidden.yaml', 'no rules');
    await write('first.yaml', `${priority(0, 'x')}  - { title: y, do: stop }\n`);
    const { sets } = await loadRules(options(['first.yaml', 'd'], ['d']));
    expect(sets?.outgoing.list().map(({ title, place }) => `${title} ${place ?? ''}`)).to.deep.equal([
      'x first.yaml:2',
      'y first.yaml:3',
      `a ${join('d', '10-a.yml')}:2`,
      `b ${join('d', '20-b.yaml')}:2`,
    ]);
    expect(sets?.incoming.size).to.equal(2);
  });

  it('may be XML, whose losses are told', async () => {
    await write(
      'f.xml',
      '<CONTENTFILTER><F><title>T</title><conditions/><actions><i actiontype="6"/><i actiontype="27"/></actions></F></CONTENTFILTER>',
    );
    const { sets, notes } = await loadRules(options(['f.xml']));
    expect(sets?.outgoing.list()).to.have.length(1);
    expect(notes).to.deep.include.members([
      {
        file: 'f.xml',
        rule: 'T',
        line: 1,
        text: 'the action "Encrypt" means nothing for text messages: the action is left out',
      },
    ]);
  });

  it('take words from the environment', async () => {
    await write('a.yaml', "rules:\n  - { title: t, do: { text: '${MAILSMS_WORD}' } }\n");
    const { sets } = await loadRules(options(['a.yaml']));
    expect(sets?.outgoing.decide(outgoing()).verdict.body).to.equal('secret');
  });

  it('tell everything that is wrong at once', async () => {
    await write('a.yaml', 'rules:\n  - { titel: t, do: stop }\n');
    await write('b.yaml', 'rules:\n  - { title: t, do: { route: uk } }\n');
    await write('c.xml', '<!DOCTYPE x><x/>');
    await write(
      'd.yaml',
      "rules:\n  - { title: t, when: { body: { is: { list: ./none.txt } } }, do: { text: '${HOME}' } }\n",
    );
    const { sets, problems } = await loadRules(
      options(['a.yaml', 'b.yaml', 'none.yaml'], ['c.xml', 'd.yaml'], { unused: 'gone.txt' }),
    );
    expect(sets).to.equal(undefined);
    expect(problems.map(headline)).to.deep.equal([
      'a.yaml:2:7: rules[0].titel: unknown setting; did you mean "title"?',
      'none.yaml: there is no such file',
      'c.xml:1:13: a document type is not read',
      'd.yaml:2:75: rules[0].do.text: ${HOME} cannot be used; only environment variables called MAILSMS_... can; a plain ${ is written $${',
      'gone.txt: there is no such file',
      'b.yaml:2:30: rules[0].do.route: there is no gateway "uk"; did you mean "us"?',
    ]);
  });

  describe('in use', () => {
    let clock: ManualClock;
    let log: MemoryLog;
    let files: RulesFiles;

    const start = async (...of: Parameters<typeof options>): Promise<void> => {
      clock = new ManualClock();
      log = new MemoryLog();
      files = new RulesFiles(options(...of), { clock, log });
      await files.start();
    };
    /** Lets the files be looked at once more, and waits until that is done. */
    const look = async (): Promise<void> => {
      await clock.advance(2000);
      await files.stop();
      await files.start().catch(() => undefined);
    };
    const now = (): number | undefined => files.outgoing.decide(outgoing()).verdict.priority;

    afterEach(() => files.stop());

    it('follow a change, a new file in a folder, and a list', async () => {
      await mkdir(join(base, 'd'));
      await write('d/a.yaml', priority(1));
      await start(['d']);
      expect(now()).to.equal(1);
      await write('d/a.yaml', `${priority(2)}# longer\n`);
      expect(await files.reload()).to.deep.equal([]);
      expect(now()).to.equal(2);
      await write(
        'd/b.yaml',
        'rules:\n  - { title: l, when: { body: { contains: { list: ./known.txt } } }, do: { priority: 3 } }\n',
      );
      await write('known.txt', 'server\n');
      await files.reload();
      expect(now()).to.equal(3);
      await write('known.txt', 'client\n');
      await files.reload();
      expect(now()).to.equal(2);
    });

    it('stay as they were while the new ones are wrong, which is said with the place', async () => {
      await write('a.yaml', priority(1));
      await start(['a.yaml']);
      await write('a.yaml', 'rules:\n  - { title: t, do: { prioritty: 2 } }\n');
      await files.reload();
      expect(now()).to.equal(1);
      expect(files.problems.map(headline)).to.deep.equal([
        'a.yaml:2:23: rules[0].do.prioritty: unknown setting; did you mean "priority"?',
      ]);
      expect(log.lines).to.include(
        'error rules: a.yaml:2:23: rules[0].do.prioritty: unknown setting; did you mean "priority"? {}',
      );
      expect(log.lines.at(-1)).to.contain('the old ones stay in use');
      await write('next.yaml', priority(3));
      await rename(join(base, 'next.yaml'), join(base, 'a.yaml'));
      await files.reload();
      expect(now()).to.equal(3);
      expect(files.problems).to.deep.equal([]);
    });

    it('are looked at by themselves', async () => {
      await write('a.yaml', priority(1));
      await start(['a.yaml']);
      const before = log.lines.length;
      await clock.advance(2000);
      await files.stop();
      expect(log.lines).to.have.length(before);
      await files.start();
      await write('a.yaml', `${priority(2)}# longer\n`);
      await look();
      expect(now()).to.equal(2);
    });

    it('do not start where they are wrong', async () => {
      await write('a.yaml', 'rules: x');
      let error: unknown;
      await start(['a.yaml']).catch((caught: unknown) => (error = caught));
      expect(error).to.be.instanceOf(RulesError).with.property('message').that.contains('a.yaml:1:8');
    });
  });
});
