import type { Value } from './state-dict.ts';

/** Logical dimensions of a tensor; undefined for what has none. */
export const shapeOf = (value: Value): readonly number[] | undefined =>
  value.type === 'tensor' ? value.shape : undefined;
