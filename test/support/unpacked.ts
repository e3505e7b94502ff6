import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What was downloaded stays here until the next `npm ci`. */
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/debian');

/** Users and groups that a program was compiled to look for, by name. */
export interface TreeOptions {
  readonly packages: readonly string[];
  /** The programs that are run, as paths in the tree: the libraries they need are put there. */
  readonly programs: readonly string[];
  readonly users: readonly string[];
  readonly folders?: readonly string[];
}

/**
 * A directory tree with programs of Debian packages that cannot be installed beside each other, such as mail servers.
 * They are run by chroot(8), with the paths and users they were compiled for, and leave nothing in the system. Needs root.
 */
export class Tree {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** The tree, or why it cannot be made here. */
  static async make(options: TreeOptions): Promise<Tree | { missing: string }> {
    const name = options.packages.join(', ');
    if (process.getuid?.() !== 0) return { missing: `${name}: only run by root` };
    let archives: string[];
    try {
      archives = await download(options.packages);
    } catch {
      return { missing: `${name}: cannot be downloaded with apt-get` };
    }
    const tree = new Tree(await mkdtemp(join(tmpdir(), 'mailsms-tree-')));
    await run('chmod', ['755', tree.path]);
    try {
      for (const archive of archives) await run('dpkg-deb', ['-x', archive, tree.path]);
      await tree.#addLibraries(options);
      await tree.#addFiles(options);
      return tree;
    } catch (error) {
      await tree.remove();
      return { missing: `${name}: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  /** The place of a path of the tree outside of it. */
  at(path: string): string {
    return join(this.path, path);
  }

  /** Arguments for `chroot`, to run a program of the tree. */
  command(program: string, args: readonly string[]): [string, string[]] {
    return ['chroot', [this.path, program, ...args]];
  }

  run(program: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    return run(...this.command(program, args), { env: { ...process.env, PATH: SYSTEM_PATH } });
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  /** Copies the libraries of this machine; where some are missing, those of the packages' dependencies come as well. */
  async #addLibraries({ packages, programs }: TreeOptions): Promise<void> {
    let needed = await this.#libraries(programs);
    if (needed.includes(undefined)) {
      for (const archive of await download(await librariesOf(packages)))
        await run('dpkg-deb', ['-x', archive, this.path]);
      needed = await this.#libraries(programs);
    }
    for (const path of new Set(needed)) {
      if (path === undefined) throw new Error('a library is missing');
      if (path.startsWith(this.path)) continue;
      await mkdir(dirname(this.at(path)), { recursive: true });
      await cp(path, this.at(path), { dereference: true });
    }
  }

  /** Where the libraries of the programs are; undefined for one that is nowhere. */
  async #libraries(programs: readonly string[]): Promise<(string | undefined)[]> {
    const folders = ['lib', 'usr/lib'].map((each) => this.at(each));
    const inner = await Promise.all(
      folders.map(async (folder) =>
        (await readdir(folder).catch(() => []))
          .filter((each) => each.endsWith('-linux-gnu'))
          .map((each) => join(folder, each)),
      ),
    );
    const env = { ...process.env, LD_LIBRARY_PATH: inner.flat().join(':') };
    const { stdout } = await run(
      'ldd',
      programs.map((each) => this.at(each)),
      { env },
    );
    return stdout
      .split('\n')
      .filter((line) => /=>|^\s+\//.test(line))
      .map((line) => /(\/\S+) \(/.exec(line)?.[1]);
  }

  async #addFiles({ users, folders = [] }: TreeOptions): Promise<void> {
    const all = ['etc', 'tmp', 'dev', 'run', 'var/mail', 'var/run', 'var/log', ...folders];
    for (const each of all) await mkdir(this.at(each), { recursive: true });
    await run('chmod', ['1777', this.at('tmp')]);
    const ids = users.map((name, i) => ({ name, id: 64_000 + i }));
    const passwd = ids
      .map(({ name, id }) => `${name}:x:${id}:${id}::/nonexistent:/usr/sbin/nologin\n`)
      .join('');
    const group = ids.map(({ name, id }) => `${name}:x:${id}:\n`).join('');
    await writeFile(this.at('etc/passwd'), `root:x:0:0::/root:/bin/sh\n${passwd}`);
    await writeFile(this.at('etc/group'), `root:x:0:\n${group}`);
    for (const name of ['hosts', 'services', 'protocols']) {
      await writeFile(this.at(`etc/${name}`), await readFile(`/etc/${name}`).catch(() => ''));
    }
    await writeFile(this.at('etc/resolv.conf'), 'nameserver 127.0.0.1\n');
    for (const [name, minor] of [
      ['null', '3'],
      ['zero', '5'],
      ['random', '8'],
      ['urandom', '9'],
    ] as const)
      await run('mknod', ['-m', '666', this.at(`dev/${name}`), 'c', '1', minor]);
  }

  /** The id of one of the tree's users. */
  async id(user: string): Promise<number> {
    const line = new RegExp(`^${user}:x:(\\d+)`, 'm').exec(await readFile(this.at('etc/passwd'), 'utf8'));
    return Number(line?.[1]);
  }
}

const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** Paths of the packages' archives. */
async function download(packages: readonly string[]): Promise<string[]> {
  await mkdir(CACHE, { recursive: true });
  const found = async (name: string): Promise<string | undefined> =>
    (await readdir(CACHE)).filter((each) => each.startsWith(`${name}_`) && each.endsWith('.deb'))[0];
  const missing: string[] = [];
  for (const name of packages) if ((await found(name)) === undefined) missing.push(name);
  if (missing.length > 0)
    await run('apt-get', ['-qq', 'download', ...missing], { cwd: CACHE, timeout: 60_000 });
  return Promise.all(packages.map(async (name) => join(CACHE, (await found(name)) ?? '')));
}

/** The libraries among what the packages depend on. */
async function librariesOf(packages: readonly string[]): Promise<string[]> {
  const no = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (each) => `--no-${each}`,
  );
  const { stdout } = await run('apt-cache', ['depends', '--recurse', ...no, ...packages]);
  const names = new Set(stdout.split('\n').filter((line) => /^lib[\w.+-]+$/.test(line)));
  return [...names].filter((name) => !/perl|debconf/.test(name));
}
