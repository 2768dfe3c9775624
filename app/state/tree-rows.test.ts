import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModuleTree } from '../../src-core/index.ts';
import { labelOf, labelsStartingWith, nodeAtPath, pathText } from './tree-labels.ts';
import {
  filteredRows,
  indexOfRow,
  initialOpen,
  isRun,
  nodeOfRow,
  OPEN,
  openRows,
  RUN_BIT,
  revealNode,
  setAllExpanded,
  soleRun,
  type TreeRows,
} from './tree-rows.ts';

/** A tree as nested pairs; a label of `name*` begins a run of as many following siblings as have one. */
type Sketch = readonly (readonly [label: string, children?: Sketch])[];

/** Builds the columns these functions read; the rest of a ModuleTree stays empty. */
function plant(sketch: Sketch, runs: Readonly<Record<number, number>> = {}): ModuleTree {
  const labels: string[] = [''];
  const parent = [0];
  const depth = [0];
  const end = [0];
  const position = [1];
  const siblings = [1];
  const entry = [-1];
  const nodeOfEntry: number[] = [];
  const grow = (nodes: Sketch, above: number, level: number) => {
    nodes.forEach(([label, children], i) => {
      const node = labels.push(label) - 1;
      parent.push(above);
      depth.push(level);
      position.push(i + 1);
      siblings.push(nodes.length);
      end.push(0);
      entry.push(children ? -1 : nodeOfEntry.push(node) - 1);
      if (children) grow(children, node, level + 1);
      end[node] = labels.length;
    });
  };
  grow(sketch, 0, 1);
  end[0] = labels.length;
  const bytes = labels.map((label) => new TextEncoder().encode(label));
  const starts = [0];
  for (const piece of bytes) starts.push(starts[starts.length - 1]! + piece.length);
  const repeat = new Uint32Array(labels.length);
  for (const [node, times] of Object.entries(runs)) repeat[Number(node)] = times;
  return {
    count: labels.length,
    entryCount: nodeOfEntry.length,
    labelBytes: Uint8Array.from(bytes.flatMap((piece) => [...piece])),
    labelStart: Uint32Array.from(starts),
    label: Uint32Array.from(labels.keys()),
    parent: Uint32Array.from(parent),
    end: Uint32Array.from(end),
    depth: Uint16Array.from(depth),
    position: Uint32Array.from(position),
    siblings: Uint32Array.from(siblings),
    entry: Int32Array.from(entry),
    nodeOfEntry: Uint32Array.from(nodeOfEntry),
    repeat,
  } as ModuleTree;
}

/** Rows as text: indent by level, the label, position of set size. */
const print = (tree: ModuleTree, rows: TreeRows): string[] =>
  Array.from(rows.ids, (id, i) => {
    const name = isRun(id) ? `run of ${tree.repeat[nodeOfRow(id)]}` : labelOf(tree, id);
    return `${'  '.repeat(rows.levels[i]! - 1)}${name} ${rows.position(i)}/${rows.setSize(i)}`;
  });

const block: Sketch = [['w'], ['b']];
// 1 embed, 2 h, then blocks at 3, 6, 9, then 12 norm, which makes the run one of two rows below h.
const model = plant([['embed'], ['h', [['0', block], ['1', block], ['2', block], ['norm']]], ['head']], { 3: 3 });

const openAll = (tree: ModuleTree) => new Uint8Array(tree.count).fill(OPEN.expanded);

describe('open rows', () => {
  test('a folded run is one row beside its siblings, and counts as one among them', () => {
    expect(print(model, openRows(model, openAll(model)))).toEqual([
      'embed 1/3',
      'h 2/3',
      '  run of 3 1/2',
      '  norm 2/2',
      'head 3/3',
    ]);
  });

  test('an unfolded run is a level of its own', () => {
    const open = new Uint8Array(model.count);
    open[2] = OPEN.expanded;
    open[3] = OPEN.unfolded;
    open[6] = OPEN.expanded;
    expect(print(model, openRows(model, open))).toEqual([
      'embed 1/3',
      'h 2/3',
      '  run of 3 1/2',
      '    0 1/3',
      '    1 2/3',
      '      w 1/2',
      '      b 2/2',
      '    2 3/3',
      '  norm 2/2',
      'head 3/3',
    ]);
  });

  test('a node that holds one run and nothing else is the fold itself', () => {
    const tree = plant(
      [
        [
          'h',
          [
            ['0', block],
            ['1', block],
            ['2', block],
          ],
        ],
      ],
      { 2: 3 },
    );
    expect(soleRun(tree, 1)).toBe(3);
    expect(print(tree, openRows(tree, Uint8Array.of(0, OPEN.expanded, 0, 0, 0, 0, 0, 0, 0, 0, 0)))).toEqual([
      'h 1/1',
      '  0 1/3',
      '  1 2/3',
      '  2 3/3',
    ]);
  });

  test('expanding all shows every node, runs unfolded; collapsing all leaves the first level', () => {
    let runs = 0;
    for (let n = 1; n < model.count; n++) if (model.repeat[n]! > 1 && model.repeat[n] !== model.siblings[n]) runs++;
    expect(runs).toBeGreaterThan(0);
    const open = new Uint8Array(model.count);
    setAllExpanded(open, true);
    expect(openRows(model, open).length).toBe(model.count - 1 + runs);
    setAllExpanded(open, false);
    expect(print(model, openRows(model, open))).toEqual(['embed 1/3', 'h 2/3', 'head 3/3']);
  });

  test('a document opens with whole levels that fit a screen, repeated blocks folded', () => {
    const tree = plant(
      [
        [
          'h',
          [
            ['0', block],
            ['1', block],
            ['2', block],
          ],
        ],
        ['ln', block],
      ],
      { 2: 3 },
    );
    const rows = openRows(tree, initialOpen(tree));
    expect(print(tree, rows)).toEqual(['h 1/2', 'ln 2/2', '  w 1/2', '  b 2/2']);
    const wide = plant([['a', Array.from({ length: 100 }, (_, i) => [`t${i}`] as const)]]);
    expect(openRows(wide, initialOpen(wide)).length).toBe(1);
  });
});

describe('filtered rows', () => {
  test('matches with their ancestors, nothing folded, positions among what is shown', () => {
    // Entry rows: embed 0, h.0.w 1, h.0.b 2, h.1.w 3, h.1.b 4, …
    const rows = filteredRows(model, Uint32Array.of(1, 4, 8), openAll(model));
    expect(print(model, rows)).toEqual(['h 1/2', '  0 1/2', '    w 1/1', '  1 2/2', '    b 1/1', 'head 2/2']);
  });

  test('a row closed by hand stays closed, and its siblings keep their set size', () => {
    const open = openAll(model);
    open[2] = open[2]! | OPEN.closedInFilter;
    expect(print(model, filteredRows(model, Uint32Array.of(1, 4, 8), open))).toEqual(['h 1/2', 'head 2/2']);
  });

  test('no match, no row', () => {
    expect(filteredRows(model, new Uint32Array(), openAll(model)).length).toBe(0);
  });
});

test('every shown row is found by its id, and no other', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: model.count, maxLength: model.count, max: 3 }), (bits) => {
      const rows = openRows(model, bits);
      const shown = new Set(rows.ids);
      for (let node = 1; node < model.count; node++) {
        for (const id of [node, node + RUN_BIT]) {
          const index = indexOfRow(rows, id);
          expect(index >= 0).toBe(shown.has(id));
          if (index >= 0) expect(rows.ids[index]).toBe(id);
        }
      }
    }),
  );
});

test('revealing opens whatever is above, folded runs too', () => {
  for (let node = 1; node < model.count; node++) {
    const open = new Uint8Array(model.count);
    revealNode(model, open, node);
    expect(indexOfRow(openRows(model, open), node)).toBeGreaterThanOrEqual(0);
  }
});

describe('labels', () => {
  test('a path text finds its node again, dots and backslashes inside parts included', () => {
    const odd = plant([
      ['a.b', [['c\\', [['.']]], ['']]],
      ['a', [['b']]],
    ]);
    for (let node = 0; node < odd.count; node++) expect(nodeAtPath(odd, pathText(odd, node))).toBe(node);
    expect(pathText(odd, 1)).toBe('a\\.b');
    expect(nodeAtPath(odd, 'a.c')).toBeUndefined();
  });

  test('type-ahead looks at letters, not at their case', () => {
    const tree = plant([['Weight'], ['bias'], ['wte'], ['Übung']]);
    const starting = (text: string) => [...labelsStartingWith(tree, text)];
    expect(starting('w')).toEqual([0, 1, 0, 1, 0]);
    expect(starting('we')).toEqual([0, 1, 0, 0, 0]);
  });
});
