import type { TensorValue } from '../model/state-dict.ts';

/** Equal for tensors with the same elements: only the extent of the view counts, so that every shape of it is the same work. */
export function viewKey(value: TensorValue): string | undefined {
  const { storage, dtype, offset, shape, strides, quant, negative, conjugate } = value;
  if (storage === undefined) return undefined;
  return JSON.stringify([storage, dtype, offset, shape, strides ?? null, quant ?? null, !!negative, !!conjugate]);
}
