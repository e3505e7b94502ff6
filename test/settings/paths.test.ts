import { expect } from 'chai';
import { z } from 'zod';
import { withPaths } from '../../lib/settings/paths.ts';
import { path, text } from '../../lib/settings/values.ts';

const word = () => text(() => undefined);
const at = (name: string): string => `/base/${name}`;

describe('paths of settings', () => {
  const cases: readonly [name: string, schema: z.ZodType, given: unknown, expected: unknown][] = [
    ['a path', path(), 'a', '/base/a'],
    ['a word', word(), 'a', 'a'],
    ['with meaning and example', path().meta({ description: 'x' }), 'a', '/base/a'],
    ['that may be left out', z.object({ ca: path().exactOptional() }), { ca: 'a' }, { ca: '/base/a' }],
    ['that is left out', z.object({ ca: path().exactOptional() }), {}, {}],
    ['with a default', path().prefault('a'), 'b', '/base/b'],
    ['in a list', z.array(path()), ['a', 'b'], ['/base/a', '/base/b']],
    ['in a list with a default', z.array(path()).default([]), ['a'], ['/base/a']],
    ['by name', z.record(z.string(), path()), { x: 'a' }, { x: '/base/a' }],
    [
      'in a group in a group that has a default',
      z.object({ tls: z.object({ key: path(), name: word() }).prefault({ key: 'k', name: 'n' }) }),
      { tls: { key: 'a', name: 'b' } },
      { tls: { key: '/base/a', name: 'b' } },
    ],
    [
      'in one of several kinds',
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('a'), file: word() }),
        z.object({ type: z.literal('b'), file: path() }),
      ]),
      { type: 'b', file: 'x' },
      { type: 'b', file: '/base/x' },
    ],
    [
      'but not in another kind, whose setting has the same name',
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('a'), file: word() }),
        z.object({ type: z.literal('b'), file: path() }),
      ]),
      { type: 'a', file: 'x' },
      { type: 'a', file: 'x' },
    ],
    [
      'in a group or a number',
      z.union([z.number(), z.object({ file: path() })]),
      { file: 'x' },
      { file: '/base/x' },
    ],
    ['where a number stands instead', z.union([z.number(), z.object({ file: path() })]), 7, 7],
  ];
  for (const [name, schema, given, expected] of cases) {
    it(name, () => {
      expect(withPaths(schema, z.parse(schema, given), at)).to.deep.equal(expected);
    });
  }
});
