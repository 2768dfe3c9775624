import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareNatural, compareNaturalPaths, rankLabels } from './natural.ts';

const sorted = (parts: (string | number)[]) => parts.toSorted(compareNatural);

describe('natural order', () => {
  it('counts as a person does', () => {
    expect(sorted(['h10', 'h2', 'h1', 'h'])).toEqual(['h', 'h1', 'h2', 'h10']);
    expect(sorted(['1.10', '1.9', '1.1'])).toEqual(['1.1', '1.9', '1.10']);
    expect(sorted(['x007', 'x7', 'x8', 'x06'])).toEqual(['x06', 'x007', 'x7', 'x8']);
  });

  it('keeps capitals beside small letters, capitals first among equals', () => {
    expect(sorted(['beta', 'alpha', 'Beta', 'Alpha'])).toEqual(['Alpha', 'alpha', 'Beta', 'beta']);
  });

  it('puts integers before text, by value, negative ones first', () => {
    expect(sorted(['0', 10, 'a', -2, 9, -10, 0])).toEqual([-10, -2, 0, 9, 10, '0', 'a']);
  });

  it('compares numbers longer than any number type', () => {
    const nines = '9'.repeat(400);
    expect(sorted([`a1${nines}`, `a${nines}`])).toEqual([`a${nines}`, `a1${nines}`]);
  });

  it('puts a path before what lies below it', () => {
    expect(compareNaturalPaths(['a'], ['a', 'b'])).toBeLessThan(0);
    expect(compareNaturalPaths(['h', '2', 'w'], ['h', '10'])).toBeLessThan(0);
  });

  const part = fc.oneof(
    fc.integer(),
    fc.string({ unit: fc.constantFrom('a', 'A', '0', '1', '9', '.', '-', '_', 'é', '٣') }),
  );
  it('is a total order', () => {
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        expect(Math.sign(compareNatural(a, b)) + Math.sign(compareNatural(b, a))).toBe(0);
        if (compareNatural(a, b) === 0) expect(a).toBe(b);
        if (compareNatural(a, b) <= 0 && compareNatural(b, c) <= 0) expect(compareNatural(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  it('ranks labels as it compares parts', () => {
    fc.assert(
      fc.property(fc.uniqueArray(part, { maxLength: 30 }), (parts) => {
        const rank = rankLabels(parts.map(String), (i) => typeof parts[i] === 'number');
        const byRank = parts.map((p, i) => [rank[i]!, p] as const).sort((a, b) => a[0] - b[0]);
        expect(byRank.map(([, p]) => p)).toEqual(sorted(parts));
      }),
    );
  });
});
