import { notRunnable } from '../build.ts';
import type { InputSpec } from '../graph.ts';
import type { Lowering } from '../lowering.ts';
import { findChild, findTensor, type ModuleNode } from '../module-node.ts';
import { add, slice } from '../operators.ts';

/** BERT's: of words, of places from 0, of token types (0 where none are given), and a norm over the sum. */
export const embeddingsLowering: Lowering = {
  kind: 'Embeddings',
  takes: (module) => wordsOf(module) !== undefined && placesOf(module) !== undefined,
  inputs: (module) => {
    const ids = (name: string, meaning: 'tokens' | 'token-types', below: number): InputSpec => ({
      name,
      dtype: 'i64',
      meaning,
      dims: [
        { size: 1, free: 'batch' },
        { size: Math.min(8, placesOf(module)!.shape[0]!), free: 'sequence' },
      ],
      below,
    });
    const types = typesOf(module);
    return [
      ids('input', 'tokens', wordsOf(module)!.shape[0]!),
      ...(types ? [ids('token_types', 'token-types', types.shape[0]!)] : []),
    ];
  },
  lower: (module, { input, token_types: types }, assume, g) => {
    const places = placesOf(module)!;
    const length = input!.shape.at(-1)!;
    // RoBERTa leaves as many places free as its padding token says.
    const first = assume.configText('model_type')?.match(/roberta|camembert/)
      ? (assume.configNumber('pad_token_id') ?? 1) + 1
      : 0;
    if (typeof length !== 'number' || first + length > places.shape[0]!)
      throw notRunnable(
        module,
        `it has ${places.shape[0]! - first} places and is given ${length} tokens`,
        'Give it fewer tokens',
      );
    let sum = add(
      g,
      g.apply(findChild(module, 'word_embeddings')!, input!),
      slice(g, g.weight(places), 0, first, first + length),
    );
    const table = typesOf(module);
    const typed = findChild(module, 'token_type_embeddings');
    if (types && typed) sum = add(g, sum, g.apply(typed, types));
    else if (table) sum = add(g, sum, slice(g, g.weight(table), 0, 0, 1));
    const norm = findChild(module, 'LayerNorm', 'layer_norm', 'norm');
    return { output: norm ? g.apply(norm, sum) : sum };
  },
};

const tableOf = (module: ModuleNode, name: string) => {
  const child = module.children.get(name);
  return child && findTensor(child, 'weight', 'embedding');
};
const wordsOf = (module: ModuleNode) => tableOf(module, 'word_embeddings');
const placesOf = (module: ModuleNode) => tableOf(module, 'position_embeddings');
const typesOf = (module: ModuleNode) => tableOf(module, 'token_type_embeddings');
