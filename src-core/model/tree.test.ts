import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, llamaRows, mixtureRows, type Row, tensors } from './columns.fixture.ts';
import { keyOfRow } from './key-text.ts';
import type { PathPart } from './keys/key.ts';
import { labelTexts } from './labels.ts';
import { type ModuleTree, NO_TYPE, NODE_FLAG, NOT_AN_ENTRY } from './module-tree.ts';
import { compareNatural } from './natural.ts';
import { type EntryColumns, NO_SHAPE, ROW_FLAG } from './state-dict.ts';
import { buildTree } from './tree.ts';

/** One line a node: indented label, `=row` for an entry. */
function draw(tree: ModuleTree): string[] {
  const texts = labelTexts(tree);
  return Array.from({ length: tree.count - 1 }, (_, i) => {
    const node = i + 1;
    const row = tree.entry[node] === NOT_AN_ENTRY ? '' : `=${tree.entry[node]}`;
    return `${' '.repeat(tree.depth[node]! - 1)}${texts[tree.label[node]!]}${row}`;
  });
}

const treeOf = (rows: readonly Row[], order?: 'natural' | 'source') =>
  buildTree(columnsOf(rows), order ? { order } : {});
const keys = (...names: (string | PathPart[])[]): Row[] => names.map((key) => ({ key, shape: [2] }));
const find = (tree: ModuleTree, ...path: string[]): number => {
  const texts = labelTexts(tree);
  return path.reduce((node, name) => {
    for (let child = node + 1; child < tree.end[node]!; child = tree.end[child]!) {
      if (texts[tree.label[child]!] === name) return child;
    }
    throw new Error(`no ${name}`);
  }, 0);
};

describe('buildTree', () => {
  it('orders siblings naturally, or as the file first names them', () => {
    const rows = keys('h.10.w', 'h.2.w', 'b', 'h.2.a', 'A', 'h.10.a');
    expect(draw(treeOf(rows))).toEqual(['A=4', 'b=2', 'h', ' 2', '  a=3', '  w=1', ' 10', '  a=5', '  w=0']);
    expect(draw(treeOf(rows, 'source'))).toEqual(['h', ' 10', '  w=0', '  a=5', ' 2', '  w=1', '  a=3', 'b=2', 'A=4']);
  });

  it('tells the integer 0 from the text "0", and puts the integer first', () => {
    const tree = treeOf(keys(['a', '0'], ['a', 0]));
    expect(draw(tree)).toEqual(['a', ' 0=1', ' 0=0']);
    expect([...tree.flags].map((f) => (f & NODE_FLAG.intLabel) !== 0)).toEqual([false, false, true, false]);
  });

  it('makes one node of an entry that is also a module', () => {
    const tree = treeOf(keys('a.b', 'a', 'a.c'));
    expect(draw(tree)).toEqual(['a=1', ' b=0', ' c=2']);
    expect(tree.entries[1]).toBe(3);
    expect(tree.params[1]).toBe(6);
  });

  it('shows a repeated key twice and flags both; children go to the first', () => {
    const tree = treeOf(keys('a.w', 'b', 'a.w', 'a.w.x', 'a.w'));
    expect(draw(tree)).toEqual(['a', ' w=0', '  x=3', ' w=2', ' w=4', 'b=1']);
    const flagged = [...tree.flags.keys()].filter((node) => (tree.flags[node]! & NODE_FLAG.duplicate) !== 0);
    expect(flagged.map((node) => tree.entry[node])).toEqual([0, 2, 4]);
    expect(tree.siblings[find(tree, 'a', 'w')]).toBe(3);
  });

  it('puts the root entry below the root, apart from a part with no text', () => {
    const tree = treeOf([
      { key: [], shape: [3] },
      { key: [''], shape: [4] },
      { key: ['', 'x'], shape: [5] },
    ]);
    expect(draw(tree)).toEqual(['=0', '=1', ' x=2']);
    expect(tree.entry[0]).toBe(NOT_AN_ENTRY);
    expect(tree.params[0]).toBe(12);
  });

  it('keeps dots, line ends and other scripts inside a part', () => {
    const parts = ['a.b', 'x\ny', 'é', '中文', '\ufeffm', ''];
    const tree = treeOf([{ key: parts, shape: [1] }]);
    expect(labelTexts(tree)).toEqual(['', ...parts]);
    expect(tree.depth.at(-1)).toBe(6);
  });

  it('finds a module again that was left, as files sorted by dtype leave it', () => {
    const tree = treeOf([...keys('a.x', 'b.x'), ...keys('a.y', 'b.y', 'a.x2')]);
    expect(draw(tree)).toEqual(['a', ' x=0', ' x2=4', ' y=2', 'b', ' x=1', ' y=3']);
  });

  it('takes paths as deep as keys may be, and a document without entries', () => {
    const deep = Array.from({ length: 256 }, (_, i) => `p${i}`);
    const tree = treeOf([{ key: deep, shape: [7] }]);
    expect(tree.count).toBe(257);
    expect(tree.depth[256]).toBe(256);
    expect(tree.params[0]).toBe(7);
    const empty = treeOf([]);
    expect([empty.count, empty.entryCount, empty.end[0]]).toEqual([1, 0, 1]);
  });

  it('counts shared storage once, at its owner', () => {
    const tree = treeOf([
      { key: 'wte.weight', shape: [10, 4], flags: ROW_FLAG.tied },
      { key: 'head.weight', shape: [10, 4], flags: ROW_FLAG.tied | ROW_FLAG.alias },
    ]);
    expect([tree.params[0], tree.bytes[0], tree.entries[0]]).toEqual([40, 160, 2]);
    expect(tree.params[find(tree, 'head')]).toBe(0);
    expect(tree.params[find(tree, 'wte')]).toBe(40);
  });

  it('gives a module the dtype all its tensors have, whatever else it holds', () => {
    const tree = treeOf([
      { key: 'a.w', shape: [1], dtype: 'bf16' },
      { key: 'a.note' },
      { key: 'a.s.w', shape: [1], dtype: 'bf16' },
      { key: 'b.w', shape: [1], dtype: 'f32' },
      { key: 't.x' },
    ]);
    const name = (node: number) => tree.dtypes[tree.dtype[node]! - 1];
    expect([name(find(tree, 'a')), name(find(tree, 'b')), name(0), name(find(tree, 't'))]).toEqual([
      'bf16',
      'f32',
      undefined,
      undefined,
    ]);
    // Three of a kind, then one that differs, then again one: still mixed.
    const mixed = treeOf(
      ['f32', 'f16', 'f16', 'f32'].map((dtype, i) => ({ key: `m.${i}`, shape: [1], dtype: dtype as 'f32' })),
    );
    expect(mixed.dtype[1]).toBe(0);
  });

  it('marks every module above a problem, not those beside it', () => {
    const tree = treeOf([...keys('a.b.c', 'a.d'), { key: 'x.y', flags: ROW_FLAG.problem }]);
    const below = (node: number) => (tree.flags[node]! & NODE_FLAG.problemBelow) !== 0;
    expect([below(0), below(find(tree, 'x')), below(find(tree, 'x', 'y')), below(find(tree, 'a'))]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('repeat', () => {
  const repeats = (tree: ModuleTree) =>
    [...tree.repeat.entries()].filter(([, times]) => times > 0).map(([node, times]) => [node, times]);

  it('folds the blocks of a Llama', () => {
    const tree = treeOf(llamaRows(32));
    expect(repeats(tree)).toEqual([[find(tree, 'model', 'layers', '0'), 32]]);
  });

  it('folds experts inside blocks, and runs of different blocks apart', () => {
    const dense = (i: number) => tensors({ [`h.${i}.w`]: [4, 4] });
    const moe = (i: number) => tensors({ [`h.${i}.e.0.w`]: [2], [`h.${i}.e.1.w`]: [2], [`h.${i}.e.2.w`]: [2] });
    const tree = treeOf([0, 1, 2].flatMap(dense).concat([3, 4, 5, 6].flatMap(moe)));
    expect(repeats(tree).filter(([node]) => tree.depth[node!] === 2)).toEqual([
      [find(tree, 'h', '0'), 3],
      [find(tree, 'h', '3'), 4],
    ]);
    expect(tree.repeat[find(tree, 'h', '3', 'e', '0')]).toBe(3);
  });

  it.each([
    ['another shape', tensors({ 'h.1.w': [5] })],
    ['another dtype', tensors({ 'h.1.w': [4] }, 'f16')],
    ['another name', tensors({ 'h.1.v': [4] })],
    ['one more', tensors({ 'h.1.w': [4], 'h.1.b': [4] })],
  ])('does not fold over %s', (_, odd) => {
    const tree = treeOf([...tensors({ 'h.0.w': [4] }), ...odd, ...tensors({ 'h.2.w': [4] })]);
    expect(repeats(tree)).toEqual([]);
  });

  it('does not fold names, two of a kind, or prompts', () => {
    expect(repeats(treeOf(tensors({ 'a.w': [4], 'b.w': [4], 'c.w': [4] })))).toEqual([]);
    expect(repeats(treeOf(tensors({ '0.w': [4], '1.w': [4] })))).toEqual([]);
    expect(repeats(treeOf([{ key: 'p.0.text' }, { key: 'p.1.text' }, { key: 'p.2.text' }]))).toEqual([]);
  });

  it('does not care in which order a block lists its children', () => {
    const tree = treeOf(
      tensors({ 'h.0.a': [1], 'h.0.b': [2], 'h.1.b': [2], 'h.1.a': [1], 'h.2.a': [1], 'h.2.b': [2] }),
      'source',
    );
    expect(repeats(tree)).toEqual([[2, 3]]);
  });
});

const part = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<PathPart[]>('a', 'b', 'B', '0', '1', '10', 'w', 0, 1, 2) },
  { weight: 1, arbitrary: fc.oneof(fc.string(), fc.nat()) },
);
const path = fc.array(part, { maxLength: 5 });
const row = fc.record({
  key: path,
  shape: fc.array(fc.nat(6), { maxLength: 3 }),
  flags: fc.constantFrom(0, 0, ROW_FLAG.problem, ROW_FLAG.alias | ROW_FLAG.tied),
});
const anyRows = fc.array(row, { maxLength: 40 });
const tagged = (key: readonly PathPart[]) => JSON.stringify(key);
const uniqueRows = fc.uniqueArray(row, { maxLength: 40, selector: (r) => tagged(r.key) });

/** The typed path of a node. */
function pathOf(tree: ModuleTree, node: number): PathPart[] {
  const texts = labelTexts(tree);
  const parts: PathPart[] = [];
  for (let at = node; at > 0; at = tree.parent[at]!) {
    const text = texts[tree.label[at]!]!;
    parts.unshift((tree.flags[at]! & NODE_FLAG.intLabel) !== 0 ? Number(text) : text);
  }
  return parts;
}

function checkInvariants(tree: ModuleTree, columns: EntryColumns): void {
  expect(tree.end[0]).toBe(tree.count);
  for (let node = 1; node < tree.count; node++) {
    const up = tree.parent[node]!;
    expect(up).toBeLessThan(node);
    expect(tree.end[node]).toBeGreaterThan(node);
    expect(tree.end[node]).toBeLessThanOrEqual(tree.end[up]!);
    expect(tree.depth[node]).toBe(tree.depth[up]! + 1);
    if (tree.entry[node] === NOT_AN_ENTRY) {
      expect(tree.type[node]).toBe(NO_TYPE);
      expect(tree.shape[node]).toBe(NO_SHAPE);
      expect(tree.end[node]).toBeGreaterThan(node + 1);
    }
  }
  for (let node = 0; node < tree.count; node++) {
    const children: number[] = [];
    for (let child = node + 1; child < tree.end[node]!; child = tree.end[child]!) children.push(child);
    children.forEach((child, i) => {
      expect(tree.parent[child]).toBe(node);
      expect([tree.position[child], tree.siblings[child]]).toEqual([i + 1, children.length]);
    });
    const own = tree.entry[node]!;
    const counted = own !== NOT_AN_ENTRY && (columns.flags[own]! & ROW_FLAG.alias) === 0;
    const sum = (of: (n: number) => number) => children.reduce((total, child) => total + of(child), 0);
    expect(tree.params[node]).toBe(sum((n) => tree.params[n]!) + (counted ? columns.params[own]! : 0));
    expect(tree.bytes[node]).toBe(sum((n) => tree.bytes[n]!) + (counted ? columns.bytes[own]! : 0));
    expect(tree.entries[node]).toBe(sum((n) => tree.entries[n]!) + (own !== NOT_AN_ENTRY ? 1 : 0));
  }
  for (let r = 0; r < columns.count; r++) expect(tree.entry[tree.nodeOfEntry[r]!]).toBe(r);
}

describe('for any entries', () => {
  it('is a pre-order with right sums in which every entry is found', () => {
    fc.assert(
      fc.property(anyRows, fc.constantFrom('natural' as const, 'source' as const), (rows, order) => {
        const columns = columnsOf(rows);
        const tree = buildTree(columns, { order });
        checkInvariants(tree, columns);
        rows.forEach((r, i) => {
          const node = tree.nodeOfEntry[i]!;
          expect(pathOf(tree, node)).toEqual(r.key.length === 0 ? [''] : r.key);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('does not depend on the order of entries, in natural order', () => {
    const shuffled = uniqueRows.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
    );
    const show = (rows: readonly Row[]) => {
      const tree = buildTree(columnsOf(rows));
      return Array.from({ length: tree.count }, (_, node) => [
        tagged(pathOf(tree, node)),
        tree.params[node],
        tree.flags[node],
        tree.repeat[node],
        tree.kind[node],
        tree.shapes[tree.shape[node]!],
      ]);
    };
    fc.assert(
      fc.property(shuffled, ([rows, other]) => {
        expect(show(other)).toEqual(show(rows));
      }),
      { numRuns: 200 },
    );
  });

  it('sorts siblings naturally', () => {
    fc.assert(
      fc.property(uniqueRows, (rows) => {
        const tree = buildTree(columnsOf(rows));
        for (let node = 1; node < tree.count; node++) {
          const next = tree.end[node]!;
          if (next >= tree.count || tree.parent[next] !== tree.parent[node]) continue;
          const [a, b] = [pathOf(tree, node).at(-1)!, pathOf(tree, next).at(-1)!];
          // The root entry and a part without text both read as nothing.
          if (a !== b) expect(compareNatural(a, b)).toBeLessThan(0);
        }
      }),
    );
  });
});

it('builds the tree of a hundred thousand entries like that of a few', () => {
  const columns = columnsOf(mixtureRows(100_000));
  const tree = buildTree(columns);
  expect(tree.entries[0]).toBe(columns.count);
  expect(tree.params[0]).toBe(columns.params.reduce((a, b) => a + b, 0));
  expect(keyOfRow(columns, tree.entry[tree.count - 1]!)).toBe('model.layers.64.self_attn.v_proj.weight');
  expect(tree.repeat[find(tree, 'model', 'layers', '0')]).toBe(65);
});
