import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachRun, indexOfPlace, planWalk } from './walk.ts';

/** A view in which no two indices meet: dimensions in any order in memory, some of them backwards. */
const views = fc
  .uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 })
  .chain((order) =>
    fc.record({
      order: fc.constant(order.map((_, i) => order.toSorted((a, b) => a - b).indexOf(order[i]!))),
      shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: order.length, maxLength: order.length }),
      gaps: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: order.length, maxLength: order.length }),
      backwards: fc.array(fc.boolean(), { minLength: order.length, maxLength: order.length }),
    }),
  )
  .map(({ order, shape, gaps, backwards }) => {
    const strides = shape.map(() => 0);
    let stride = 1;
    let offset = 3;
    for (const dim of order) {
      stride += gaps[dim]!;
      strides[dim] = backwards[dim] ? -stride : stride;
      if (backwards[dim]) offset += stride * (shape[dim]! - 1);
      stride *= shape[dim]!;
    }
    return { shape, strides, offset };
  });

test('the index of a place is the index whose element stands there', () => {
  fc.assert(
    fc.property(views, (view) => {
      const walk = planWalk(view, 'storage');
      for (let place = 0; place < walk.count; place++) {
        const [run] = eachRun(walk, place, place + 1);
        const index = indexOfPlace(view, walk, place)!;
        expect(index.every((at, dim) => at >= 0 && at < view.shape[dim]!)).toBe(true);
        expect(index.reduce((at, i, dim) => at + i * view.strides[dim]!, view.offset)).toBe(run?.at);
      }
    }),
  );
});

test('without strides the index counts in C order; a view that overlaps itself has none', () => {
  const whole = { shape: [2, 3, 4], offset: 0 };
  expect(indexOfPlace(whole, planWalk(whole, 'storage'), 17)).toEqual([1, 1, 1]);
  const windows = { shape: [5, 4], strides: [2, 1], offset: 0 };
  const walk = planWalk(windows, 'storage');
  expect(indexOfPlace(windows, walk, 19)).toEqual([4, 3]);
  const expanded = { shape: [3, 2], strides: [0, 1], offset: 0 };
  expect(indexOfPlace(expanded, planWalk(expanded, 'storage'), 1)).toEqual([0, 1]);
});
