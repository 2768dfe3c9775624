/** Finds the layers of a feed-forward part by the names that libraries give them, and computes it. */
import { ACTIVATION_NAMES, activate, nameActivation } from './activations.ts';
import type { Assumptions, Guess } from './assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import { gemmaOf } from './gemma.ts';
import { findChild, findTensor, type ModuleNode } from './module-node.ts';
import { add, multiply, split } from './operators.ts';

export interface Gated {
  readonly gate: ModuleNode;
  /** Absent where the gate's layer gives both, one half each. */
  readonly up?: ModuleNode;
  readonly down: ModuleNode;
}

const GATED = [
  ['gate_proj', 'up_proj', 'down_proj'],
  ['gate', 'up', 'down'],
  ['w1', 'w3', 'w2'],
  ['ffn_gate', 'ffn_up', 'ffn_down'],
  ['wi_0', 'wi_1', 'wo'],
] as const;
const HALVES = [
  ['gate_up_proj', 'down_proj'],
  ['gate_up', 'down'],
] as const;

export function findGated(module: ModuleNode): Gated | undefined {
  for (const [gate, up, down] of GATED) {
    const [a, b, c] = [findLayer(module, gate), findLayer(module, up), findLayer(module, down)];
    if (a && b && c) return { gate: a, up: b, down: c };
  }
  for (const [both, down] of HALVES) {
    const [a, b] = [findLayer(module, both), findLayer(module, down)];
    if (a && b) return { gate: a, down: b };
  }
  return undefined;
}

export const partsOfGated = ({ gate, up, down }: Gated): readonly ModuleNode[] =>
  [gate, up, down].filter((part) => part !== undefined);

/** down(act(gate(x)) ∘ up(x)), where ∘ is a product, or a sum where the person says so. */
export function computeGated(
  module: ModuleNode,
  { gate, up, down }: Gated,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const asked = askGate(module, assume);
  let gated = g.apply(gate, x);
  let raised: Value;
  if (up) raised = g.apply(up, x);
  else {
    const width = gated.shape.at(-1) as number;
    if (width % 2 !== 0)
      throw notRunnable(module, `${gate.name} gives ${width} features, which have no halves`, 'Look at its shape');
    [gated, raised] = split(g, gated, -1, [width / 2, width / 2]) as [Value, Value];
  }
  if (gated.shape.at(-1) !== raised.shape.at(-1))
    throw notRunnable(
      module,
      `its gate gives ${gated.shape.at(-1)} features and what it gates ${raised.shape.at(-1)}`,
      'Say which way its weights lie (transposed)',
    );
  return g.apply(down, openGate(g, asked, gated, raised));
}

export interface Gate {
  readonly activation: string;
  readonly combine: 'multiply' | 'add';
}

export function askGate(module: ModuleNode, assume: Assumptions): Gate {
  const activation = askActivation(module, assume, usualGate(module, assume));
  const combine = assume.ask<Gate['combine']>(module.path, 'combine', {
    value: 'multiply',
    source: 'default',
    why: 'a gate multiplies in nearly all models',
    choices: ['multiply', 'add'],
  });
  return { activation, combine };
}

export function openGate(g: GraphBuilder, { activation, combine }: Gate, gated: Value, raised: Value): Value {
  const opened = activate(g, activation, gated);
  return combine === 'add' ? add(g, opened, raised) : multiply(g, opened, raised);
}

function usualGate(module: ModuleNode, assume: Assumptions): Guess<string> {
  const gemma = gemmaOf(module, assume);
  if (gemma) return { value: 'gelu_tanh', source: gemma.source, why: `Gemma has it: ${gemma.why}` };
  if (module.children.has('wi_0')) return { value: 'gelu_tanh', source: 'name', why: 'as in T5 1.1' };
  return { value: 'silu', source: 'default', why: 'most gates are SiLU, as in Llama' };
}

export interface TwoLayers {
  readonly first: ModuleNode;
  readonly second: ModuleNode;
  readonly usual: { readonly activation: string; readonly of: string };
}

const PAIRS: readonly (readonly [string, string, TwoLayers['usual']])[] = [
  ['c_fc', 'c_proj', { activation: 'gelu_tanh', of: 'GPT-2' }],
  ['fc1', 'fc2', { activation: 'gelu', of: 'ViT' }],
  ['lin1', 'lin2', { activation: 'gelu', of: 'DistilBERT' }],
  ['linear1', 'linear2', { activation: 'relu', of: 'layers of torch.nn' }],
  ['intermediate.dense', 'output.dense', { activation: 'gelu', of: 'BERT' }],
  ['ffn_up', 'ffn_down', { activation: 'gelu_tanh', of: 'GGUF files of GPT-2' }],
  ['wi', 'wo', { activation: 'relu', of: 'T5' }],
  ['fc_in', 'fc_out', { activation: 'gelu_tanh', of: 'GPT-J' }],
  ['dense_h_to_4h', 'dense_4h_to_h', { activation: 'gelu', of: 'GPT-NeoX' }],
];

/** Phi-2 calls its layers as ViT does; beside them stands an attention whose names only Phi-2 has. */
const PHI: TwoLayers['usual'] = { activation: 'gelu_tanh', of: 'Phi-2' };
const isOfPhi = ({ parent }: ModuleNode): boolean =>
  parent !== undefined && ['self_attn.q_proj', 'self_attn.dense'].every((name) => findChild(parent, name));

export function findTwoLayers(module: ModuleNode): TwoLayers | undefined {
  for (const [a, b, usual] of PAIRS) {
    const [first, second] = [findLayer(module, a), findLayer(module, b)];
    if (first && second) return { first, second, usual: a === 'fc1' && isOfPhi(module) ? PHI : usual };
  }
  return undefined;
}

export function computeTwoLayers(
  module: ModuleNode,
  { first, second, usual }: TwoLayers,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const why = `as in ${usual.of}`;
  const activation = askActivation(module, assume, { value: usual.activation, source: 'name', why });
  const hidden = activate(g, activation, g.apply(first, x));
  return g.apply(second, hidden);
}

const CONFIG = [
  'hidden_act',
  'activation_function',
  'hidden_activation',
  'hidden_act_fn',
  'activation',
  'act_fn',
  'dense_act_fn',
  'feed_forward_proj',
];

/** The config's activation, or else the guess. */
export function askActivation(module: ModuleNode, assume: Assumptions, guess: Guess<string>): string {
  const configured = nameActivation(assume.configText(...CONFIG));
  const choices = ACTIVATION_NAMES;
  if (configured === undefined) return assume.ask(module.path, 'activation', { ...guess, choices });
  return assume.ask(module.path, 'activation', {
    value: configured,
    source: 'file',
    why: 'the config says so',
    choices,
  });
}

const findLayer = (module: ModuleNode, name: string): ModuleNode | undefined => {
  const found = findChild(module, name);
  return found && findTensor(found, 'weight', 'kernel')?.shape.length === 2 ? found : undefined;
};
