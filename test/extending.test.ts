import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Skeleton, apply, skeletonsOf } from './support/skeletons.ts';

const ROOT = resolve(import.meta.dirname, '..');
const run = promisify(execFile);

/** How many lines of files that are there a kind of thing may cost: an import and a line of a table. */
const MOST_LINES: Readonly<Record<string, number>> = {
  'A kind of gateway': 2,
  'A condition': 1,
  'An action': 1,
};

describe('docs/extending.md', () => {
  let skeletons: Skeleton[];
  let copy: string;

  before(async () => {
    skeletons = skeletonsOf(await readFile(join(ROOT, 'docs/extending.md'), 'utf8'));
    copy = await mkdtemp(join(tmpdir(), 'mailsms-extending-'));
    for (const name of ['lib', 'bin', 'test', 'presets', 'package.json', 'tsconfig.json']) {
      await cp(join(ROOT, name), join(copy, name), { recursive: true }).catch((error: unknown) => {
        if (name !== 'presets') throw error;
      });
    }
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const each of skeletons) {
      const path = join(copy, each.path);
      await mkdir(dirname(path), { recursive: true });
      const text = each.kind === 'file' ? each.text : apply(await readFile(path, 'utf8'), each);
      await writeFile(path, text);
    }
    const settings = { extends: './tsconfig.json', include: ['lib', ...testsOf(skeletons)] };
    await writeFile(join(copy, 'tsconfig.check.json'), JSON.stringify(settings));
  });
  after(() => rm(copy, { recursive: true }));

  it('adds a thing with a folder of its own and a line of a table', () => {
    for (const [section, most] of Object.entries(MOST_LINES)) {
      const changes = skeletons.filter((each) => each.section === section && each.kind === 'change');
      const lines = changes.flatMap((each) => (each.kind === 'change' ? each.hunks : []));
      expect(changes.length, `files changed for: ${section}`).to.equal(1);
      expect(lines.flatMap(({ added }) => added).length, `lines for: ${section}`).to.equal(most);
    }
  });

  it('shows skeletons that compile', async () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', 'tsconfig.check.json'], { cwd: copy }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).to.equal('');
  }).timeout(300_000);

  it('shows skeletons that stand in the house', async () => {
    // The door and the store are shown without the line in lib/app.ts that would make them reached.
    await mocha('test/architecture.test.ts', '--grep', 'reaches every file', '--invert');
  }).timeout(300_000);

  it('shows tests that pass', async () => {
    const tests = testsOf(skeletons);
    expect(tests.length).to.be.greaterThan(2);
    expect(await mocha(...tests)).to.match(/\d+ passing/);
  }).timeout(300_000);

  async function mocha(...files: readonly string[]): Promise<string> {
    const bin = join(ROOT, 'node_modules/mocha/bin/mocha.js');
    const options = ['--no-config', '--exit', '--node-option', 'import=tsx', '--timeout', '60000'];
    // The copy's tests are no children of these.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('MOCHA_')),
    );
    const outcome = await run(process.execPath, [bin, ...options, ...files], { cwd: copy, env }).catch(
      (error: { stdout: string; stderr: string }) => {
        throw new Error(`${error.stdout}\n${error.stderr}`);
      },
    );
    return outcome.stdout;
  }
});

function testsOf(skeletons: readonly Skeleton[]): string[] {
  return skeletons.map(({ path }) => path).filter((path) => path.endsWith('.test.ts'));
}
