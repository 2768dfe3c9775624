import type { Assumptions } from '../assumptions.ts';
import { attend } from '../attend.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import { distanceBias } from '../distance-buckets.ts';
import { askHeads } from '../heads.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';
import { findTensor, type ModuleNode } from '../module-node.ts';
import { sequenceInput } from '../sequence-input.ts';
import { findT5Attention, widthOf } from '../t5.ts';

/** Attention whose scores are not divided, with biases by distance: of a sequence to itself, or to what an encoder gave. */
export const t5AttentionLowering: Lowering = {
  kind: 'T5 attention',
  takes: (module) => findT5Attention(module) !== undefined,
  inputs: (module) => {
    const parts = findT5Attention(module)!;
    const memory = findTensor(parts.k, 'weight')!.shape[1]!;
    return [sequenceInput(widthOf(parts)), ...(parts.isCross ? [sequenceInput(memory, 'memory')] : [])];
  },
  lower: (module, { input, memory, table: given }, assume, g) => {
    const { q, k, v, out, table, isCross } = findT5Attention(module)!;
    refuseRest(module, [q, k, v, out, ...(table ? [table] : [])]);
    if (g.keepsCache)
      throw notRunnable(module, 'a text is not made token by token with it here', 'Run it on the whole text');
    const seen = isCross ? memory! : input!;
    const [queries, keys, values] = [g.apply(q, input!), g.apply(k, seen), g.apply(v, seen)];
    const biases = table ? g.weight(table) : given;
    if (biases) {
      const value = biases.shape[1] as number;
      assume.suggest(module.path, 'heads', { value, source: 'shape', why: `it has biases for ${value} heads` });
    }
    const heads = askHeads(module, { q: queries.shape[2] as number, kv: keys.shape[2] as number }, assume);
    if (!isCross && biases && biases.shape[1] !== heads.heads)
      throw notRunnable(module, `it has biases for ${biases.shape[1]} heads`, `Say it has ${biases.shape[1]} heads`);
    const scale = assume.ask(module.path, 'scale', { value: 1, source: 'name', why: 'T5 does not divide scores' });
    const bias = isCross ? undefined : askBias(module, biases, input!, assume, g);
    const causal = bias?.causal ?? false;
    const mixed = attend(g, module.path, [queries, keys, values], {
      ...heads,
      causal,
      scale,
      ...(bias && { bias: bias.value }),
    });
    return { output: g.apply(out, mixed) };
  },
};

function askBias(
  module: ModuleNode,
  table: Value | undefined,
  input: Value,
  assume: Assumptions,
  g: GraphBuilder,
): { readonly value: Value; readonly causal: boolean } {
  if (!table)
    throw notRunnable(
      module,
      'its biases by distance are kept in the first block',
      'Run the encoder or decoder that it is in, or the first block',
    );
  const isDecoder = /(^|\.)decoder\./.test(module.place);
  const causal = assume.ask(module.path, 'causal', {
    value: isDecoder,
    source: isDecoder ? 'name' : 'default',
    why: isDecoder ? 'it is in a decoder: a token sees none after it' : 'in an encoder all tokens see each other',
    choices: [true, false],
  });
  const configured = assume.configNumber('relative_attention_max_distance');
  const maxDistance = assume.ask(
    module.path,
    'max_distance',
    configured === undefined
      ? { value: 128, source: 'default', why: 'T5 tells apart tokens up to 128 apart' }
      : { value: configured, source: 'file', why: 'the config says so' },
  );
  const count = table.shape[0] as number;
  if (!(maxDistance > count / 2))
    throw notRunnable(module, `${count} buckets do not fit in ${maxDistance} tokens`, 'Correct max_distance');
  return { value: distanceBias(g, table, input.shape[1] as number, { count, maxDistance, causal }), causal };
}
