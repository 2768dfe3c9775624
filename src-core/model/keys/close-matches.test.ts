import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closeMatches, SequenceMatcher } from './close-matches.ts';

interface Case {
  readonly word: string;
  readonly possibilities: readonly string[];
  readonly ratios: readonly number[];
  readonly matches: readonly string[];
}
const FILE = join(import.meta.dirname, '../../fixtures/load/close-matches.json');
const { entries: CASES } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly entries: readonly Case[] };

test('ratios are those of difflib to the last bit, of long texts too', () => {
  for (const { word, possibilities, ratios } of CASES) {
    const matcher = new SequenceMatcher(word);
    expect(possibilities.map((text) => matcher.ratio(text))).toEqual(ratios);
    for (const [i, text] of possibilities.entries())
      expect(matcher.boundRatio(text)).toBeGreaterThanOrEqual(ratios[i] ?? 1);
  }
});

test('matches are those of difflib, in its order', () => {
  expect(CASES.some(({ word }) => word.length >= 200)).toBe(true);
  for (const { word, possibilities, matches } of CASES) expect(closeMatches(word, possibilities)).toEqual(matches);
});
