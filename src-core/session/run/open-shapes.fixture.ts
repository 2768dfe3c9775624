import { bufferSource } from '../../bytes/buffer.ts';
import { type ModuleNode, openModule } from '../../graph/module-node.ts';
import { findNode } from '../../model/find-node.ts';
import { buildTree } from '../../model/tree.ts';
import { openFiles } from '../open.ts';

export type Shapes = Readonly<Record<string, readonly number[]>>;

/** A file of zeros with tensors of these shapes, and a module in it. */
export async function openShapes(shapes: Shapes, path = ''): Promise<ModuleNode> {
  let at = 0;
  const header = Object.fromEntries(
    Object.entries(shapes).map(([key, shape]) => {
      const start = at;
      at += 4 * shape.reduce((all, size) => all * size, 1);
      return [key, { dtype: 'F32', shape, data_offsets: [start, at] }];
    }),
  );
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + at);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  const { documents } = await openFiles([{ id: 'a', source: bufferSource(bytes, 'a.safetensors') }]);
  const { entries } = documents[0]!.state;
  const tree = buildTree(entries.columns());
  return openModule(entries, tree, findNode(tree, path)!);
}

/** A Llama of width 8. */
export const llamaShapes = (layers: number): Shapes => ({
  'model.embed_tokens.weight': [20, 8],
  'model.norm.weight': [8],
  ...Object.assign({}, ...Array.from({ length: layers }, (_, i) => layerShapes(`model.layers.${i}`))),
});

const layerShapes = (at: string): Shapes => ({
  [`${at}.self_attn.q_proj.weight`]: [8, 8],
  [`${at}.self_attn.k_proj.weight`]: [8, 8],
  [`${at}.self_attn.v_proj.weight`]: [8, 8],
  [`${at}.self_attn.o_proj.weight`]: [8, 8],
  [`${at}.mlp.gate_proj.weight`]: [12, 8],
  [`${at}.mlp.up_proj.weight`]: [12, 8],
  [`${at}.mlp.down_proj.weight`]: [8, 12],
  [`${at}.input_layernorm.weight`]: [8],
  [`${at}.post_attention_layernorm.weight`]: [8],
});
