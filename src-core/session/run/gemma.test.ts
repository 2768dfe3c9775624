import { expect, test } from 'vitest';
import type { Assumption } from '../../graph/assumptions.ts';
import { lowerModule } from '../../graph/lower-module.ts';
import { openShapes, type Shapes } from './open-shapes.fixture.ts';

const WIDTH = 2560;
const NORMS = ['input', 'post_attention', 'pre_feedforward', 'post_feedforward'];

/** Gemma 3 4B's sizes of an attention, with narrow MLPs. */
function gemmaShapes(generation: 2 | 3, layers: number): Shapes {
  const layer = (at: string): [string, number[]][] => [
    [`${at}.self_attn.q_proj.weight`, [2048, WIDTH]],
    [`${at}.self_attn.k_proj.weight`, [1024, WIDTH]],
    [`${at}.self_attn.v_proj.weight`, [1024, WIDTH]],
    [`${at}.self_attn.o_proj.weight`, [WIDTH, 2048]],
    ...(generation === 3 ? ['q', 'k'] : []).map((part): [string, number[]] => [
      `${at}.self_attn.${part}_norm.weight`,
      [256],
    ]),
    ...NORMS.map((name): [string, number[]] => [`${at}.${name}_layernorm.weight`, [WIDTH]]),
    [`${at}.mlp.gate_proj.weight`, [4, WIDTH]],
    [`${at}.mlp.up_proj.weight`, [4, WIDTH]],
    [`${at}.mlp.down_proj.weight`, [WIDTH, 4]],
  ];
  const all = Array.from({ length: layers }, (_, i) => layer(`model.layers.${i}`)).flat();
  return Object.fromEntries([['model.embed_tokens.weight', [4, WIDTH]], ['model.norm.weight', [WIDTH]], ...all]);
}

/** What is assumed of some, by `path.name`. */
const pick = (made: readonly Assumption[], ...places: readonly string[]) =>
  Object.fromEntries(
    places.map((place) => [
      place,
      made.find(({ path, name }) => (path === '' ? name : `${path}.${name}`) === place)?.value,
    ]),
  );

/** One layer in six sees all of the text, from further away. */
const GEMMA_3 = {
  'model.layers.0.self_attn.window': 1024,
  'model.layers.0.self_attn.rope_theta': 1e4,
  'model.layers.0.self_attn.rope_factor': undefined,
  'model.layers.5.self_attn.window': 0,
  'model.layers.5.self_attn.rope_theta': 1e6,
  'model.layers.5.self_attn.rope_factor': 8,
  'model.layers.0.self_attn.heads': 8,
  'model.layers.0.mlp.activation': 'gelu_tanh',
  embedding_scale: Math.sqrt(WIDTH),
  'model.norm.norm_scale': '1 + weight',
  'model.layers.5.self_attn.q_norm.norm_scale': '1 + weight',
  softcap: undefined,
};

const said = {
  model_type: 'gemma3_text',
  hidden_activation: 'gelu_pytorch_tanh',
  num_attention_heads: 8,
  sliding_window: 1024,
};
const stretched = { rope_type: 'linear', factor: 8 };

test.each<[string, Record<string, unknown> | undefined]>([
  ['no config: by its names', undefined],
  [
    'the config of its release',
    { ...said, rope_theta: 1e6, rope_local_base_freq: 1e4, rope_scaling: stretched, sliding_window_pattern: 6 },
  ],
  [
    'a config of today',
    {
      ...said,
      layer_types: Array.from({ length: 6 }, (_, i) => (i === 5 ? 'full_attention' : 'sliding_attention')),
      rope_parameters: {
        full_attention: { ...stretched, rope_theta: 1e6 },
        sliding_attention: { rope_type: 'default', rope_theta: 1e4 },
      },
    },
  ],
  [
    'the config of a model of texts and images',
    { model_type: 'gemma3', text_config: { ...said, rope_scaling: stretched } },
  ],
])('Gemma 3 is assumed the same from %s', async (_, config) => {
  const module = await openShapes(gemmaShapes(3, 6));
  const { assumptions } = lowerModule(module, config ? { facts: { config } } : {});
  expect(pick(assumptions, ...Object.keys(GEMMA_3))).toEqual(GEMMA_3);
  expect(assumptions.find(({ name }) => name === 'window')?.source).toBe(config ? 'file' : 'name');
});

test('Gemma 2 is known by its names: every second layer slides, scores and logits are capped', async () => {
  const { assumptions } = lowerModule(await openShapes(gemmaShapes(2, 2)));
  const places = [
    'logit_softcap',
    'model.layers.0.self_attn.softcap',
    'model.layers.0.self_attn.window',
    'model.layers.1.self_attn.window',
  ];
  expect(Object.values(pick(assumptions, ...places))).toEqual([30, 50, 4096, 0]);
});

test.each([
  ['2B', 2304, 2048, 8, 256 ** -0.5],
  ['9B', 3584, 4096, 16, 256 ** -0.5],
  ['27B', 4608, 4096, 32, 144 ** -0.5],
])('an attention of Gemma 2 %s by its names has its heads and its scale', async (_, width, queries, heads, scale) => {
  const shapes = Object.fromEntries(
    Object.entries(gemmaShapes(2, 1)).map(([key, shape]) => [
      key,
      shape.map((size) => (size === WIDTH ? width : size === 2048 ? queries : size === 1024 ? queries / 2 : size)),
    ]),
  );
  const { assumptions } = lowerModule(await openShapes(shapes, 'model.layers.0.self_attn'));
  expect(pick(assumptions, 'heads', 'scale')).toEqual({ heads, scale });
});

test('a layer alone is what it is in its model', async () => {
  const layer = await openShapes(gemmaShapes(3, 6), 'model.layers.5');
  const { kind, assumptions } = lowerModule(layer);
  expect(kind).toBe('Block');
  expect(pick(assumptions, 'self_attn.window', 'self_attn.rope_theta', 'input_layernorm.norm_scale')).toEqual({
    'self_attn.window': 0,
    'self_attn.rope_theta': 1e6,
    'input_layernorm.norm_scale': '1 + weight',
  });
});

test('of a model of texts and images each part has its own config', async () => {
  const shapes = { weight: [1152, 1152], bias: [1152] };
  const at = 'vision_tower.vision_model.encoder.layers.0.self_attn';
  const attention = Object.fromEntries(
    ['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((name) =>
      Object.entries(shapes).map(([part, shape]) => [`${at}.${name}.${part}`, shape]),
    ),
  );
  const config = { model_type: 'gemma3', text_config: said, vision_config: { num_attention_heads: 16 } };
  const { assumptions } = lowerModule(await openShapes(attention, at), { facts: { config } });
  expect(pick(assumptions, 'heads', 'head_dim')).toEqual({ heads: 16, head_dim: 72 });
});
