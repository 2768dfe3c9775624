import { askScale, attend } from '../attend.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import { askHeads } from '../heads.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode, type ModuleTensor } from '../module-node.ts';
import { linear, slice, split } from '../operators.ts';
import { sequenceInput } from '../sequence-input.ts';

/**
 * `torch.nn.MultiheadAttention`. Queries, keys and values come from one input; from three where keys or values have a width of
 * their own (`k_proj_weight`, `v_proj_weight`).
 */
export const multiheadAttentionLowering: Lowering = {
  kind: 'MultiheadAttention',
  takes: (module) => findTensor(module, 'in_proj_weight', 'q_proj_weight')?.shape.length === 2,
  inputs: (module) => {
    const fused = findTensor(module, 'in_proj_weight');
    if (fused) return [sequenceInput(fused.shape[1]!)];
    const [q, k, v] = separateOf(module);
    return [sequenceInput(q.shape[1]!), sequenceInput(k.shape[1]!, 'key'), sequenceInput(v.shape[1]!, 'value')];
  },
  lower: (module, { input, key, value }, assume, g) => {
    if (findTensor(module, 'bias_k', 'bias_v'))
      throw notRunnable(
        module,
        'it adds a learned key and value (bias_k, bias_v)',
        'Run its projections by themselves',
      );
    const out = module.children.get('out_proj');
    if (!out) throw notRunnable(module, 'its out_proj is missing', 'Open the file that has it');
    const projected = findTensor(module, 'in_proj_weight')
      ? projectFused(module, input!, g)
      : projectSeparate(module, [input!, key ?? input!, value ?? input!], g);
    const [q, k, v] = projected;
    const width = q.shape[2] as number;
    const heads = askHeads(module, { q: width, kv: width }, assume);
    const why = 'torch.nn.MultiheadAttention looks at all tokens unless it is given a mask';
    const causal = assume.ask(module.path, 'causal', { value: false, source: 'default', why, choices: [true, false] });
    if (causal && k.shape[1] !== q.shape[1])
      throw notRunnable(module, 'it has more keys than queries, or fewer', 'Give it as many, or say it is not causal');
    const scale = askScale(module, heads, width, assume);
    return { output: g.apply(out, attend(g, module.path, [q, k, v], { ...heads, causal, scale })) };
  },
};

function separateOf(module: ModuleNode): readonly [ModuleTensor, ModuleTensor, ModuleTensor] {
  const [q, k, v] = ['q', 'k', 'v'].map((part) => findTensor(module, `${part}_proj_weight`));
  if (!q || !k || !v)
    throw notRunnable(
      module,
      'one of q_proj_weight, k_proj_weight, v_proj_weight is missing',
      'Open the file that has it',
    );
  return [q, k, v];
}

function projectFused(module: ModuleNode, x: Value, g: GraphBuilder): readonly [Value, Value, Value] {
  const weight = findTensor(module, 'in_proj_weight')!;
  const bias = findTensor(module, 'in_proj_bias');
  const width = weight.shape[0]! / 3;
  const all = linear(g, x, g.weight(weight), bias && g.weight(bias));
  return split(g, all, 2, [width, width, width]) as [Value, Value, Value];
}

function projectSeparate(
  module: ModuleNode,
  inputs: readonly [Value, Value, Value],
  g: GraphBuilder,
): readonly [Value, Value, Value] {
  const bias = findTensor(module, 'in_proj_bias');
  const weights = separateOf(module);
  const width = weights[0].shape[0]!;
  const [q, k, v] = weights.map((weight, i) => {
    const own = bias && slice(g, g.weight(bias), 0, i * width, (i + 1) * width);
    return linear(g, inputs[i]!, g.weight(weight), own);
  });
  return [q!, k!, v!];
}
