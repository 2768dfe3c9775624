import { expect, test } from 'vitest';
import { type LowerOptions, lowerModule } from '../../graph/lower-module.ts';
import { openShapes, type Shapes } from './open-shapes.fixture.ts';

const [WIDTH, INNER] = [256, 16];
const layer = (at: string, out: number, into: number, bias: boolean): Shapes => ({
  [`${at}.weight`]: [out, into],
  ...(bias && { [`${at}.bias`]: [out] }),
});
const norm = (at: string): Shapes => ({ [`${at}.weight`]: [WIDTH], [`${at}.bias`]: [WIDTH] });
const projections = (at: string, bias: boolean): Shapes =>
  Object.assign({}, ...['q_proj', 'k_proj', 'v_proj'].map((name) => layer(`${at}.${name}`, WIDTH, WIDTH, bias)));

const neox = (attention: string): Shapes => ({
  ...norm('input_layernorm'),
  ...norm('post_attention_layernorm'),
  ...layer(`${attention}.query_key_value`, 3 * WIDTH, WIDTH, true),
  ...layer(`${attention}.dense`, WIDTH, WIDTH, true),
  ...layer('mlp.dense_h_to_4h', INNER, WIDTH, true),
  ...layer('mlp.dense_4h_to_h', WIDTH, INNER, true),
});
const gptj: Shapes = {
  ...norm('ln_1'),
  ...projections('attn', false),
  ...layer('attn.out_proj', WIDTH, WIDTH, false),
  ...layer('mlp.fc_in', INNER, WIDTH, true),
  ...layer('mlp.fc_out', WIDTH, INNER, true),
};
const phi: Shapes = {
  ...norm('input_layernorm'),
  ...projections('self_attn', true),
  ...layer('self_attn.dense', WIDTH, WIDTH, true),
  ...layer('mlp.fc1', INNER, WIDTH, true),
  ...layer('mlp.fc2', WIDTH, INNER, true),
};
const inLayer = (shapes: Shapes): Shapes =>
  Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [`layers.0.${key}`, shape]));

async function assumed(shapes: Shapes, options: LowerOptions = {}) {
  const { kind, assumptions } = lowerModule(await openShapes(inLayer(shapes), 'layers.0'), options);
  return { is: kind, ...Object.fromEntries(assumptions.map(({ name, value }) => [name, value])) };
}
const twoHeads: LowerOptions = { corrections: [{ name: 'heads', value: 2 }] };

test('by their names, without a config, they are what their kin is', async () => {
  const common = { is: 'Block', causal: true };
  const byHead = { parallel: true, qkv_order: 'by head', rope_style: 'half', rope_dim: 16, activation: 'gelu' };
  expect(await assumed(neox('attention'))).toMatchObject({ ...common, ...byHead });
  expect(await assumed(gptj, twoHeads)).toMatchObject({
    ...common,
    rope_style: 'interleaved',
    rope_dim: 64,
    activation: 'gelu_tanh',
  });
  expect(await assumed(phi)).toMatchObject({ ...common, rope_style: 'half', rope_dim: 32, activation: 'gelu_tanh' });
});

test('what the config says comes first', async () => {
  const config = { use_parallel_residual: false, rotary_pct: 0.5, hidden_act: 'relu' };
  expect(await assumed(neox('attention'), { facts: { config } })).toMatchObject({
    parallel: false,
    rope_dim: 32,
    activation: 'relu',
  });
  expect(await assumed(gptj, { facts: { config: { rotary_dim: 8 } } })).toMatchObject({ rope_dim: 8 });
});

test('BLOOM, whose layers are called so but for one name, is not taken for it', async () => {
  await expect(assumed(neox('self_attention'))).rejects.toThrow('a Block is not computed here');
});
