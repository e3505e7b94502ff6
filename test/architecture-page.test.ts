import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'chai';

/** docs/architecture.md tells of files and of who calls whom: these tests keep it true. */
const ROOT = resolve(import.meta.dirname, '..');
const PAGE = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

interface Step {
  readonly station: string;
  readonly next: string;
  /** The port that both know, where the one does not know the other. */
  readonly port: string | undefined;
}

function stepsOf(heading: string): Step[] {
  const section = PAGE.split(/^## /m).find((each) => each.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \| `([^`]+)` \| (?:`([^`]+)`)? *\|/gm)].map(
    ([, station = '', next = '', port]) => ({ station, next, port }),
  );
}

function imports(path: string): Set<string> {
  const source = readFileSync(join(ROOT, path), 'utf8');
  return new Set(
    [...source.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, specifier = '']) =>
      relative(ROOT, resolve(ROOT, dirname(path), specifier)),
    ),
  );
}

describe('docs/architecture.md', () => {
  for (const heading of ['A mail becomes an SMS', 'An SMS becomes a mail']) {
    describe(`walks: ${heading}`, () => {
      const steps = stepsOf(heading);

      it('in several steps, by files that exist', () => {
        expect(steps.length).to.be.greaterThan(6);
        const named = steps.flatMap(({ station, next, port }) => [
          station,
          next,
          ...(port === undefined ? [] : [port]),
        ]);
        expect(named.filter((path) => !existsSync(join(ROOT, path)))).to.deep.equal([]);
      });

      it('in the direction in which they import each other', () => {
        const wrong = steps.filter(({ station, next, port }) =>
          port === undefined
            ? !imports(station).has(next) || imports(next).has(station)
            : !(imports(station).has(port) && imports(next).has(port)),
        );
        expect(wrong).to.deep.equal([]);
      });

      it('without a gap: each station is where an earlier one went', () => {
        const reached = new Set([steps[0]?.station, ...steps.map(({ next }) => next)]);
        const lost = steps.filter(({ station }) => !reached.has(station)).map(({ station }) => station);
        expect(lost).to.deep.equal([]);
      });
    });
  }

  it('names every room that has a floor, and no other', () => {
    const test = readFileSync(join(ROOT, 'test/architecture.test.ts'), 'utf8');
    const floors = /const FLOORS[^{]*\{([^}]*)\}/.exec(test)?.[1] ?? '';
    const rooms = [...floors.matchAll(/^ {2}'?([\w/-]+)'?:/gm)].map(([, room = '']) => room);
    const table = PAGE.slice(0, PAGE.indexOf('\n## '));
    const named = [...table.matchAll(/^\| [\d to]+ \| ([^|]*) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, room = '']) => room),
    );
    expect(named.toSorted()).to.deep.equal(rooms.toSorted());
  });
});
