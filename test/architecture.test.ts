import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';

/**
 * The house has one direction: a file imports only from its own floor's own room and from the floors below
 * (docs/architecture.md). These tests keep it so.
 */
const ROOT = resolve(import.meta.dirname, '..');

/** The floor of each room. A room on the same floor as another does not import from it. */
const FLOORS: Readonly<Record<string, number>> = {
  'lib/base': 0,
  'lib/settings': 1,
  'lib/sms': 1,
  'lib/mail/read': 1,
  'lib/address': 2,
  'lib/mail/text': 2,
  'lib/mail/write': 2,
  'lib/smpp': 2,
  'lib/store': 3,
  'lib/accounts': 4,
  'lib/routing': 4,
  'lib/rules': 4,
  'lib/credentials': 5,
  'lib/flow/effects': 5,
  'lib/flow/outgoing': 6,
  'lib/flow/dispatch': 7,
  'lib/flow/incoming': 8,
  'lib/flow/operator': 9,
  'lib/daemons': 10,
  'lib/emulator': 10,
  'lib/icewarp': 10,
  'lib/mailer': 10,
  'lib/outside': 10,
  'lib/rulefiles': 10,
  'lib/senderproof': 10,
  'lib/servers': 10,
  'lib/transports/http/template': 5,
  'lib/transports/http/auth': 6,
  'lib/transports/http/request': 7,
  'lib/transports/http/presets': 8,
  'lib/transports/http': 10,
  'lib/transports/modem/at': 9,
  'lib/transports/modem': 10,
  'lib/transports/virtual': 10,
  'lib/transports': 11,
  'lib/config': 12,
  lib: 13,
  bin: 14,
};

/** Files that a folder may hold before it has to be laid out anew. */
const MOST_FILES = 24;
/** Folders with a file for each field of a standard. */
const FILE_A_FIELD = new Set(['lib/sms']);

/** Modules that do no I/O, read no clock and keep no state: what they may import from Node. */
const PURE = [
  'lib/address',
  'lib/mail',
  'lib/rules',
  'lib/sms',
  'lib/settings',
  'lib/smpp',
  'lib/transports/http/auth',
  'lib/transports/http/request',
  'lib/transports/http/template',
];
const PURE_MAY_IMPORT = new Set([
  'node:buffer',
  'node:crypto',
  'node:stream',
  'node:string_decoder',
  'node:url',
  'node:util',
]);

/** What pure modules may take of a module of Node that does I/O too. */
const PURE_NAMES: Readonly<Record<string, readonly string[]>> = { 'node:net': ['isIP', 'isIPv4', 'isIPv6'] };

interface Import {
  readonly specifier: string;
  /** Names that are imported from it; absent where all of it is. */
  readonly names?: readonly string[];
  readonly typeOnly: boolean;
}

interface Module {
  readonly path: string;
  readonly source: string;
  readonly imports: readonly Import[];
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function readModule(path: string): Module {
  const source = readFileSync(join(ROOT, path), 'utf8');
  const imports: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const bindings = node.importClause?.namedBindings;
      imports.push({
        specifier: node.moduleSpecifier.text,
        ...(bindings !== undefined &&
          ts.isNamedImports(bindings) && {
            names: bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text),
          }),
        typeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      });
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      imports.push({ specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument !== undefined && ts.isStringLiteral(argument)) {
        imports.push({ specifier: argument.text, typeOnly: false });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, source, ts.ScriptTarget.Latest));
  return { path, source, imports };
}

/** The room of a file: the longest of FLOORS that it lies in. */
function roomOf(path: string): string {
  let room = dirname(path);
  while (!(room in FLOORS) && room !== '.') room = dirname(room);
  return room;
}

function targetOf(module: Module, { specifier }: Import): string | undefined {
  return specifier.startsWith('.')
    ? relative(ROOT, resolve(ROOT, dirname(module.path), specifier))
    : undefined;
}

/** The exported interfaces of a file, and how many methods each of them adds. */
function portsOf(path: string, source: string): { path: string; name: string; methods: number }[] {
  return ts.createSourceFile(path, source, ts.ScriptTarget.Latest).statements.flatMap((statement) => {
    if (!ts.isInterfaceDeclaration(statement)) return [];
    const methods = statement.members.filter((member) => ts.isMethodSignature(member)).length;
    return [{ path, name: statement.name.text, methods }];
  });
}

const modules = [...filesUnder('lib'), ...filesUnder('bin')].map(readModule);
const byPath = new Map(modules.map((module) => [module.path, module]));

describe('architecture', () => {
  it('has every file in a room that has a floor', () => {
    const homeless = modules.filter(({ path }) => {
      const room = roomOf(path);
      return room === '.' || (room === 'lib' && dirname(path) !== 'lib');
    });
    expect(homeless.map(({ path }) => path)).to.deep.equal([]);
  });

  it('imports only from the same room or from floors below', () => {
    const wrong: string[] = [];
    for (const module of modules) {
      for (const each of module.imports) {
        const target = targetOf(module, each);
        if (target === undefined) continue;
        const [from, to] = [roomOf(module.path), roomOf(target)];
        const allowed = from === to || (FLOORS[to] ?? Infinity) < (FLOORS[from] ?? -1);
        if (!allowed) wrong.push(`${module.path} imports ${target}`);
      }
    }
    expect(wrong).to.deep.equal([]);
  });

  it('has no cycles, not even of types', () => {
    const cycles: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      if (done.has(path)) return;
      const module = byPath.get(path);
      for (const each of module?.imports ?? []) {
        if (module === undefined) continue;
        const target = targetOf(module, each);
        if (target !== undefined) visit(target, [...trail, path]);
      }
      done.add(path);
    };
    for (const { path } of modules) visit(path, []);
    expect(cycles).to.deep.equal([]);
  });

  it('reaches every file under lib from the application, the command line or what the package exports', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      exports: Record<string, string | { default: string }>;
    };
    const exported = Object.values(manifest.exports)
      .map((target) => (typeof target === 'string' ? target : target.default))
      .map((target) => target.replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts'))
      .filter((target) => target.startsWith('lib/'));
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      const module = byPath.get(path);
      for (const each of module?.imports ?? []) {
        const target = module === undefined ? undefined : targetOf(module, each);
        if (target !== undefined) visit(target);
      }
    };
    for (const path of ['lib/app.ts', 'bin/mailsms.ts', ...exported]) visit(path);
    const dead = modules.filter(({ path }) => !reached.has(path)).map(({ path }) => path);
    expect(dead).to.deep.equal([]);
  });

  it('imports only files that exist', () => {
    const missing = modules.flatMap((module) =>
      module.imports
        .map((each) => targetOf(module, each))
        .filter((target) => target !== undefined && !byPath.has(target))
        .map((target) => `${module.path} imports ${target}`),
    );
    expect(missing).to.deep.equal([]);
  });

  it('ends the process nowhere in lib', () => {
    const offenders = modules.filter(
      ({ path, source }) => path.startsWith('lib/') && /process\s*\.\s*(exit\b|abort\b)/.test(source),
    );
    expect(offenders.map(({ path }) => path)).to.deep.equal([]);
  });

  it('keeps the pure rooms free of I/O, clocks and randomness', () => {
    const wrong: string[] = [];
    for (const module of modules) {
      if (!PURE.some((room) => module.path.startsWith(`${room}/`))) continue;
      for (const { specifier, typeOnly, names } of module.imports) {
        const harmless = names?.every((name) => PURE_NAMES[specifier]?.includes(name)) ?? false;
        const impure = specifier.startsWith('node:') && !PURE_MAY_IMPORT.has(specifier) && !harmless;
        if (impure && !typeOnly) wrong.push(`${module.path} imports ${specifier}`);
      }
      if (/\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bsetTimeout\(/.test(module.source)) {
        wrong.push(`${module.path} reads a clock or throws dice`);
      }
    }
    expect(wrong).to.deep.equal([]);
  });

  it('keeps LMDB inside lib/store and serialport inside lib/transports/modem', () => {
    const wrong = modules.flatMap(({ path, imports }) =>
      imports
        .filter(
          ({ specifier }) =>
            (specifier === 'lmdb' && !path.startsWith('lib/store/lmdb')) ||
            (specifier.startsWith('serialport') && !path.startsWith('lib/transports/modem/')),
        )
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('has no port with more than twenty methods; of the store, each user takes the roles that it needs', () => {
    const wide = modules.flatMap(({ path, source }) => portsOf(path, source));
    expect(wide.filter(({ methods }) => methods > 20)).to.deep.equal([]);
    const whole = modules.filter((module) =>
      module.imports.some((each) => targetOf(module, each) === 'lib/store/store.ts'),
    );
    const users = whole.map(({ path }) => path).filter((path) => !path.startsWith('lib/store/'));
    expect(users.filter((path) => dirname(path) !== 'lib')).to.deep.equal([]);
  });

  it('has no barrels, no default exports and no rooms without a purpose', () => {
    const wrong = modules.filter(
      ({ path, source }) =>
        /(^|\/)(index|utils?|helpers?|common|manager)\.ts$/.test(path) ||
        /^export default\b/m.test(source) ||
        /^export \*/m.test(source),
    );
    expect(wrong.map(({ path }) => path)).to.deep.equal([]);
  });

  it('says in the first comment of a file longer than 400 lines why it is', () => {
    const silent = modules.filter(
      ({ source }) =>
        source.split('\n').length > 400 &&
        !/\bfile is long\b/.test(/\/\*\*[^]*?\*\//.exec(source)?.[0].replace(/\s*\n \*\s*/g, ' ') ?? ''),
    );
    expect(silent.map(({ path }) => path)).to.deep.equal([]);
  });

  it('gives a floor to rooms that exist, and to no others', () => {
    const empty = Object.keys(FLOORS).filter((room) => !modules.some(({ path }) => roomOf(path) === room));
    expect(empty).to.deep.equal([]);
  });

  it('keeps folders short enough to read as a table of contents', () => {
    const sizes = new Map<string, number>();
    for (const { path } of modules) sizes.set(dirname(path), (sizes.get(dirname(path)) ?? 0) + 1);
    const crowded = [...sizes].filter(([folder, files]) => files > MOST_FILES && !FILE_A_FIELD.has(folder));
    expect(crowded).to.deep.equal([]);
  });
});
