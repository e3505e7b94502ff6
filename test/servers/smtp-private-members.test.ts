import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';

/**
 * Members of smtp-server that are not public and that lib/servers/smtp overrides, calls or reads. smtp-server may change them in any
 * version: where one is gone this test says which, in place of a session that behaves oddly. The list may get shorter.
 */
const MEMBERS = [
  '_acceptSocket',
  '_armTimeout',
  '_closed',
  '_closing',
  '_countDataBytes',
  '_createParser',
  '_dataStream',
  '_endDataMode',
  '_feedDataStream',
  '_flushData',
  '_getEnhancedStatusCode',
  '_isDisabled',
  '_isSupported',
  '_nextHandler',
  '_onClose',
  '_onCommand',
  '_onError',
  '_originalRemoteAddress',
  '_parser',
  '_pendingSockets',
  '_proxyCommandAllowed',
  '_ready',
  '_remainder',
  '_resetSession',
  '_setListeners',
  '_socket',
  '_transactionCounter',
  '_unrecognizedCommands',
  '_upgrade',
  '_upgrading',
  '_whenWritable',
  '_xClient',
];

/** A member of Node's streams. */
const OTHERS = new Set(['_write']);

const PACKAGE = resolve(import.meta.dirname, '../../node_modules/smtp-server');
const OURS = resolve(import.meta.dirname, '../../lib/servers/smtp');

function sources(folder: string, ending: string): string {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

describe("smtp-server's private members", () => {
  const theirs = sources(join(PACKAGE, 'dist/esm'), '.js');
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string };

  for (const name of MEMBERS) {
    it(`include ${name}`, () => {
      const there = new RegExp(`this\\.${name}\\b|^\\s+(?:async )?${name}\\(`, 'm').test(theirs);
      expect(
        there,
        `smtp-server ${version} has no ${name} any more, on which lib/servers/smtp relies`,
      ).to.equal(true);
    });
  }

  it('are used by us in no greater number', () => {
    const code = sources(OURS, '.ts').replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
    const used = new Set(
      [...code.matchAll(/(?:\.|^\s+(?:override |private |declare )*(?:async )?)(_[a-zA-Z]+)/gm)].map(
        ([, name = '']) => name,
      ),
    );
    const known = new Set([...MEMBERS, ...OTHERS]);
    expect([...used].filter((name) => !known.has(name))).to.deep.equal([]);
    expect(MEMBERS.filter((name) => !used.has(name))).to.deep.equal([]);
  });
});
