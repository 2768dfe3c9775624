import { LIMITS } from '../../base/limits.ts';
import { itemsOf, type PickleNode } from '../../bytes/pickle/nodes.ts';
import { contiguousStrides } from '../../tensor/layout.ts';

/** Non-negative integers of a tuple, list or torch.Size; undefined when it is anything else. */
export function readDims(node: PickleNode | undefined): number[] | undefined {
  const inner = node?.kind === 'reduce' ? itemsOf(node.args)?.[0] : node;
  const items = itemsOf(inner);
  if (!items || items.length > LIMITS.tensorRank) return undefined;
  const dims: number[] = [];
  for (const item of items) {
    if (item.kind !== 'int' || item.value < 0) return undefined;
    dims.push(item.value);
  }
  return dims;
}

/** Whether the strides say nothing the shape does not: those of single elements never count, nor do those of empty tensors. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  const packed = contiguousStrides(shape);
  return shape.every((dim, i) => dim === 1 || strides[i] === packed[i]);
}

/** First and one past the last element that a view touches; undefined when it has no elements. */
export function touchedSpan(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): { from: number; to: number } | undefined {
  if (shape.includes(0)) return undefined;
  let last = offset;
  for (let i = 0; i < shape.length; i++) last += (shape[i]! - 1) * strides[i]!;
  return { from: offset, to: last + 1 };
}
