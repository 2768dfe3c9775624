import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listPatterns, repeatsRepetitions } from './check-patterns.ts';

test.each([
  ['(a+)+b'],
  ['(?:a*)*'],
  ['(a|ab)*c'],
  ['((a|b)c){2,}'],
  ['(x(?:a+)y)+'],
  ['(a{1,500}){1,500}'],
  ['(?<=x)(?i:[a-z]+)+!'],
  ['([^()]+)*'],
])('%s repeats repetitions', (pattern) => {
  expect(repeatsRepetitions(pattern)).toBe(true);
});

test.each([
  // GPT-2, Llama 3, GPT-4o, DeepSeek, Bloom, and digits by thousands.
  ["'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"],
  [
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+",
  ],
  ["[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{M}]*[\\p{Ll}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}"],
  ['[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+'],
  [' ?[^(\\s|[.,!?…。，、।۔،])]+'],
  ['\\p{N}{1,3}(?=(?:\\p{N}{3})*(?!\\p{N}))'],
  ['\\(+a\\)+'],
])('%s does not', (pattern) => {
  expect(repeatsRepetitions(pattern)).toBe(false);
});

test('patterns are found wherever they stand, and those of real kinds are taken', () => {
  const folder = join(import.meta.dirname, '../fixtures/tokens');
  const found = readdirSync(folder).flatMap((name) => [
    ...listPatterns(JSON.parse(readFileSync(join(folder, name, 'tokenizer.json'), 'utf8'))),
  ]);
  expect(found.length).toBeGreaterThanOrEqual(3);
  expect(found.filter(repeatsRepetitions)).toEqual([]);
});
