import { type DType, packedBytes } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';

interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly elements: number;
  /** Of all elements, whoever owns the storage. */
  readonly bytes: number;
}

/** What the tree says of the tensor at a node. */
export function tensorOf({ tree }: OpenedDocument, node: number): Tensor {
  const dtype = tree.dtypes[tree.dtype[node]! - 1] ?? 'other:?';
  const shape = tree.shapes[tree.shape[node]!] ?? [];
  const elements = shape.reduce((n, dim) => n * dim, 1);
  return { dtype, shape, elements, bytes: packedBytes(dtype, elements) ?? tree.bytes[node]! };
}
