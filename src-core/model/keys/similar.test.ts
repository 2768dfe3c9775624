import { expect, it, test } from 'vitest';
import { SequenceMatcher } from './close-matches.ts';
import { similarKeys } from './similar.ts';

// difflib.SequenceMatcher(None, a, b).ratio() of Python 3.11.
it.each([
  ['h.0.attn.weight', 'h.0.attn.wieght', 0.9333333333333333],
  ['abcd', 'bcde', 0.75],
  ['transformer.wte.weight', 'wte.weight', 0.625],
  ['a b c', 'cba', 0.25],
  ['layers.10.mlp.up_proj', 'layers.1.mlp.upproj', 0.95],
  ['xx', 'yy', 0],
  ['fc1.weight', 'weight.fc1', 0.6],
  ['', '', 1],
])('%s and %s are as alike as difflib says', (a, b, ratio) => {
  expect(new SequenceMatcher(b).ratio(a)).toBe(ratio);
});

const KEYS =
  'wte.weight wpe.weight h.0.ln_1.weight h.0.ln_1.bias h.0.attn.c_attn.weight h.0.attn.c_attn.bias h.1.attn.c_attn.weight ln_f.weight lm_head.weight'.split(
    ' ',
  );

// difflib.get_close_matches(wanted, KEYS); `ln_1` is found because keys contain it.
test.each([
  ['h.0.attn.c_atn.weight', ['h.0.attn.c_attn.weight', 'h.1.attn.c_attn.weight', 'h.0.attn.c_attn.bias']],
  ['wte.wieght', ['wte.weight', 'wpe.weight']],
  ['zzz', []],
  ['ln_1', ['h.0.ln_1.weight', 'h.0.ln_1.bias']],
  ['', []],
])('%s is meant to be %j', (wanted, found) => {
  expect(similarKeys(wanted, KEYS)).toEqual(found);
});

test('half a million keys are compared in no time', () => {
  const keys = Array.from(
    { length: 200_000 },
    (_, i) => `model.layers.${i >> 3}.mlp.experts.${i % 8}.gate_proj.weight`,
  );
  const start = performance.now();
  const found = similarKeys('model.layers.77.mlp.experts.3.gate_prj.weight', keys);
  expect(found[0]).toBe('model.layers.77.mlp.experts.3.gate_proj.weight');
  expect(performance.now() - start).toBeLessThan(10_000);
});
