/** Finds the parts of T5 by the names that transformers gives them. */
import { findGated, findTwoLayers } from './feed-forward.ts';
import { findChild, findTensor, type ModuleNode, type ModuleTensor, numberedChildren } from './module-node.ts';

export interface T5Attention {
  readonly q: ModuleNode;
  readonly k: ModuleNode;
  readonly v: ModuleNode;
  readonly out: ModuleNode;
  /** Biases by distance; most layers have those of the first. */
  readonly table?: ModuleTensor;
  /** It looks at what the encoder gave. */
  readonly isCross: boolean;
}

export function findT5Attention(module: ModuleNode): T5Attention | undefined {
  const isCross = module.name === 'EncDecAttention';
  const [q, k, v, out] = ['q', 'k', 'v', 'o'].map((name) => module.children.get(name));
  if (!(isCross || module.name === 'SelfAttention') || !isMatrix(q) || !isMatrix(k) || !isMatrix(v) || !isMatrix(out))
    return undefined;
  const biases = module.children.get('relative_attention_bias');
  const table = biases && findTensor(biases, 'weight');
  return { q, k, v, out, isCross, ...(table && { table }) };
}

const isMatrix = (module: ModuleNode | undefined): module is ModuleNode =>
  module !== undefined && findTensor(module, 'weight')?.shape.length === 2;

export const widthOf = ({ q }: T5Attention): number => findTensor(q, 'weight')!.shape[1]!;

/** A norm, what computes, and what goes in added to what comes out. */
export interface T5Part {
  readonly layer: ModuleNode;
  readonly norm: ModuleNode;
  readonly inside: ModuleNode;
}

export interface T5Block {
  readonly self: T5Part;
  readonly cross?: T5Part;
  readonly feed: T5Part;
}

export function findT5Block(module: ModuleNode): T5Block | undefined {
  const list = findChild(module, 'layer');
  const parts = numberedChildren(list ?? module).flatMap(([, layer]): T5Part[] => {
    const norm = findChild(layer, 'layer_norm');
    const inside = findChild(layer, 'SelfAttention', 'EncDecAttention', 'DenseReluDense');
    return norm && inside ? [{ layer, norm, inside }] : [];
  });
  const [self, cross, feed] = ['SelfAttention', 'EncDecAttention', 'DenseReluDense'].map((name) =>
    parts.find(({ inside }) => inside.name === name),
  );
  if (!list || !self || !feed || parts.length !== list.children.size || !findT5Attention(self.inside)) return undefined;
  return findGated(feed.inside) || findTwoLayers(feed.inside) ? { self, feed, ...(cross && { cross }) } : undefined;
}

export interface T5Stack {
  readonly blocks: readonly ModuleNode[];
  readonly norm: ModuleNode;
  /** Table of tokens, where it is kept with the stack. */
  readonly tokens?: ModuleNode;
  readonly isDecoder: boolean;
}

export function findT5Stack(module: ModuleNode): T5Stack | undefined {
  const list = findChild(module, 'block');
  const blocks = list ? numberedChildren(list).map(([, block]) => block) : [];
  const norm = findChild(module, 'final_layer_norm');
  const found = blocks.map(findT5Block);
  if (!norm || blocks.length === 0 || found.includes(undefined)) return undefined;
  const tokens = findChild(module, 'embed_tokens');
  return { blocks, norm, isDecoder: found[0]!.cross !== undefined, ...(tokens && { tokens }) };
}

/** Biases by distance of the first block. */
export const tableOf = ({ blocks }: T5Stack): ModuleTensor | undefined =>
  findT5Attention(findT5Block(blocks[0]!)!.self.inside)!.table;

export interface T5Model {
  readonly tokens: ModuleNode;
  readonly encoder: ModuleNode;
  readonly decoder?: ModuleNode;
  /** Absent where the table of tokens is the head too. */
  readonly head?: ModuleNode;
}

export function findT5(module: ModuleNode): T5Model | undefined {
  const inside = findChild(module, 'transformer', 'model') ?? module;
  const [encoder, decoder] = [findChild(inside, 'encoder'), findChild(inside, 'decoder')];
  const stack = encoder && findT5Stack(encoder);
  const tokens = findChild(inside, 'shared') ?? stack?.tokens;
  if (!stack || stack.isDecoder || !tokens || (decoder && !findT5Stack(decoder)?.isDecoder)) return undefined;
  const head = findChild(module, 'lm_head');
  return { tokens, encoder, ...(decoder && { decoder }), ...(head && { head }) };
}
