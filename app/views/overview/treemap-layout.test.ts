import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModuleTree } from '../../../src-core/index.ts';
import { squarify } from './squarify.ts';
import { moveInMap } from './treemap-keys.ts';
import { layoutTreemap, NAME_HEIGHT, type Tile } from './treemap-layout.ts';

const area = ({ width, height }: { width: number; height: number }) => width * height;

test('rectangles cover the box, in proportion, and do not overlap', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(
      weights,
      fc.integer({ min: 20, max: 900 }),
      fc.integer({ min: 20, max: 400 }),
      (some, width, height) => {
        const sorted = some.toSorted((a, b) => b - a);
        const total = sorted.reduce((a, b) => a + b, 0);
        const boxes = squarify(sorted, { x: 3, y: 5, width, height });
        boxes.forEach((box, i) => {
          expect(area(box) / (width * height)).toBeCloseTo(sorted[i]! / total, 9);
          expect(box.x >= 3 - 1e-6 && box.x + box.width <= 3 + width + 1e-6).toBe(true);
          expect(box.y >= 5 - 1e-6 && box.y + box.height <= 5 + height + 1e-6).toBe(true);
          for (const other of boxes.slice(0, i)) {
            const across = Math.min(box.x + box.width, other.x + other.width) - Math.max(box.x, other.x);
            const down = Math.min(box.y + box.height, other.y + other.height) - Math.max(box.y, other.y);
            expect(Math.min(across, down)).toBeLessThan(1e-6);
          }
        });
      },
    ),
  );
});

/** h.0, h.1, h.2 with a weight of 100 each, and 1,000 entries of 1 under `small`. */
function sampleTree(): ModuleTree {
  const parent = [0, 0, 1, 2, 1, 4, 1, 6, 0];
  for (let i = 0; i < 1000; i++) parent.push(8);
  const count = parent.length;
  const end = parent.map((_, i) => i + 1);
  const bytes = parent.map((_, i) => (i > 8 ? 1 : [3, 5, 7].includes(i) ? 100 : 0));
  for (let i = count - 1; i > 0; i--) {
    end[parent[i]!] = Math.max(end[parent[i]!]!, end[i]!);
    bytes[parent[i]!]! += bytes[i]!;
  }
  return {
    count,
    parent: Uint32Array.from(parent),
    end: Uint32Array.from(end),
    bytes: Float64Array.from(bytes),
    params: Float64Array.from(bytes),
    entry: Int32Array.from(parent, (_, i) => ([0, 1, 2, 4, 6, 8].includes(i) ? -1 : i)),
    entries: Uint32Array.from(end, (last, i) => Math.max(1, last - i - 1)),
    repeat: Uint32Array.from(parent, (_, i) => (i === 2 ? 3 : 0)),
    siblings: Uint32Array.from(parent, (_, i) => ([2, 4, 6].includes(i) ? 3 : 2)),
  } as unknown as ModuleTree;
}

const options = { by: 'bytes', fold: true, width: 600, height: 300 } as const;
const amountOf = (tiles: readonly Tile[], parent: number) =>
  tiles.filter((tile) => tile.parent === parent).reduce((sum, tile) => sum + tile.amount, 0);

test('tiles inside a module make up its amount, and lie below its name', () => {
  for (const fold of [true, false]) {
    const tiles = layoutTreemap(sampleTree(), 0, { ...options, fold });
    expect(amountOf(tiles, -1)).toBe(1300);
    tiles.forEach((tile, i) => {
      if (!tile.isOpen) return;
      expect(amountOf(tiles, i)).toBe(tile.amount);
      for (const inner of tiles.filter((other) => other.parent === i)) {
        expect(inner.y).toBeGreaterThanOrEqual(tile.y + NAME_HEIGHT - 1e-6);
        expect(inner.x + inner.width).toBeLessThanOrEqual(tile.x + tile.width);
      }
    });
  }
});

test('alike blocks fold into one, or stand side by side', () => {
  const blocks = (fold: boolean) =>
    layoutTreemap(sampleTree(), 0, { ...options, fold })
      .filter((tile) => [1, 2, 4, 6].includes(tile.node))
      .map(({ node, times, amount }) => [node, times, amount]);
  expect(blocks(true)).toEqual([[1, 3, 300]]);
  expect(blocks(false)).toEqual([
    [1, 1, 300],
    [2, 1, 100],
    [4, 1, 100],
    [6, 1, 100],
  ]);
});

test('what is too small is drawn together and counted', () => {
  const rest = layoutTreemap(sampleTree(), 0, options).find((tile) => tile.others > 0);
  expect(rest).toMatchObject({ node: 8, others: 1000, amount: 1000 });
});

test('half a million entries take a moment', () => {
  const count = 500_001;
  const tree = {
    count,
    parent: new Uint32Array(count),
    end: Uint32Array.from({ length: count }, (_, i) => (i === 0 ? count : i + 1)),
    bytes: Float64Array.from({ length: count }, (_, i) => (i === 0 ? count - 1 : 1)),
    params: new Float64Array(count),
    entry: Int32Array.from({ length: count }, (_, i) => i - 1),
    entries: new Uint32Array(count).fill(1),
    repeat: new Uint32Array(count),
    siblings: new Uint32Array(count),
  } as unknown as ModuleTree;
  layoutTreemap(tree, 0, options);
  // Processor time, and the best of a few: what else the machine does is not counted.
  const costs = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    layoutTreemap(tree, 0, options);
    return process.cpuUsage(before).user / 1000;
  });
  expect(Math.min(...costs)).toBeLessThan(50);
  const tiles = layoutTreemap(tree, 0, options);
  expect(tiles).toMatchObject([{ others: 500_000 }]);
});

test('arrow keys go beside, into and out of modules', () => {
  const tiles = layoutTreemap(sampleTree(), 0, options);
  const go = (key: string, at: number | null) => moveInMap(key, tiles, at);
  expect(go('ArrowDown', null)).toBe(0);
  const run = tiles.findIndex((tile) => tile.times === 3);
  const inside = go('ArrowDown', run) as number;
  expect(tiles[inside]?.parent).toBe(run);
  expect(go('ArrowUp', inside)).toBe(run);
  expect(go('ArrowRight', go('End', 0) as number)).toBe(go('End', 0));
  expect(go('Tab', 0)).toBeUndefined();
});
