import { expect, test } from 'vitest';
import type { AssumptionName } from '../../graph/assumptions.ts';
import { type LowerOptions, lowerModule } from '../../graph/lower-module.ts';
import { llamaShapes, openShapes, type Shapes } from './open-shapes.fixture.ts';

const layer = 'model.layers.0';
const llama = llamaShapes(1);
const without = (shapes: Shapes, part: string): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([key]) => !key.includes(part)));
const gpt2: Shapes = {
  'wte.weight': [20, 8],
  'wpe.weight': [16, 8],
  'h.0.ln_1.weight': [8],
  'h.0.ln_1.bias': [8],
  'h.0.attn.c_attn.weight': [8, 24],
  'h.0.attn.c_attn.bias': [24],
  'h.0.attn.c_proj.weight': [8, 8],
  'h.0.attn.c_proj.bias': [8],
  'h.0.ln_2.weight': [8],
  'h.0.ln_2.bias': [8],
  'h.0.mlp.c_fc.weight': [8, 32],
  'h.0.mlp.c_fc.bias': [32],
  'h.0.mlp.c_proj.weight': [32, 8],
  'h.0.mlp.c_proj.bias': [8],
  'ln_f.weight': [8],
  'ln_f.bias': [8],
};
const experts: Shapes = {
  'mlp.gate.weight': [2, 8],
  ...Object.fromEntries(
    [0, 1].flatMap((i) =>
      ['gate_proj', 'up_proj', 'down_proj'].map((name) => [
        `mlp.experts.${i}.${name}.weight`,
        name === 'down_proj' ? [8, 12] : [12, 8],
      ]),
    ),
  ),
};
const t5Block = (at: string): Shapes => ({
  ...Object.fromEntries(['q', 'k', 'v', 'o'].map((name) => [`${at}.layer.0.SelfAttention.${name}.weight`, [8, 8]])),
  [`${at}.layer.0.layer_norm.weight`]: [8],
  [`${at}.layer.1.DenseReluDense.wi.weight`]: [12, 8],
  [`${at}.layer.1.DenseReluDense.wo.weight`]: [8, 12],
  [`${at}.layer.1.layer_norm.weight`]: [8],
});
const correct = (name: AssumptionName, value: number | string): LowerOptions => ({ corrections: [{ name, value }] });

test.each<[string, Shapes, string, LowerOptions, string]>([
  [
    'experts',
    {
      ...without(llama, 'mlp.'),
      [`${layer}.mlp.gate.weight`]: [2, 8],
      [`${layer}.mlp.experts.0.gate_proj.weight`]: [12, 8],
      [`${layer}.mlp.experts.1.gate_proj.weight`]: [12, 8],
    },
    '',
    {},
    `${layer}.mlp cannot be run: an MoE is not computed here. Choose a module inside it`,
  ],
  [
    'experts that are chosen with a correction of their own',
    { ...experts, 'mlp.gate.e_score_correction_bias': [2] },
    'mlp',
    {},
    'it holds gate.e_score_correction_bias, which what it is taken for has not',
  ],
  [
    'experts that are chosen otherwise',
    experts,
    'mlp',
    { facts: { config: { scoring_func: 'sigmoid' } } },
    'its config chooses experts by sigmoid, which is not computed here. Run one of its experts',
  ],
  [
    'experts that lie the other way',
    { 'mlp.gate.weight': [2, 8], 'mlp.experts.gate_up_proj': [2, 8, 24], 'mlp.experts.down_proj': [2, 12, 8] },
    'mlp',
    {},
    'its experts lie as 2×8×24 and 2×12×8, not as [experts, out, in]',
  ],
  [
    'norms that its kin have not',
    { ...llama, [`${layer}.post_mlp_layernorm.weight`]: [8] },
    layer,
    {},
    'it cannot be run: it holds post_mlp_layernorm.weight, which what it is taken for has not',
  ],
  [
    'biases by distance',
    {
      'attn.qkv.weight': [24, 8],
      'attn.qkv.bias': [24],
      'attn.proj.weight': [8, 8],
      'attn.relative_position_bias_table': [9, 2],
    },
    'attn',
    {},
    'it holds relative_position_bias_table',
  ],
  ['heads that do not divide', llama, '', correct('heads', 3), 'heads cannot be 3: it is one of 1, 2, 4, 8'],
  ['a head size that does not fit', llama, '', correct('head_dim', 3), 'head_dim cannot be 3'],
  [
    'more tokens than positions',
    gpt2,
    '',
    { shapes: { tokens: [1, 20] } },
    'it knows 16 positions and is given 20 tokens. Give it fewer tokens',
  ],
  [
    'positions that are stretched in another way',
    llama,
    '',
    { facts: { config: { rope_scaling: { rope_type: 'yarn', factor: 4 } } } },
    'its config stretches positions by yarn, which is not computed here',
  ],
  [
    'Gemma 3n',
    llama,
    '',
    { facts: { config: { model_type: 'gemma3n' } } },
    "gemma3n, whose layers differ from Llama's",
  ],
  [
    'a block without the biases that the first holds',
    t5Block('encoder.block.1'),
    'encoder.block.1',
    {},
    'its biases by distance are kept in the first block. Run the encoder or decoder that it is in, or the first block',
  ],
  [
    'other heads than there are biases for',
    { ...t5Block('block.0'), 'block.0.layer.0.SelfAttention.relative_attention_bias.weight': [32, 2] },
    'block.0',
    correct('heads', 4),
    'it has biases for 2 heads. Say it has 2 heads',
  ],
  [
    'text token by token of T5',
    { ...t5Block('block.0'), 'block.0.layer.0.SelfAttention.relative_attention_bias.weight': [32, 2] },
    'block.0',
    { cache: true },
    'a text is not made token by token with it here',
  ],
  [
    'keys that are learned',
    { 'attn.in_proj_weight': [24, 8], 'attn.out_proj.weight': [8, 8], 'attn.bias_k': [1, 1, 8] },
    'attn',
    {},
    'it adds a learned key and value',
  ],
  [
    'an image of another size',
    {
      cls_token: [1, 1, 8],
      pos_embed: [1, 10, 8],
      'patch_embed.proj.weight': [8, 3, 4, 4],
      'patch_embed.proj.bias': [8],
      'norm.weight': [8],
      'norm.bias': [8],
      ...Object.fromEntries(
        Object.entries({
          'norm1.weight': [8],
          'norm1.bias': [8],
          'attn.qkv.weight': [24, 8],
          'attn.proj.weight': [8, 8],
          'norm2.weight': [8],
          'norm2.bias': [8],
          'mlp.fc1.weight': [16, 8],
          'mlp.fc2.weight': [8, 16],
        }).map(([key, shape]) => [`blocks.0.${key}`, shape]),
      ),
    },
    '',
    { shapes: { input: [1, 3, 16, 16] } },
    'it has positions for 9 patches, and the image has 16. Give it an image of 12 × 12',
  ],
])('refuses %s with a sentence', async (_, shapes, path, options, sentence) => {
  const module = await openShapes(shapes, path);
  expect(() => lowerModule(module, options)).toThrow(sentence);
});

test('without a config, what large and small models usually have is assumed', async () => {
  const attention = async (q: number, kv: number) => {
    const module = await openShapes(
      {
        'self_attn.q_proj.weight': [q, 1],
        'self_attn.k_proj.weight': [kv, 1],
        'self_attn.v_proj.weight': [kv, 1],
        'self_attn.o_proj.weight': [1, q],
      },
      'self_attn',
    );
    const { assumptions } = lowerModule(module);
    return Object.fromEntries(assumptions.map(({ name, value }) => [name, value]));
  };
  // Llama 3 8B, Llama 3.2 1B, and one of a test.
  expect(await attention(4096, 1024)).toMatchObject({ heads: 32, kv_heads: 8, head_dim: 128, causal: true });
  expect(await attention(2048, 512)).toMatchObject({ heads: 32, kv_heads: 8, head_dim: 64, rope_style: 'half' });
  expect(await attention(32, 16)).toMatchObject({ heads: 2, kv_heads: 1, head_dim: 16, rope_theta: 10_000 });
});
