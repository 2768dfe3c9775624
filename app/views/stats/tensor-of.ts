import { countElements, type DType, packedBytes } from '../../../src-core/index.ts';
import type { EntryDetail, OpenedDocument } from '../../state/engine.ts';

export interface SeenTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly elements: number;
  /** Of all elements, whoever owns the storage. */
  readonly bytes: number;
  /** The axis whose indices lie apart in memory, the others close together. */
  readonly slowest: number;
}

/** What the tree says of the tensor at a node. */
export function tensorOf({ tree }: OpenedDocument, node: number): SeenTensor {
  const dtype = tree.dtypes[tree.dtype[node]! - 1] ?? 'other:?';
  const shape = tree.shapes[tree.shape[node]!] ?? [];
  const elements = shape.reduce((n, dim) => n * dim, 1);
  return { dtype, shape, elements, bytes: packedBytes(dtype, elements) ?? tree.bytes[node]!, slowest: 0 };
}

/** What statistics are of: of an entry that holds codes, the weight that they stand for. */
export function seenTensor(document: OpenedDocument, node: number, { entry, packed }: EntryDetail): SeenTensor {
  const stored = tensorOf(document, node);
  const isCodes = packed?.codes.id === entry.id && document.tree.entry[node] === entry.id;
  if (!isCodes || !packed.unpacked) return stored;
  const { dtype, shape, strides } = packed.unpacked.value;
  // What is read are the codes.
  return { dtype, shape, elements: countElements(shape), bytes: stored.bytes, slowest: strides ? shape.length - 1 : 0 };
}
