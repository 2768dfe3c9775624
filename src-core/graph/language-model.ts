/** Finds and computes a model that tells the next token: a table of tokens, blocks, a norm, and a head. */
import type { Assumptions } from './assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from './build.ts';
import { gemmaOf } from './gemma.ts';
import type { InputSpec } from './graph.ts';
import type { Ports } from './lowering.ts';
import { findChild, findTensor, type ModuleNode, numberedChildren } from './module-node.ts';
import { add, linear, multiply, scalar } from './operators.ts';
import { positionsOf } from './positions.ts';
import { SAMPLE_LENGTH } from './sequence-input.ts';
import { askSoftcap, capSoftly } from './softcap.ts';

export interface LanguageModelParts {
  readonly tokens: ModuleNode;
  /** A table of learned positions; absent where positions turn the queries and keys. */
  readonly positions?: ModuleNode;
  readonly layers: readonly ModuleNode[];
  readonly norm: ModuleNode;
  /** Absent where the table of tokens is the head too. */
  readonly head?: ModuleNode;
}

const INSIDE = ['transformer', 'model', 'gpt_neox', 'model.language_model', 'language_model.model', 'params'];
const TOKENS = ['wte', 'embed_tokens', 'tok_embeddings', 'token_embd', 'embed_in'];
const POSITIONS = ['wpe', 'position_embd'];
const LAYERS = ['h', 'layers', 'blk', 'blocks'];
const NORMS = ['ln_f', 'norm', 'output_norm', 'final_layer_norm', 'final_layernorm'];
const HEADS = ['lm_head', 'output', 'embed_out'];

export function findLanguageModel(module: ModuleNode): LanguageModelParts | undefined {
  for (const inside of [module, ...INSIDE.map((name) => findChild(module, name))]) {
    if (!inside) continue;
    const [tokens, norm] = [findChild(inside, ...TOKENS), findChild(inside, ...NORMS)];
    const list = findChild(inside, ...LAYERS);
    const layers = list ? numberedChildren(list).map(([, layer]) => layer) : [];
    if (!tokens || !norm || layers.length === 0) continue;
    const positions = findChild(inside, ...POSITIONS);
    const head = findChild(inside, ...HEADS) ?? findChild(module, ...HEADS);
    return { tokens, layers, norm, ...(positions && { positions }), ...(head && { head }) };
  }
  return undefined;
}

export function tokensInput({ tokens, positions }: LanguageModelParts): InputSpec {
  const places = positions ? rowsOf(positions) : SAMPLE_LENGTH;
  return {
    name: 'tokens',
    dtype: 'i64',
    meaning: 'tokens',
    below: rowsOf(tokens),
    dims: [
      { size: 1, free: 'batch' },
      { size: Math.min(SAMPLE_LENGTH, places), free: 'sequence' },
    ],
  };
}

/**
 * Logits of [batch, sequence] tokens. `hidden` is what goes into the head; it is the answer itself where the config says that the
 * model has none.
 *
 * @throws `not-runnable`
 */
export function computeLanguageModel(
  module: ModuleNode,
  { tokens, positions, layers, norm, head }: LanguageModelParts,
  ids: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Ports {
  refuseUnknown(module, assume);
  let x = scaleEmbedded(module, layers[0]!, g.apply(tokens, ids), assume, g);
  const length = ids.shape[1]!;
  if (positions) {
    if (typeof length === 'number' && length > rowsOf(positions))
      throw notRunnable(
        module,
        `it knows ${rowsOf(positions)} positions and is given ${length} tokens`,
        'Give it fewer tokens',
      );
    x = add(g, x, g.apply(positions, positionsOf(g, length, rowsOf(positions))));
  }
  const hidden = g.apply(norm, g.chain(layers, x));
  g.tap(module.path === '' ? 'hidden' : `${module.path}.hidden`, hidden);
  if (!head && hasNoHead(assume)) return { output: hidden };
  // A head may be the table of tokens, or be named as one (`embed_out`).
  const table = !head ? tokens : head.kind === 'Embedding' ? head : undefined;
  const logits = table ? linear(g, hidden, g.weight(tableOf(table))) : g.apply(head!, hidden);
  return { logits: capSoftly(g, logits, askSoftcap(module, 'logit_softcap', assume, layers[0])) };
}

/** Gemma multiplies what the table gives by the root of its features. */
function scaleEmbedded(module: ModuleNode, layer: ModuleNode, x: Value, assume: Assumptions, g: GraphBuilder): Value {
  const gemma = gemmaOf(layer, assume);
  if (!gemma) return x;
  const value = Math.sqrt(x.shape.at(-1) as number);
  const why = `Gemma multiplies its embeddings by the root of their features: ${gemma.why}`;
  return multiply(g, x, scalar(g, assume.ask(module.path, 'embedding_scale', { value, source: gemma.source, why })));
}

const tableOf = (module: ModuleNode) => findTensor(module, 'weight', 'embedding')!;
const rowsOf = (module: ModuleNode): number => findTensor(module, 'weight', 'embedding')?.shape[0] ?? 1;

/** `GPT2Model` gives what a head would take; `GPT2LMHeadModel` without a stored head uses its table of tokens. */
function hasNoHead(assume: Assumptions): boolean {
  const architectures = assume.facts.config?.architectures;
  const first = Array.isArray(architectures) ? String(architectures[0]) : '';
  return /[a-z0-9]Model$/.test(first) && !first.endsWith('LMHeadModel');
}

/** Numbers that a config may multiply by, and that are not computed here. */
const MULTIPLIERS = ['embedding_multiplier', 'residual_multiplier', 'logits_scaling', 'logit_scale'];

function refuseUnknown(module: ModuleNode, assume: Assumptions): void {
  const type = assume.configText('model_type') ?? '';
  const advice = 'Choose one of its layers, and look at what is assumed of it';
  if (/^gemma/.test(type) && !gemmaOf(module, assume))
    throw notRunnable(module, `its config is that of ${type}, whose layers differ from Llama's`, advice);
  const clips = assume.configNumber('clip_qkv') === undefined ? undefined : 'clip_qkv';
  const used = MULTIPLIERS.find((name) => (assume.configNumber(name) ?? 1) !== 1) ?? clips;
  if (used) throw notRunnable(module, `its config has ${used}, which is not computed here`, advice);
}
