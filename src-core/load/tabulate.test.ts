import { expect, test } from 'vitest';
import type { Outline } from './outline.ts';
import { findPolicy, plan } from './plan.ts';
import type { LoadOptions } from './report.ts';
import { splitKey } from './split-key.ts';
import { tabulate } from './tabulate.ts';

const outline = (shapes: Readonly<Record<string, readonly number[]>>): Outline => ({
  origin: 'document',
  entries: Object.entries(shapes).map(([key, shape]) => ({
    key,
    parts: splitKey(key),
    value: { kind: 'tensor', dtype: 'f32', shape },
  })),
});

function rowsOf(policy: string, target: Outline, source: Outline, options: LoadOptions = {}) {
  const table = tabulate(plan(target, source, findPolicy(policy), options), target, source, options);
  return Array.from({ length: table.count }, (_, row) => table.describe(row));
}

const TARGET = outline({ a: [2], b: [3], 'c.weight': [4], d: [5] });
const SOURCE = outline({ 'c.weigth': [4], a: [2], b: [9], d: [5], e: [1] });

test('what does not fit comes first, then what is on one side alone, then what matches; each with its places', () => {
  const rows = rowsOf('torch-strict', TARGET, SOURCE);
  expect(rows.map(({ key, status, isChanged }) => [key, status, isChanged])).toEqual([
    ['b', 'shape', false],
    ['c.weight', 'missing', false],
    ['e', 'unexpected', false],
    ['c.weigth', 'unexpected', false],
    ['a', 'matched', true],
    ['d', 'matched', true],
  ]);
  expect(rows[0]).toMatchObject({ expected: '[3]', actual: '[9]', target: 1, source: 2 });
  expect(rows[1]).toEqual({
    row: 1,
    key: 'c.weight',
    status: 'missing',
    isChanged: false,
    expected: 'f32 [4]',
    actual: '',
    suggestion: 'c.weigth',
    target: 2,
  });
  expect(rows[3]).toMatchObject({ expected: '', actual: 'f32 [4]', source: 0 });
  expect(rows[3]).not.toHaveProperty('target');
});

test('nothing has changed where a system looks before it writes; all that arrives has where it does not raise', () => {
  expect(rowsOf('dspy', TARGET, SOURCE).filter(({ isChanged }) => isChanged)).toEqual([]);
  const silent = rowsOf('caten-silent', TARGET, SOURCE);
  expect(silent.filter(({ isChanged }) => isChanged).map(({ key }) => key)).toEqual(['b', 'a', 'd']);
});

test('what rules renamed is known by its own name on its side', () => {
  const source = outline({ 'module.a': [2], 'module.b': [3] });
  const rows = rowsOf('torch-nonstrict', outline({ a: [2], b: [3] }), source, {
    map: [{ pattern: '^module\\.', to: '' }],
  });
  expect(rows.map(({ key, from, source: place }) => [key, from, place])).toEqual([
    ['a', 'module.a', 0],
    ['b', 'module.b', 1],
  ]);
});
