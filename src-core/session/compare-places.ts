import type { TensorValue } from '../model/state-dict.ts';
import type { TensorComparison } from '../tensor/compare.ts';
import { unravel } from '../tensor/walk.ts';
import type { ComparisonIndices } from './compare-values.ts';
import { memoryOrder, permuteAxes } from './permute-axes.ts';

/** The order in which two tensors are gone through, and what its places are in them. */
export interface Places {
  /** A tensor with its axes in that order. */
  turn(value: TensorValue): TensorValue;
  /** What was found in that order, told in C order. */
  arrange(found: TensorComparison): { readonly comparison: TensorComparison; readonly indices: ComparisonIndices };
}

/** C order; but two tensors whose elements lie alike in another order are read as they lie. */
export function placesOf(a: TensorValue, b: TensorValue): Places {
  const order = memoryOrder(a);
  const isAlike = String(order) === String(memoryOrder(b));
  const axes = isAlike ? order : [...a.shape.keys()];
  const shape = axes.map((axis) => a.shape[axis] as number);
  const indexOf = (place: number): readonly number[] => {
    const index = a.shape.map(() => 0);
    unravel(place, shape).forEach((at, i) => {
      index[axes[i] as number] = at;
    });
    return index;
  };
  const placeOf = (index: readonly number[]): number =>
    index.reduce((place, at, axis) => place * (a.shape[axis] as number) + at, 0);
  const find = (place: number | undefined) => (place === undefined ? undefined : indexOf(place));
  return {
    turn: (value) => (isAlike ? permuteAxes(value, axes) : value),
    arrange(found) {
      const { read } = found;
      const places = { maxAbs: find(found.maxAbsAt), min: find(read?.minAt), max: find(read?.maxAt) };
      const notFinite = find(read?.notFiniteAt);
      const { maxAbs, min, max } = places;
      const top = found.top.map(({ at }) => indexOf(at));
      return {
        comparison: {
          ...found,
          ...(maxAbs && { maxAbsAt: placeOf(maxAbs) }),
          top: found.top.map((cell, i) => ({ ...cell, at: placeOf(top[i] as readonly number[]) })),
          ...(read && {
            read: {
              ...read,
              ...(min && { minAt: placeOf(min) }),
              ...(max && { maxAt: placeOf(max) }),
              ...(notFinite && { notFiniteAt: placeOf(notFinite) }),
            },
          }),
        },
        indices: {
          ...(maxAbs && { maxAbs }),
          ...(min && { min }),
          ...(max && { max }),
          ...(notFinite && { notFinite }),
          top,
        },
      };
    },
  };
}
