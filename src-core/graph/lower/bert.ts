import { activate } from '../activations.ts';
import type { Assumptions } from '../assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import { askActivation } from '../feed-forward.ts';
import type { InputSpec } from '../graph.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering, Ports } from '../lowering.ts';
import { findChild, findTensor, type ModuleNode, numberedChildren } from '../module-node.ts';
import { linear, reshape, slice, unary } from '../operators.ts';
import { SAMPLE_LENGTH } from '../sequence-input.ts';

/** BERT's encoder and those named alike, with what stands behind it: a pooler, a classifier, a masked language model. */
export const bertLowering: Lowering = {
  kind: 'BERT',
  takes: (module) => findParts(module) !== undefined,
  inputs: (module) => {
    const { embeddings } = findParts(module)!;
    const rows = (name: string): number | undefined => tableOf(embeddings, name)?.shape[0];
    const size = Math.min(SAMPLE_LENGTH, (rows('position_embeddings') ?? SAMPLE_LENGTH + 2) - 2);
    const ids = (name: string, meaning: InputSpec['meaning'], below: number): InputSpec => ({
      name,
      dtype: 'i64',
      meaning,
      below,
      dims: [
        { size: 1, free: 'batch' },
        { size, free: 'sequence' },
      ],
    });
    const types = rows('token_type_embeddings');
    return [
      ids('tokens', 'tokens', rows('word_embeddings') ?? 1),
      ...(types === undefined ? [] : [ids('token_types', 'token-types', types)]),
    ];
  },
  lower: (module, { tokens, token_types: types }, assume, g): Ports => {
    const parts = findParts(module)!;
    const { embeddings, layers, pooler, classifier, predictions } = parts;
    refuseRest(
      module,
      [embeddings, parts.encoder, pooler, classifier, predictions].filter((part) => part !== undefined),
    );
    const { output: x } = g.lower(embeddings, { input: tokens!, ...(types && { token_types: types }) });
    const hidden = g.chain(layers, x!);
    if (predictions) {
      g.tap('hidden', hidden);
      return { logits: predict(predictions, embeddings, hidden, assume, g) };
    }
    if (!pooler && !classifier) return { output: hidden };
    const pooled = pooler && pool(pooler, hidden, g);
    if (!classifier) return { output: hidden, pooled: pooled! };
    g.tap('hidden', hidden);
    // A classifier stands behind the pooler, or behind each token where there is none.
    return { logits: g.apply(classifier, pooled ?? hidden) };
  },
};

interface BertParts {
  readonly embeddings: ModuleNode;
  readonly encoder: ModuleNode;
  readonly layers: readonly ModuleNode[];
  readonly pooler?: ModuleNode;
  readonly classifier?: ModuleNode;
  readonly predictions?: ModuleNode;
}

function findParts(module: ModuleNode): BertParts | undefined {
  for (const inside of [module, findChild(module, 'bert', 'roberta', 'electra', 'distilbert')]) {
    const [embeddings, encoder] = [
      inside && findChild(inside, 'embeddings'),
      inside && findChild(inside, 'encoder', 'transformer'),
    ];
    const list = encoder && findChild(encoder, 'layer');
    if (!inside || !embeddings || !list || !tableOf(embeddings, 'word_embeddings')) continue;
    const pooler = findChild(inside, 'pooler');
    const [classifier, predictions] = [findChild(module, 'classifier'), findChild(module, 'cls.predictions')];
    const layers = numberedChildren(list).map(([, layer]) => layer);
    return {
      embeddings,
      encoder: encoder!,
      layers,
      ...(pooler && { pooler }),
      ...(classifier && { classifier }),
      ...(predictions && { predictions }),
    };
  }
  return undefined;
}

function tableOf(embeddings: ModuleNode, name: string) {
  const table = findChild(embeddings, name);
  return table && findTensor(table, 'weight', 'embedding');
}

/** The first token, through a layer and tanh: [batch, features]. */
function pool(pooler: ModuleNode, hidden: Value, g: GraphBuilder): Value {
  const dense = findChild(pooler, 'dense');
  if (!dense) throw notRunnable(pooler, 'it has no dense layer', 'Open the file that has it');
  const [batch, , width] = hidden.shape;
  const first = reshape(g, slice(g, hidden, 1, 0, 1), [batch!, width!]);
  const pooled = unary(g, 'Tanh', g.apply(dense, first));
  g.tap(pooler.path, pooled);
  return pooled;
}

/** What each token may be: a layer, an activation, a norm, and the table of words with a shift of its own. */
function predict(
  predictions: ModuleNode,
  embeddings: ModuleNode,
  hidden: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const [dense, norm] = [findChild(predictions, 'transform.dense'), findChild(predictions, 'transform.LayerNorm')];
  if (!dense || !norm) throw notRunnable(predictions, 'it has no transform', 'Open the file that has it');
  const usual = { value: 'gelu', source: 'name', why: 'that is what BERT has' } as const;
  const activation = askActivation(findChild(predictions, 'transform')!, assume, usual);
  const x = g.apply(norm, activate(g, activation, g.apply(dense, hidden)));
  const decoder = findChild(predictions, 'decoder');
  const table = (decoder && findTensor(decoder, 'weight')) ?? tableOf(embeddings, 'word_embeddings')!;
  const bias = findTensor(predictions, 'bias') ?? (decoder && findTensor(decoder, 'bias'));
  return linear(g, x, g.weight(table), bias && g.weight(bias));
}
