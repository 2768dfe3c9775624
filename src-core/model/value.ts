import type { StorageId, TensorValue, Value } from './state-dict.ts';

/** Logical dimensions of a tensor, slowest first; undefined for what is no tensor and for one whose shape nobody declared. */
export const shapeOf = (value: Value): readonly number[] | undefined =>
  value.type === 'tensor' && !value.undeclared ? value.shape : undefined;

/** A tensor of which only the name is known. Its storage says why its bytes are not here. */
export const undeclaredTensor = (storage: StorageId): TensorValue => ({
  type: 'tensor',
  dtype: 'other:?',
  shape: [],
  offset: 0,
  storage,
  undeclared: true,
});
