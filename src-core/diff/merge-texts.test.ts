import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MergeRegion, markConflicts, mergeTexts, textOfMerge } from './merge-texts.ts';

interface Golden {
  readonly entries: readonly {
    readonly case: string;
    readonly base: string;
    readonly a: string;
    readonly b: string;
    readonly conflicts: number;
    readonly merged: string;
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../fixtures/text-merges/merges.json', import.meta.url), 'utf8'),
);
const LABELS = { a: 'a', base: 'base', b: 'b' };

test.each(golden.entries)('as git merges: $case', ({ base, a, b, conflicts, merged }) => {
  const regions = mergeTexts(base, a, b);
  expect(regions.filter(({ kind }) => kind === 'conflict')).toHaveLength(conflicts);
  expect(markConflicts(regions, LABELS)).toBe(merged);
  expect(textOfMerge(regions)).toBe(conflicts > 0 ? undefined : merged);
});

// Few letters, so that lines repeat and can be aligned in many ways.
const text = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 12 }).map((lines) => lines.join(''));

test('sides are told alike, and nothing is lost', () => {
  const mirror = ({ kind, base, a, b }: MergeRegion) => ({
    kind: kind === 'a' ? 'b' : kind === 'b' ? 'a' : kind,
    base,
    a: b,
    b: a,
  });
  fc.assert(
    fc.property(text, text, text, (base, a, b) => {
      const regions = mergeTexts(base, a, b);
      expect(mergeTexts(base, b, a)).toEqual(regions.map(mirror));
      for (const side of ['base', 'a', 'b'] as const)
        expect(regions.flatMap((region) => region[side]).join('')).toBe({ base, a, b }[side]);
    }),
  );
});

test('one side that changed, or two that changed alike, is the merge', () => {
  fc.assert(
    fc.property(text, text, (base, a) => {
      expect(textOfMerge(mergeTexts(base, a, base))).toBe(a);
      expect(textOfMerge(mergeTexts(base, base, a))).toBe(a);
      expect(textOfMerge(mergeTexts(base, a, a))).toBe(a);
    }),
  );
});
