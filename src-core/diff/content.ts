import type { DTypeFamily } from '../tensor/dtype.ts';

/** What was read of an entry that has no partner yet: some of its values, or all of them. */
export interface Content {
  readonly row: number;
  /** Entries of other groups cannot be the same: kind of numbers, and dimensions whatever their order. */
  readonly group: string;
  readonly readings: readonly Reading[];
  /** Whether the readings are all there is. */
  readonly isWhole: boolean;
}

/** The values in one order of axes: as they stand, or as another system would keep them. */
export interface Reading {
  /** Axes in the order in which the values were taken; absent for the order that the tensor has. */
  readonly axes?: readonly number[];
  readonly shape: readonly number[];
  readonly values: Float64Array;
  /** Equal for equal values. */
  readonly digest: string;
}

/** Small and half floats hold the same numbers as wide ones do, and so do integers of any width. */
const KINDS: Readonly<Partial<Record<DTypeFamily, string>>> = {
  half: 'float',
  float8: 'float',
  block: 'float',
  uint: 'int',
};

export const groupOf = (family: DTypeFamily, shape: readonly number[]): string =>
  `${KINDS[family] ?? family} ${shape.toSorted((a, b) => a - b).join()}`;

/**
 * Boxes of a tensor that are read instead of all of it: the first place and length on each axis. They lie on the diagonal, and
 * their lengths go by the axis alone, so that they hold the same elements whatever the order of axes.
 */
export function sampleBoxes(
  shape: readonly number[],
  most: number,
): readonly (readonly { start: number; count: number }[])[] {
  const elements = shape.reduce((n, dim) => n * dim, 1);
  if (elements <= most) return [shape.map((count) => ({ start: 0, count }))];
  const boxes = Math.max(1, Math.floor(most / BOX));
  const side = Math.max(1, Math.floor(BOX ** (1 / shape.length) + 1e-9));
  return Array.from({ length: boxes }, (_, i) =>
    shape.map((dim) => {
      const count = Math.min(dim, side);
      return { start: Math.floor(((i + 0.5) / boxes) * (dim - count)), count };
    }),
  );
}

/** Elements of a box. */
const BOX = 64;

/** A box, in C order, with its axes in another order; each element is `width` numbers. */
export function turnBox(
  values: Float64Array,
  shape: readonly number[],
  axes: readonly number[],
  width: number,
): Float64Array {
  const turned = new Float64Array(values.length);
  const steps = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = width; axis >= 0; axis--) {
    steps[axis] = step;
    step *= shape[axis]!;
  }
  const at = new Array<number>(axes.length).fill(0);
  for (let to = 0; to < turned.length; to += width) {
    let from = 0;
    for (const [i, axis] of axes.entries()) from += at[i]! * steps[axis]!;
    for (let part = 0; part < width; part++) turned[to + part] = values[from + part]!;
    for (let i = axes.length - 1; i >= 0; i--) {
      at[i]!++;
      if (at[i]! < shape[axes[i]!]!) break;
      at[i] = 0;
    }
  }
  return turned;
}

/** Two sums of 32 bits (FNV-1a, forwards and over other words) and the length: equal values have the same, others hardly ever. */
export function digestValues(values: Float64Array): string {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  let [one, two] = [0x811c9dc5, 0x9747b28c];
  for (const word of words) {
    one = Math.imul(one ^ word, 0x01000193);
    one ^= one >>> 15;
    two = Math.imul(two + word, 0x85ebca6b);
    two ^= two >>> 13;
  }
  return `${values.length} ${one >>> 0} ${two >>> 0}`;
}
