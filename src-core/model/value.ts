import type { Value } from './state-dict.ts';

/** Logical dimensions of a tensor, slowest first; undefined for what is no tensor and for one whose shape nobody declared. */
export const shapeOf = (value: Value): readonly number[] | undefined =>
  value.type === 'tensor' && !value.undeclared ? value.shape : undefined;
