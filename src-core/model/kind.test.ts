import { describe, expect, it } from 'vitest';
import { columnsOf, llamaRows, type Row, tensors } from './columns.fixture.ts';
import { explainKind } from './kind.ts';
import { labelTexts } from './labels.ts';
import type { ModuleTree } from './module-tree.ts';
import { buildTree } from './tree.ts';

/** Kind of every module, by dotted path. */
function kinds(rows: readonly Row[]): Record<string, string> {
  const tree = buildTree(columnsOf(rows));
  const texts = labelTexts(tree);
  const path = (node: number): string =>
    node === 0 ? '' : `${tree.parent[node] ? `${path(tree.parent[node]!)}.` : ''}${texts[tree.label[node]!]}`;
  const out: Record<string, string> = {};
  for (let node = 1; node < tree.count; node++) {
    if (tree.end[node]! > node + 1) out[path(node)] = tree.kinds[tree.kind[node]!]!;
  }
  return out;
}
const kindOf = (module: string, listing: Record<string, readonly number[]>) => kinds(tensors(listing))[module];

describe('layers', () => {
  it.each<[string, string, Record<string, readonly number[]>]>([
    ['Linear', 'fc', { 'fc.weight': [10, 4], 'fc.bias': [10] }],
    ['Linear', 'lm_head', { 'lm_head.weight': [100, 4] }],
    ['Linear', 'sq', { 'sq.weight': [4, 4], 'sq.bias': [4] }],
    ['Conv1D', 'c_attn', { 'c_attn.weight': [4, 12], 'c_attn.bias': [12] }],
    ['Linear', 'c_attn', { 'c_attn.weight': [12, 4], 'c_attn.bias': [12] }],
    ['Embedding', 'wte', { 'wte.weight': [100, 4] }],
    ['Embedding', 'embed_tokens', { 'embed_tokens.weight': [100, 4] }],
    ['Embedding', 'position_embeddings', { 'position_embeddings.weight': [100, 4] }],
    ['Embedding', 'Embed_0', { 'Embed_0.embedding': [100, 4] }],
    ['LayerNorm', 'ln_1', { 'ln_1.weight': [4], 'ln_1.bias': [4] }],
    ['LayerNorm', 'LayerNorm', { 'LayerNorm.gamma': [4], 'LayerNorm.beta': [4] }],
    ['LayerNorm', 'ln_f', { 'ln_f.affine': [4], 'ln_f.bias': [4] }],
    ['LayerNorm', 'norm', { 'norm.scale': [4], 'norm.bias': [4] }],
    ['LayerNorm', 'n', { 'n.weight': [3, 4], 'n.bias': [3, 4] }],
    ['RMSNorm', 'input_layernorm', { 'input_layernorm.weight': [4] }],
    ['RMSNorm', 'pre', { 'pre.scale': [4] }],
    ['GroupNorm', 'group_norm', { 'group_norm.weight': [4], 'group_norm.bias': [4] }],
    ['Conv1d', 'c', { 'c.weight': [8, 4, 3], 'c.bias': [8] }],
    ['Conv2d', 'c', { 'c.weight': [8, 4, 3, 3] }],
    ['Conv3d', 'c', { 'c.weight': [8, 4, 3, 3, 3] }],
    ['ConvTranspose2d', 'up', { 'up.weight': [8, 4, 2, 2], 'up.bias': [4] }],
    ['Conv2d', 'up', { 'up.weight': [8, 8, 2, 2], 'up.bias': [8] }],
    ['Conv2d', 'Conv_0', { 'Conv_0.kernel': [3, 3, 4, 8], 'Conv_0.bias': [8] }],
    ['Linear', 'Dense_0', { 'Dense_0.kernel': [4, 8], 'Dense_0.bias': [8] }],
    ['Linear', 'query', { 'query.kernel': [16, 4, 4], 'query.bias': [4, 4] }],
    ['MultiheadAttention', 'a', { 'a.in_proj_weight': [12, 4], 'a.out_proj.weight': [4, 4] }],
    ['LSTM', 'r', { 'r.weight_ih_l0': [32, 3], 'r.weight_hh_l0': [32, 8], 'r.bias_ih_l0': [32] }],
    ['GRU', 'r', { 'r.weight_ih_l0': [24, 3], 'r.weight_hh_l0': [24, 8] }],
    ['RNN', 'r', { 'r.weight_ih_l0': [8, 3], 'r.weight_hh_l0': [8, 8] }],
    ['GRUCell', 'r', { 'r.weight_ih': [24, 3], 'r.weight_hh': [24, 8] }],
    ['LoRA', 'q_proj', { 'q_proj.lora_A.weight': [8, 64], 'q_proj.lora_B.weight': [64, 8] }],
    ['LoRA', 'q', { 'q.lora_A.default.weight': [8, 64], 'q.lora_B.default.weight': [64, 8] }],
    ['QuantLinear', 'o', { 'o.qweight': [8, 64], 'o.qzeros': [1, 8], 'o.scales': [1, 64] }],
    ['PReLU', 'act', { 'act.weight': [1] }],
    ['ParameterList', 'ts', { 'ts.0': [2], 'ts.1': [3] }],
    // Nothing to go by: no guess.
    ['', 'x', { 'x.alpha': [4], 'x.omega': [4, 4] }],
    ['', '7', { '7.weight': [64] }],
    // A stack of expert matrices is no convolution.
    ['', 'experts', { 'experts.weight': [8, 4096, 14336] }],
  ])('%s: %s', (kind, module, listing) => {
    expect(kindOf(module, listing)).toBe(kind);
  });
});

describe('BatchNorm', () => {
  const norm = (at: string, n: number) => ({
    [`${at}.weight`]: [n],
    [`${at}.bias`]: [n],
    [`${at}.running_mean`]: [n],
    [`${at}.running_var`]: [n],
    [`${at}.num_batches_tracked`]: [],
  });
  it('has the dimensions of the layer before it', () => {
    const found = kinds(
      tensors({
        'f.0.weight': [8, 1, 3, 3],
        ...norm('f.1', 8),
        'f.3.weight': [16, 128],
        'f.3.bias': [16],
        ...norm('f.4', 16),
      }),
    );
    expect([found['f.1'], found['f.4']]).toEqual(['BatchNorm2d', 'BatchNorm1d']);
    expect(found.f).toBe('Sequential');
  });
  it('finds the layer that fits where names put it elsewhere', () => {
    const found = kinds(tensors({ 'b.bn1.weight': [8], ...norm('b.bn1', 8), 'b.conv1.weight': [8, 3, 3, 3] }));
    expect(found['b.bn1']).toBe('BatchNorm2d');
  });
  it('leaves the dimensions open where nothing tells', () => {
    expect(kinds(tensors(norm('bn', 8))).bn).toBe('BatchNorm');
    expect(kinds(tensors({ ...norm('m.bn', 8), 'm.a.weight': [8, 3], 'm.c.weight': [8, 3, 3, 3] }))['m.bn']).toBe(
      'BatchNorm',
    );
  });
});

describe('what is made of layers', () => {
  /** The keys and shapes that Caten prints for `(Transformer 32 2 2 1e-5 32)`: linear layers as PyTorch has them, norms with `affine`. */
  const caten: Record<string, readonly number[]> = { 'wte.weight': [32, 32], 'wpe.weight': [1024, 32] };
  for (const i of [0, 1]) {
    Object.assign(caten, {
      [`h.${i}.attn.c_attn.weight`]: [96, 32],
      [`h.${i}.attn.c_attn.bias`]: [96],
      [`h.${i}.attn.c_proj.weight`]: [32, 32],
      [`h.${i}.attn.c_proj.bias`]: [32],
      [`h.${i}.mlp.c_fc.weight`]: [128, 32],
      [`h.${i}.mlp.c_fc.bias`]: [128],
      [`h.${i}.mlp.c_proj.weight`]: [32, 128],
      [`h.${i}.mlp.c_proj.bias`]: [32],
      [`h.${i}.ln_1.affine`]: [32],
      [`h.${i}.ln_1.bias`]: [32],
      [`h.${i}.ln_2.affine`]: [32],
      [`h.${i}.ln_2.bias`]: [32],
    });
  }
  Object.assign(caten, { 'ln_f.affine': [32], 'ln_f.bias': [32], 'lm_head.weight': [32, 32] });

  it("reads Caten's Transformer of 29 keys", () => {
    expect(Object.keys(caten)).toHaveLength(29);
    expect(kinds(tensors(caten))).toMatchObject({
      wte: 'Embedding',
      wpe: 'Embedding',
      h: 'ModuleList',
      'h.0': 'Block',
      'h.0.attn': 'Attention',
      'h.0.attn.c_attn': 'Linear',
      'h.0.attn.c_proj': 'Linear',
      'h.0.mlp': 'MLP',
      'h.0.ln_1': 'LayerNorm',
      ln_f: 'LayerNorm',
      lm_head: 'Linear',
    });
  });

  it('reads GPT-2 as Hugging Face stores it: transposed, the square layer too', () => {
    const found = kinds(
      tensors({
        'h.0.attn.c_attn.weight': [32, 96],
        'h.0.attn.c_attn.bias': [96],
        'h.0.attn.c_proj.weight': [32, 32],
        'h.0.attn.c_proj.bias': [32],
        'h.0.attn.bias': [1, 1, 64, 64],
        'h.0.mlp.c_fc.weight': [32, 128],
        'h.0.mlp.c_fc.bias': [128],
        'h.0.mlp.c_proj.weight': [128, 32],
        'h.0.mlp.c_proj.bias': [32],
      }),
    );
    expect(found).toEqual({
      h: 'Sequential',
      'h.0': 'Block',
      'h.0.attn': 'Attention',
      'h.0.attn.c_attn': 'Conv1D',
      'h.0.attn.c_proj': 'Conv1D',
      'h.0.mlp': 'MLP',
      'h.0.mlp.c_fc': 'Conv1D',
      'h.0.mlp.c_proj': 'Conv1D',
    });
  });

  it('reads a Llama', () => {
    const found = kinds(llamaRows(2));
    expect(found).toMatchObject({
      model: 'Transformer',
      'model.embed_tokens': 'Embedding',
      'model.layers': 'ModuleList',
      'model.layers.1': 'Block',
      'model.layers.1.self_attn': 'Attention',
      'model.layers.1.mlp': 'MLP',
      'model.layers.1.input_layernorm': 'RMSNorm',
      'model.norm': 'RMSNorm',
      lm_head: 'Linear',
    });
  });

  it('reads a layer of BERT', () => {
    const at = 'encoder.layer.0';
    const listing: Record<string, number[]> = {};
    for (const name of [
      'attention.self.query',
      'attention.self.key',
      'attention.self.value',
      'attention.output.dense',
    ]) {
      listing[`${at}.${name}.weight`] = [8, 8];
      listing[`${at}.${name}.bias`] = [8];
    }
    listing[`${at}.intermediate.dense.weight`] = [32, 8];
    listing[`${at}.output.dense.weight`] = [8, 32];
    listing[`${at}.output.LayerNorm.weight`] = [8];
    listing[`${at}.output.LayerNorm.bias`] = [8];
    const found = kinds(tensors(listing));
    expect([found[at], found[`${at}.attention`], found[`${at}.attention.self`]]).toEqual([
      'Block',
      'Attention',
      'Attention',
    ]);
  });

  it('reads mixtures of experts, torch encoder layers and residual blocks', () => {
    const moe: Record<string, number[]> = { 'm.gate.weight': [2, 8] };
    for (const e of [0, 1]) for (const w of ['w1', 'w2', 'w3']) moe[`m.experts.${e}.${w}.weight`] = [8, 8];
    expect(kinds(tensors(moe))).toMatchObject({ m: 'MoE', 'm.experts': 'ModuleList', 'm.experts.1': 'MLP' });

    expect(
      kindOf('blk.0', {
        'blk.0.attn_q.weight': [8, 8],
        'blk.0.ffn_gate_inp.weight': [2, 8],
        'blk.0.ffn_down_exps.weight': [2, 8, 512],
      }),
    ).toBe('Block');
    expect(kindOf('ffn_down_exps', { 'ffn_down_exps.weight': [2, 8, 512] })).toBe('');

    expect(
      kindOf('l', { 'l.self_attn.in_proj_weight': [24, 8], 'l.linear1.weight': [32, 8], 'l.linear2.weight': [8, 32] }),
    ).toBe('Block');

    const block: Record<string, number[]> = {};
    for (const i of [1, 2]) {
      block[`layer1.0.conv${i}.weight`] = [8, 8, 3, 3];
      for (const name of ['weight', 'bias', 'running_mean', 'running_var']) block[`layer1.0.bn${i}.${name}`] = [8];
    }
    expect(kinds(tensors(block))).toMatchObject({
      layer1: 'Sequential',
      'layer1.0': 'BasicBlock',
      'layer1.0.bn2': 'BatchNorm2d',
    });
  });

  it('tells a list from a sequence by gaps and kinds', () => {
    expect(kindOf('c', { 'c.0.weight': [8, 4], 'c.2.weight': [2, 8] })).toBe('Sequential');
    expect(kindOf('c', { 'c.0.weight': [8, 4], 'c.1.weight': [2, 8] })).toBe('ModuleList');
    expect(kindOf('c', { 'c.0.weight': [8, 4, 3, 3], 'c.1.weight': [2, 8] })).toBe('Sequential');
    expect(kindOf('mlp', { 'mlp.0.weight': [8, 4], 'mlp.2.weight': [2, 8] })).toBe('MLP');
  });

  it('sees through the value of a Variable, and judges the root too', () => {
    const found = kinds(
      tensors({
        'l.kernel.value': [4, 6],
        'l.bias.value': [6],
        'c.kernel.value': [3, 3, 4, 8],
        'n.scale.value': [8],
        'n.bias.value': [8],
      }),
    );
    expect([found.l, found.c, found.n]).toEqual(['Linear', 'Conv2d', 'Norm']);
    const tree = buildTree(columnsOf(tensors({ weight: [3, 4], bias: [3] })));
    expect(tree.kinds[tree.kind[0]!]).toBe('Linear');
  });

  it('leaves it open whether a norm beside convolutions is one of layers or of groups', () => {
    const found = kinds(tensors({ 'r.norm1.weight': [8], 'r.norm1.bias': [8], 'r.conv1.weight': [8, 8, 3, 3] }));
    expect(found['r.norm1']).toBe('Norm');
    const named = kinds(
      tensors({ 'r.layer_norm.weight': [8], 'r.layer_norm.bias': [8], 'r.conv1.weight': [8, 8, 3, 3] }),
    );
    expect(named['r.layer_norm']).toBe('LayerNorm');
  });

  it('reads a DSPy predictor and the state of an optimiser', () => {
    expect(kinds([{ key: ['p', 'demos'], type: 'json' }, { key: ['p', 'signature', 'instructions'] }]).p).toBe(
      'Predict',
    );
    const optimiser = kinds([
      { key: ['opt', 'state', 0, 'exp_avg'], shape: [4] },
      { key: ['opt', 'state', 0, 'exp_avg_sq'], shape: [4] },
      { key: ['opt', 'state', 1, 'exp_avg'], shape: [2] },
      { key: ['opt', 'param_groups', 0, 'lr'], type: 'float' },
    ]);
    expect([optimiser.opt, optimiser['opt.state.0'], optimiser['opt.state']]).toEqual([
      'Optimizer',
      'Optimizer slot',
      '',
    ]);
  });
});

describe('explainKind', () => {
  const explain = (tree: ModuleTree, node: number) => explainKind(tree, node);
  it('gives the evidence, that of neighbours too', () => {
    const tree = buildTree(
      columnsOf(
        tensors({
          'a.c_attn.bias': [96],
          'a.c_attn.weight': [32, 96],
          'a.c_proj.bias': [32],
          'a.c_proj.weight': [32, 32],
          'x.y': [1],
        }),
      ),
    );
    const said = Array.from({ length: tree.count }, (_, node) => explain(tree, node)).filter((one) => one);
    expect(said.map((one) => one?.kind)).toEqual(['Attention', 'Conv1D', 'Conv1D']);
    expect(said[1]?.why).toContain('its bias fits the second dimension');
    expect(said[2]?.why).toContain('beside it');
  });
});
