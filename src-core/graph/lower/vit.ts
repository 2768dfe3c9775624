import type { Assumptions } from '../assumptions.ts';
import { type GraphBuilder, notRunnable, type Value } from '../build.ts';
import { refuseRest } from '../known-parts.ts';
import type { Lowering } from '../lowering.ts';
import { findChild, findTensor, type ModuleNode, type ModuleTensor, numberedChildren } from '../module-node.ts';
import { add, concat, mean, product, reshape, slice, transpose, unary } from '../operators.ts';

/** ViT under the names of Hugging Face and of timm: patches, a class token, learned positions, blocks, a classifier. */
export const vitLowering: Lowering = {
  kind: 'ViT',
  takes: (module) => findParts(module) !== undefined,
  inputs: (module, assume) => {
    const { patches } = findParts(module)!;
    const [, channels, high, wide] = findTensor(patches, 'weight')!.shape as [number, number, number, number];
    const [rows, columns] = gridOf(module, assume);
    return [
      {
        name: 'input',
        dtype: 'f32',
        meaning: 'image',
        dims: [{ size: 1, free: 'batch' }, { size: channels }, { size: rows * high }, { size: columns * wide }],
      },
    ];
  },
  lower: (module, { input }, assume, g) => {
    const parts = findParts(module)!;
    const { patches, layers, norm, head, pooler } = parts;
    const known = [patches, parts.classToken, parts.positions, parts.list, norm, head, pooler];
    refuseRest(
      module,
      known.filter((part) => part !== undefined),
      ['mask_token'],
    );
    suggestEps(parts, norm, assume);
    const tokens = g.chain(layers, cutPatches(module, parts, input!, assume, g));
    if (parts.isNormOfMean) {
      const pooled = g.apply(norm, poolTokens(module, parts, tokens, assume, g));
      return head ? { logits: g.apply(head, pooled) } : { output: pooled };
    }
    const x = g.apply(norm, tokens);
    g.tap('hidden', x);
    if (head) return { logits: g.apply(head, poolTokens(module, parts, x, assume, g)) };
    const dense = pooler && findChild(pooler, 'dense');
    if (!dense) return { output: x };
    return { output: x, pooled: unary(g, 'Tanh', g.apply(dense, firstToken(g, x))) };
  },
};

interface VitParts {
  readonly patches: ModuleNode;
  readonly classToken: ModuleTensor | undefined;
  readonly positions: ModuleTensor;
  readonly list: ModuleNode;
  readonly layers: readonly ModuleNode[];
  readonly norm: ModuleNode;
  /** The norm stands behind the mean of tokens, as timm has it for some. */
  readonly isNormOfMean: boolean;
  readonly head: ModuleNode | undefined;
  readonly pooler: ModuleNode | undefined;
}

function findParts(module: ModuleNode): VitParts | undefined {
  for (const inside of [module, findChild(module, 'vit', 'deit', 'model')]) {
    if (!inside) continue;
    const patches = findChild(inside, 'embeddings.patch_embeddings.projection', 'patch_embed.proj');
    const embeddings = findChild(inside, 'embeddings') ?? inside;
    const positions = findTensor(embeddings, 'position_embeddings', 'pos_embed');
    const list = findChild(inside, 'encoder.layer', 'layers', 'blocks');
    const norm = findChild(inside, 'layernorm', 'norm', 'fc_norm');
    if (!patches || !positions || !list || !norm || findTensor(patches, 'weight')?.shape.length !== 4) continue;
    return {
      patches,
      positions,
      list,
      norm,
      classToken: findTensor(embeddings, 'cls_token'),
      layers: numberedChildren(list).map(([, layer]) => layer),
      isNormOfMean: norm.name === 'fc_norm',
      head: findChild(module, 'classifier', 'head'),
      pooler: findChild(inside, 'pooler'),
    };
  }
  return undefined;
}

/** Rows and columns of patches: the table of positions has one for each, and one for the class token. */
function gridOf(module: ModuleNode, assume: Assumptions): readonly [number, number] {
  const { positions, classToken, patches } = findParts(module)!;
  const count = positions.shape[1]! - (classToken ? 1 : 0);
  const side = Math.round(Math.sqrt(count));
  if (side * side === count) return [side, side];
  const [, , high, wide] = findTensor(patches, 'weight')!.shape as [number, number, number, number];
  const sizes = assume.facts.config?.image_size;
  const [height, width] = Array.isArray(sizes) ? sizes.map(Number) : [];
  if (height && width && (height / high) * (width / wide) === count) return [height / high, width / wide];
  return [1, count];
}

/** [batch, tokens, features] of an image, with positions. */
function cutPatches(
  module: ModuleNode,
  { patches, classToken, positions }: VitParts,
  image: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const [, , high, wide] = findTensor(patches, 'weight')!.shape as [number, number, number, number];
  const why = 'patches of a ViT lie side by side';
  const stride = high === wide ? high : `${high}x${wide}`;
  assume.suggest(patches.path, 'stride', { value: stride, source: 'name', why });
  assume.suggest(patches.path, 'padding', { value: 0, source: 'name', why });
  const map = g.apply(patches, image);
  const [batch, width, ...grid] = map.shape as [number, number, number, number];
  const count = product(grid) as number;
  const first = classToken ? 1 : 0;
  if (count + first !== positions.shape[1]) {
    const [rows, columns] = gridOf(module, assume);
    throw notRunnable(
      module,
      `it has positions for ${positions.shape[1]! - first} patches, and the image has ${count}`,
      `Give it an image of ${rows * high} × ${columns * wide}`,
    );
  }
  const tokens = transpose(g, reshape(g, map, [batch, width, count]), [0, 2, 1]);
  if (!classToken) return add(g, tokens, g.weight(positions));
  const each = g.emit('Expand', [g.weight(classToken), g.constant('i64', [3], [batch, 1, width])], [batch, 1, width]);
  return add(g, concat(g, [each, tokens], 1), g.weight(positions));
}

/** What the classifier sees: the class token, or the mean of the others. */
function poolTokens(
  module: ModuleNode,
  { classToken, isNormOfMean }: VitParts,
  x: Value,
  assume: Assumptions,
  g: GraphBuilder,
): Value {
  const usesMean = isNormOfMean || !classToken;
  const pool = assume.ask(module.path, 'pool', {
    value: usesMean ? 'mean' : 'token',
    source: usesMean ? 'name' : 'default',
    why: usesMean ? 'it has no class token, or a norm behind the mean' : 'a ViT is asked by its class token',
    choices: classToken ? ['token', 'mean'] : ['mean'],
  });
  if (pool === 'token') return firstToken(g, x);
  const [batch, count, width] = x.shape as [number, number, number];
  const patches = classToken ? slice(g, x, 1, 1, count) : x;
  return reshape(g, mean(g, patches, [1]), [batch, width]);
}

function firstToken(g: GraphBuilder, x: Value): Value {
  return reshape(g, slice(g, x, 1, 0, 1), [x.shape[0]!, x.shape[2]!]);
}

/** What stands below the root in norms: each library has its own. */
function suggestEps({ patches }: VitParts, norm: ModuleNode, assume: Assumptions): void {
  const isTimm = patches.name === 'proj';
  const of = isTimm ? 'timm' : 'Hugging Face';
  const value = isTimm ? 1e-6 : 1e-12;
  assume.suggest(norm.path, 'eps', { value, source: 'name', why: `the ViT of ${of} adds ${value}` });
}
