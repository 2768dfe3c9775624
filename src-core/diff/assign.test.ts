import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignBest } from './assign.ts';

/** The best of all ways to give the first rows a column each. */
function bestSum(scores: readonly (readonly number[])[], columns: number): number {
  const rows = scores.length;
  const most = Math.min(rows, columns);
  const go = (row: number, used: number, left: number): number => {
    if (left === 0) return 0;
    if (row === rows) return Number.NEGATIVE_INFINITY;
    let best = rows - row > left ? go(row + 1, used, left) : Number.NEGATIVE_INFINITY;
    for (let column = 0; column < columns; column++)
      if (!(used & (1 << column)))
        best = Math.max(best, scores[row]![column]! + go(row + 1, used | (1 << column), left - 1));
    return best;
  };
  return go(0, 0, most);
}

test('the sum of scores is the greatest there is, of any shape', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }));
  const cases = sizes.chain(([rows, columns]) =>
    fc.tuple(
      fc.constant(columns),
      fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: columns, maxLength: columns }), {
        minLength: rows,
        maxLength: rows,
      }),
    ),
  );
  fc.assert(
    fc.property(cases, ([columns, scores]) => {
      const found = [...assignBest(scores.length, columns, (row, column) => scores[row]![column]!)];
      const taken = found.filter((column) => column >= 0);
      expect(new Set(taken).size).toBe(taken.length);
      expect(taken.length).toBe(Math.min(scores.length, columns));
      const sum = found.reduce((total, column, row) => (column < 0 ? total : total + scores[row]![column]!), 0);
      expect(sum).toBe(bestSum(scores, columns));
    }),
    { numRuns: 300 },
  );
});
