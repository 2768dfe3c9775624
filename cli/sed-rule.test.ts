import { expect, test } from 'vitest';
import { readSedRule } from './sed-rule.ts';

function rename(rule: string, key: string): string {
  const { pattern, to, flags = '' } = readSedRule(rule);
  return key.replace(new RegExp(pattern, `gu${flags}`), to);
}

/** Answers of GNU sed 4.9 (`sed -E`, with the flag g). */
test.each([
  ['s/^module\\.//', 'module.layer.module.weight', 'layer.module.weight'],
  ['s/layers\\.([0-9]+)\\./h.\\1./g', 'layers.12.mlp', 'h.12.mlp'],
  ['s/([a-z]+)\\.([a-z]+)/\\2.\\1/', 'a.b', 'b.a'],
  ['s/(h)1/\\10/', 'h1', 'h0'],
  ['s/mlp/[&]\\&\\\\/', 'h.mlp', 'h.[mlp]&\\'],
  ['s/a/$1$&/', 'a', '$1$a'],
  ['s|a/b|c\\|d|', 'a/b', 'c|d'],
  ['s,a\\,b,X,', 'a,b', 'X'],
  ['s/[/.]/_/', 'a/b.c', 'a_b_c'],
  ['s/WEIGHT/w/I', 'x.weight', 'x.w'],
  ['s/Weight/w/gi', 'x.weight', 'x.w'],
  ['s#\\.#/#', 'a.b.c', 'a/b/c'],
])('%s of %s is %s', (rule, key, renamed) => {
  expect(rename(rule, key)).toBe(renamed);
});

/** As POSIX has it; GNU sed takes this one for an alternative with `-E`. */
test('an escaped delimiter is that letter', () => {
  expect(rename('s|a\\|b|X|', 'a|b')).toBe('X');
});

test.each([
  ['y/a/b/', 'this is no rule'],
  ['s', 'this is no rule'],
  ['saabb', 'this is no rule'],
  ['s/a/b', 'a / is missing'],
  ['s/a\\/b/', 'a / is missing'],
  ['s/a/b/2', 'its flags can be g and i, not 2'],
  ['s/(/b/', '( is no regular expression'],
  ['s/a/\\1/', 'there is no group \\1'],
])('%s is refused', (rule, why) => {
  expect(() => readSedRule(rule)).toThrow(why);
});
