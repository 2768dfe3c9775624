import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorStats } from '../tensor/stats.ts';
import { columnsOf, type Row, tensors } from './columns.fixture.ts';
import { keyOfRow, pathOfRow } from './key-text.ts';
import { compareNaturalPaths } from './natural.ts';
import { searchKeys } from './search-keys.ts';
import { type RowColumn, sortRows } from './sort.ts';
import { StatsTable } from './stats-table.ts';
import { buildTree } from './tree.ts';

const rows: Row[] = [
  { key: 'h.10.w', shape: [4, 4], dtype: 'f32', role: 'parameter' },
  { key: 'note', bytes: 5 },
  { key: 'h.2.w', shape: [16], dtype: 'bf16', role: 'buffer' },
  { key: 'a', shape: [2, 3], dtype: 'f32' },
  { key: 'h.2.b', shape: [], dtype: 'f64', role: 'parameter' },
];
const columns = columnsOf(rows);

describe('sortRows', () => {
  const tree = buildTree(columns);
  it('sorts by statistics, what nobody computed last both ways round', () => {
    const table = new StatsTable();
    const stats = (mean: number) => ({ mean, distribution: {} }) as unknown as TensorStats;
    table.set(3, stats(-2));
    table.set(0, stats(1));
    table.set(4, undefined);
    table.set(2, stats(-7));
    const sort = (descending: boolean) => [...sortRows(columns, tree, 'mean', descending, undefined, table)];
    expect(sort(false).slice(0, 3)).toEqual([2, 3, 0]);
    expect(sort(true).slice(0, 3)).toEqual([0, 3, 2]);
  });

  const sort = (column: RowColumn, descending = false) => [...sortRows(columns, tree, column, descending)];
  it('sorts by each column, what has no value last both ways round', () => {
    expect(sort('source')).toEqual([0, 1, 2, 3, 4]);
    expect(sort('key')).toEqual([3, 4, 2, 0, 1]);
    expect(sort('key', true)).toEqual([1, 0, 2, 4, 3]);
    expect(sort('params')).toEqual([1, 4, 3, 2, 0]);
    expect(sort('bytes', true)).toEqual([0, 2, 3, 4, 1]);
    expect(sort('shape')).toEqual([4, 2, 3, 0, 1]);
    expect(sort('shape', true)).toEqual([0, 3, 2, 4, 1]);
    expect(sort('dtype')).toEqual([2, 3, 0, 4, 1]);
    expect(sort('role')).toEqual([2, 4, 0, 3, 1]);
    expect(sort('role', true)).toEqual([4, 0, 2, 3, 1]);
    expect(sort('type')).toEqual([3, 4, 2, 0, 1]);
  });

  it('keeps the order of the rows it is given', () => {
    expect([...sortRows(columns, tree, 'dtype', false, Uint32Array.of(0, 3, 1))]).toEqual([0, 3, 1]);
    expect([...sortRows(columns, tree, 'dtype', true, Uint32Array.of(3, 0, 1))]).toEqual([3, 0, 1]);
  });

  it('sorts keys naturally in a tree of source order too', () => {
    const source = buildTree(columns, { order: 'source' });
    expect([...sortRows(columns, source, 'key', false)]).toEqual([3, 4, 2, 0, 1]);
  });

  const part = fc.oneof(fc.constantFrom('a', 'A', 'b2', 'b10', ''), fc.nat(12));
  const any = fc.uniqueArray(
    fc.record({ key: fc.array(part, { minLength: 1, maxLength: 3 }), shape: fc.array(fc.nat(20), { maxLength: 3 }) }),
    { maxLength: 30, selector: (r) => JSON.stringify(r.key) },
  );
  it('agrees with a comparison sort', () => {
    fc.assert(
      fc.property(any, fc.boolean(), (list, descending) => {
        const cols = columnsOf(list);
        const natural = buildTree(cols);
        const all = Uint32Array.from(list, (_, i) => i);
        const turn = descending ? -1 : 1;
        const byKey = [...all].sort((x, y) => turn * compareNaturalPaths(pathOfRow(cols, x), pathOfRow(cols, y)));
        expect([...sortRows(cols, natural, 'key', descending, all)]).toEqual(byKey);
        const byParams = [...all].sort((x, y) => turn * (cols.params[x]! - cols.params[y]!));
        expect([...sortRows(cols, natural, 'params', descending, all)]).toEqual(byParams);
      }),
    );
  });
});

describe('keys of rows', () => {
  it('joins parts by dots and gives the parts back', () => {
    const cols = columnsOf([{ key: ['a.b', 3, '', 'é'] }, { key: [] }]);
    expect(keyOfRow(cols, 0)).toBe('a.b.3..é');
    expect(pathOfRow(cols, 0)).toEqual(['a.b', 3, '', 'é']);
    expect(keyOfRow(cols, 1)).toBe('');
    expect(pathOfRow(cols, 1)).toEqual([]);
  });
});

describe('searchKeys', () => {
  const cols = columnsOf(
    tensors({
      'model.layers.0.self_attn.q_proj.weight': [1],
      'model.layers.0.mlp.gate_proj.weight': [1],
      'h.attn': [1],
      'x.cattn.y': [1],
      'attn.c_proj': [1],
      lm_head: [1],
    }),
  );
  const search = (text: string, limit = 3) => searchKeys(cols, text, limit).map((found) => found.key);
  it('puts whole parts first, then beginnings, then the middle of parts', () => {
    expect(search('attn', 10)).toEqual([
      'h.attn',
      'attn.c_proj',
      'model.layers.0.self_attn.q_proj.weight',
      'x.cattn.y',
    ]);
  });
  it('finds letters in order where no key has the word, and wants every word', () => {
    expect(search('qprojw')).toEqual(['model.layers.0.self_attn.q_proj.weight']);
    expect(search('gate l0')).toEqual(['model.layers.0.mlp.gate_proj.weight']);
    expect(search('attn zzz')).toEqual([]);
  });
  it('gives no more than asked, and the first entries for nothing', () => {
    expect(search('proj', 2)).toHaveLength(2);
    expect(search('', 1)).toEqual(['h.attn']);
    expect(search('a', 0)).toEqual([]);
    expect(new Set(search('weight', 6)).size).toBe(search('weight', 6).length);
  });
});
