import { describe, expect, it, test } from 'vitest';
import { llamaRows } from '../../model/columns.fixture.ts';
import { compileRules } from '../../model/keys/rename-rules.ts';
import { findPrefix } from './prefix.ts';
import { MAPPINGS } from './registry.ts';

const CASES: Readonly<Record<string, readonly (readonly [left: string, right: string])[]>> = {
  'gguf-llama': [
    ['model.embed_tokens.weight', 'token_embd.weight'],
    ['model.layers.11.self_attn.o_proj.weight', 'blk.11.attn_output.weight'],
    ['model.layers.0.post_attention_layernorm.weight', 'blk.0.ffn_norm.weight'],
    ['model.norm.weight', 'output_norm.weight'],
    ['lm_head.weight', 'output.weight'],
  ],
  'gguf-gpt2': [
    ['transformer.wpe.weight', 'position_embd.weight'],
    ['transformer.h.10.mlp.c_proj.bias', 'blk.10.ffn_down.bias'],
    ['transformer.ln_f.bias', 'output_norm.bias'],
    ['lm_head.weight', 'output.weight'],
  ],
  flax: [
    ['encoder.layers.0.linear1.weight', 'encoder.layers.0.linear1.kernel'],
    ['encoder.norm1.weight', 'encoder.norm1.scale'],
    ['bn1.running_var', 'bn1.var'],
    ['h.0.ln_1.weight', 'h.0.ln_1.scale'],
    ['wte.weight', 'wte.embedding'],
    ['fc.bias', 'fc.bias'],
  ],
  keras: [
    ['fc1.weight', 'fc1.kernel'],
    ['bn1.weight', 'bn1.gamma'],
    ['bn1.bias', 'bn1.beta'],
    ['bn1.running_mean', 'bn1.moving_mean'],
    ['embedding.weight', 'embedding.embeddings'],
    ['fc1.bias', 'fc1.bias'],
  ],
};

describe.each(MAPPINGS)('$id', ({ id, toRight, toLeft, left, right }) => {
  it.each(CASES[id] ?? [])('%s is %s, and back', (inLeft, inRight) => {
    expect(compileRules(toRight)(inLeft)).toBe(inRight);
    expect(compileRules(toLeft)(inRight)).toBe(inLeft);
  });
  it('knows its names from the others', () => {
    const cases = CASES[id] ?? [];
    expect(cases.some(([name]) => left.test(name))).toBe(true);
    expect(cases.some(([, name]) => right.test(name))).toBe(true);
    expect(cases.some(([name]) => right.test(name))).toBe(false);
  });
});

test('every name of a Llama has one in a GGUF', () => {
  const { toRight, toLeft } = MAPPINGS[0]!;
  const [there, back] = [compileRules(toRight), compileRules(toLeft)];
  const keys = llamaRows(2).map(({ key }) => String(key));
  const renamed = keys.map(there);
  expect(renamed.filter((key) => /layers|model|lm_head/.test(key))).toEqual([]);
  expect(renamed.map(back)).toEqual(keys);
});

test('of prefixes that fit equally well none is taken', () => {
  const names = new Set(['w', 'b']);
  expect(findPrefix(new Set(['x.w', 'x.b', 'y.w']), names)).toEqual({ side: 'a', prefix: 'x.' });
  expect(findPrefix(new Set(['x.w', 'x.b', 'y.w', 'y.b']), names)).toBeUndefined();
  expect(findPrefix(new Set(['x.w']), names)).toBeUndefined();
});
