import { describe, expect, it } from 'vitest';
import { columnsOf, llamaRows, type Row, tensors } from './columns.fixture.ts';
import { ROW_FLAG } from './state-dict.ts';
import { summarise } from './summary.ts';
import { buildTree } from './tree.ts';

const summary = (rows: readonly Row[]) => {
  const columns = columnsOf(rows);
  return summarise(columns, buildTree(columns));
};

describe('summarise', () => {
  it('adds up a Llama of 7 billion parameters', () => {
    const s = summary(llamaRows(32));
    expect(s.entries).toBe(291);
    expect(s.tensors).toBe(291);
    // 6,738,415,616: what transformers counts for Llama-2-7B.
    expect(s.params).toBe(6_738_415_616);
    expect(s.bytes).toBe(2 * 6_738_415_616);
    expect(s.types).toEqual([{ name: 'bf16', entries: 291, params: s.params, bytes: s.bytes }]);
    expect(s.repeats).toEqual([
      { node: expect.any(Number), label: 'model.layers', times: 32, params: 32 * 202_383_360 },
    ]);
    expect(s.largest[0]).toMatchObject({ key: 'model.embed_tokens.weight', params: 131_072_000, bytes: 262_144_000 });
    expect(s.largest).toHaveLength(10);
    expect(s.family?.name).toBe('Llama');
    expect(s.family?.why).toContain('32 blocks');
  });

  it('counts shared bytes once, and types, roles, ties', () => {
    const s = summary([
      { key: 'wte.w', shape: [10], flags: ROW_FLAG.tied, role: 'parameter' },
      { key: 'head.w', shape: [10], flags: ROW_FLAG.tied | ROW_FLAG.alias, role: 'parameter' },
      { key: 'bn.n', shape: [], dtype: 'i64', role: 'buffer', flags: ROW_FLAG.guessedRole },
      { key: 'prompt', bytes: 100 },
    ]);
    expect(s).toMatchObject({ entries: 4, tensors: 3, modules: 3, params: 11, bytes: 148, tied: 2 });
    expect(s.types).toEqual([
      { name: 'text', entries: 1, params: 0, bytes: 100 },
      { name: 'f32', entries: 2, params: 10, bytes: 40 },
      { name: 'i64', entries: 1, params: 1, bytes: 8 },
    ]);
    expect(s.largest.map((one) => one.key)).toEqual(['wte.w', 'bn.n']);
    expect(s.roles).toEqual([
      { role: 'parameter', entries: 2, guessed: false },
      { role: 'buffer', entries: 1, guessed: true },
      { role: 'unknown', entries: 1, guessed: false },
    ]);
  });

  it('lists a run inside a run once, names part of a list by its range, and keeps adjoining runs', () => {
    const rows: Row[] = [];
    for (let i = 0; i < 3; i++) rows.push(...tensors({ [`h.${i}.w`]: [100] }));
    for (let i = 3; i < 7; i++) for (let e = 0; e < 3; e++) rows.push(...tensors({ [`h.${i}.e.${e}.w`]: [2] }));
    expect(summary(rows).repeats.map(({ label, times, params }) => [label, times, params])).toEqual([
      ['h.0–2', 3, 300],
      ['h.3–6', 4, 24],
      ['h.3.e', 3, 6],
    ]);
    expect(summary(tensors({ '0.w': [1], '1.w': [1], '2.w': [1] })).repeats[0]?.label).toBe('0–2');
  });

  it('says nothing of an empty document', () => {
    expect(summary([])).toEqual({
      entries: 0,
      tensors: 0,
      modules: 0,
      params: 0,
      bytes: 0,
      types: [],
      largest: [],
      repeats: [],
      roles: [],
      tied: 0,
    });
  });
});

describe('family', () => {
  const gpt2 = {
    'wte.weight': [8, 4],
    'wpe.weight': [8, 4],
    'h.0.attn.c_attn.weight': [4, 12],
    'h.0.attn.c_attn.bias': [12],
    'h.0.attn.c_proj.weight': [4, 4],
    'h.0.mlp.c_fc.weight': [4, 16],
    'h.0.mlp.c_proj.weight': [16, 4],
    'ln_f.weight': [4],
  };
  it.each<[string | undefined, Row[]]>([
    ['GPT-2', tensors(gpt2)],
    ['VGG-like CNN', tensors({ 'features.0.weight': [8, 3, 3, 3], 'classifier.weight': [10, 8] })],
    [
      'DenseNet',
      tensors({
        'features.conv0.weight': [8, 3, 7, 7],
        'features.denseblock1.denselayer1.conv1.weight': [8, 8, 1, 1],
        'features.norm5.weight': [8],
        'classifier.weight': [10, 8],
      }),
    ],
    [
      'SqueezeNet',
      tensors({
        'features.0.weight': [8, 3, 3, 3],
        'features.3.squeeze.weight': [2, 8, 1, 1],
        'features.3.expand1x1.weight': [4, 2, 1, 1],
        'features.3.expand3x3.weight': [4, 2, 3, 3],
        'classifier.1.weight': [10, 8, 1, 1],
      }),
    ],
    [
      'ConvNeXt',
      tensors({
        'stem.0.weight': [8, 3, 4, 4],
        'stages.0.blocks.0.conv_dw.weight': [8, 1, 7, 7],
        'stages.0.blocks.0.mlp.fc1.weight': [32, 8],
        'stages.0.blocks.0.mlp.fc2.weight': [8, 32],
      }),
    ],
    [
      'MobileNet or EfficientNet',
      tensors({
        'conv_stem.weight': [8, 3, 3, 3],
        'blocks.0.0.conv_dw.weight': [8, 1, 3, 3],
        'blocks.0.0.conv_pw.weight': [4, 8, 1, 1],
        'classifier.weight': [10, 8],
      }),
    ],
    ['CNN', tensors({ 'conv1.weight': [8, 3, 3, 3], 'fc.weight': [10, 8] })],
    [
      'ResNet',
      tensors({
        'conv1.weight': [8, 3, 7, 7],
        'bn1.weight': [8],
        'layer1.0.conv1.weight': [8, 8, 3, 3],
        'layer2.0.conv1.weight': [8, 8, 3, 3],
      }),
    ],
    [
      'LoRA adapter',
      tensors({
        'base_model.model.layers.0.q_proj.lora_A.weight': [2, 8],
        'base_model.model.layers.0.q_proj.lora_B.weight': [8, 2],
      }),
    ],
    ['Agent prompts', [{ key: 'writer.instructions' }, { key: 'writer.lm.model' }]],
    ['DSPy program', [{ key: ['predict', 'signature', 'instructions'] }, { key: ['predict', 'demos'], type: 'json' }]],
    [
      'Optimizer checkpoint',
      [
        { key: ['state', 0, 'exp_avg'], shape: [3] },
        { key: ['param_groups', 0, 'lr'], type: 'float' },
      ],
    ],
    [
      'Training checkpoint',
      [
        { key: ['model', 'w'], shape: [3] },
        { key: ['optimizer', 'param_groups', 0, 'lr'], type: 'float' },
      ],
    ],
    [
      'Mixtral (MoE)',
      tensors({
        'l.0.block_sparse_moe.experts.0.w1.weight': [2, 2],
        'l.0.block_sparse_moe.experts.0.w2.weight': [2, 2],
        'l.0.block_sparse_moe.experts.0.w3.weight': [2, 2],
      }),
    ],
    [undefined, tensors({ 'fc.weight': [2, 2], x: [3] })],
  ])('%s', (name, rows) => {
    const { family } = summary(rows);
    expect(family?.name).toBe(name);
    if (name) expect(family?.why).toMatch(/^It .*[^.]\.$/);
    // Counts of one, and no counts of none.
    expect(family?.why ?? '').not.toMatch(/\b(1 [a-z- ]*s|0 [a-z- ]+)\b/);
  });

  it('counts one and several', () => {
    expect(summary([{ key: 'a.prompt' }]).family?.why).toContain(' 1 text and');
    expect(summary([{ key: 'a.prompt' }, { key: 'b.prompt' }]).family?.why).toContain(' 2 texts and');
  });
});
