/**
 * The one door to tensors that are stored in blocks: everybody who wants numbers sees the f32 tensor that is derived of their
 * storage; the storage itself stays as it is in the file.
 */
import { isContiguous } from './dense-range.ts';
import { blockOf, countElements, type DType, isBlockDType, numberTypeOf, packedBytes } from './dtype.ts';
import type { StoredBytes, TensorLayout } from './layout.ts';

/**
 * A tensor as the numbers it stands for: one in blocks as f32 over a derived storage, in which every element has the place that its
 * layout says; any other as it is. Where bytes are not here they still are not.
 */
export function asNumbers<V extends TensorLayout, S extends StoredBytes>(
  value: V,
  storage: S,
): { readonly value: V; readonly storage: S };
export function asNumbers<V extends TensorLayout, S extends StoredBytes>(
  value: V,
  storage: S | undefined,
): { readonly value: V; readonly storage: S | undefined };
export function asNumbers<V extends TensorLayout, S extends StoredBytes>(value: V, storage: S | undefined) {
  const { dtype } = value;
  if (!isBlockDType(dtype)) return { value, storage };
  const numbers = { ...value, dtype: numberTypeOf(dtype) };
  if (!storage || storage.data.kind === 'absent') return { value: numbers, storage };
  const { elements, bytes } = blockOf(dtype);
  const blocks = Math.floor(storage.byteLength / bytes);
  const stored = { type: 'tensor' as const, dtype: 'u8' as const, shape: [blocks * bytes], offset: 0 };
  const data = {
    kind: 'derived' as const,
    expr: { kind: 'dequantise' as const, dtype },
    inputs: [{ value: stored, storage }],
  };
  return {
    value: numbers,
    storage: { ...storage, endian: 'little' as const, byteLength: blocks * elements * 4, data },
  };
}

/** Whether a tensor is made of whole blocks in their order, of which none reaches into two rows. */
export function hasWholeBlocks(value: TensorLayout): boolean {
  const block = blockOf(value.dtype);
  return block !== undefined && (value.shape.at(-1) ?? 1) % block.elements === 0 && asBlockBytes(value) !== undefined;
}

/**
 * A tensor in blocks as the bytes of its blocks: they can be copied and hashed as they are. Undefined for other types, and for a view
 * that is not made of whole blocks in their order.
 */
export function asBlockBytes<V extends TensorLayout>(value: V): V | undefined {
  const block = blockOf(value.dtype);
  const bytes = block && packedBytes(value.dtype, countElements(value.shape));
  if (!block || bytes === undefined || value.offset % block.elements !== 0 || !isContiguous(value)) return undefined;
  const offset = (value.offset / block.elements) * block.bytes;
  return { ...value, dtype: 'u8' as DType, shape: [bytes], strides: [1], offset };
}
