/**
 * Where the elements of a tensor are in its storage, in elements. These shapes are a part of the model's `TensorValue` and
 * `Storage`, which fit them as they are.
 */
import { StateglassError } from '../base/errors.ts';
import type { FileId } from '../bytes/source.ts';
import type { Codec } from '../bytes/unpack.ts';
import type { Derivation } from './derivation.ts';
import type { DType } from './dtype.ts';
import type { Slice } from './slice.ts';

export interface TensorLayout {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Elements, per dimension; may be 0 or negative. Absent: contiguous in C order. */
  readonly strides?: readonly number[];
  /** Elements from the start of the storage to element [0,…,0]. */
  readonly offset: number;
  /** The values are the complex conjugates of what is stored. */
  readonly conjugate?: boolean;
  /** The values are what is stored with the other sign. */
  readonly negative?: boolean;
}

export interface StoredBytes {
  /** Bytes. */
  readonly byteLength: number;
  readonly endian: 'little' | 'big';
  readonly data:
    | { readonly kind: 'slices'; readonly slices: readonly StoredSlice[] }
    | { readonly kind: 'inline'; readonly bytes: Uint8Array<ArrayBuffer>; readonly codec?: Codec }
    | { readonly kind: 'derived'; readonly expr: Derivation; readonly inputs: readonly DerivedInput[] }
    | { readonly kind: 'absent'; readonly why: string };
}

export interface DerivedInput {
  readonly value: TensorLayout;
  readonly storage: StoredBytes;
}

export interface StoredSlice {
  readonly file: FileId;
  readonly offset: number;
  readonly length: number;
  readonly codec?: Codec;
  readonly inflated?: number;
}

/** Strides of densely packed elements, the last dimension fastest. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= Math.max(1, shape[axis] as number);
  }
  return strides;
}

/**
 * The same storage looked at through a slice: nothing is read or moved.
 *
 * @throws `bad-input` when the slice was made for another shape.
 */
export function sliceLayout({ shape, strides, offset }: TensorLayout, slice: Slice) {
  checkSlice(shape, slice);
  const steps = strides ?? contiguousStrides(shape);
  const sliced = { shape: [] as number[], strides: [] as number[], offset };
  slice.forEach((item, axis) => {
    const step = steps[axis] as number;
    sliced.offset += (item.kind === 'index' ? item.at : item.start) * step;
    if (item.kind === 'index') return;
    sliced.shape.push(item.count);
    sliced.strides.push(item.step * step);
  });
  return sliced;
}

/** One dimension to walk: how often, how far in the storage and how far in what is made of it, in elements. */
export interface Walk {
  readonly count: number;
  readonly step: number;
  readonly outStep: number;
}

/** The elements of a slice: the place of the first one in storage order, and dimensions to walk from there, far steps first. */
export interface Selection {
  readonly base: number;
  /** Where the element at `base` goes. */
  readonly outBase: number;
  /** Steps are 0 or more, in falling order; those of one element are left out. */
  readonly walks: readonly Walk[];
  /** Elements, repeated ones counted each time. */
  readonly count: number;
}

/**
 * The elements that a slice takes, to be walked in the order of the storage; the result is laid out in C order.
 *
 * @throws `bad-input` when the slice was made for another shape.
 */
export function selectElements(layout: TensorLayout, slice: Slice): Selection {
  checkSlice(layout.shape, slice);
  const strides = layout.strides ?? contiguousStrides(layout.shape);
  let base = layout.offset;
  let outBase = 0;
  let count = 1;
  const walks: Walk[] = [];
  for (let axis = slice.length - 1; axis >= 0; axis--) {
    const item = slice[axis] as Slice[number];
    const stride = strides[axis] ?? 0;
    if (item.kind === 'index') {
      base += item.at * stride;
      continue;
    }
    base += item.start * stride;
    const step = stride * item.step;
    const outStep = count;
    count *= item.count;
    if (item.count <= 1) continue;
    if (step < 0) {
      base += (item.count - 1) * step;
      outBase += (item.count - 1) * outStep;
      walks.push({ count: item.count, step: -step, outStep: -outStep });
    } else walks.push({ count: item.count, step, outStep });
  }
  walks.sort((a, b) => b.step - a.step);
  return { base, outBase, walks: count === 0 ? [] : mergeWalks(walks), count };
}

/** Two dimensions that follow one another without a gap on both sides are one. */
function mergeWalks(walks: readonly Walk[]): Walk[] {
  const merged: Walk[] = [];
  for (const walk of walks) {
    const outer = merged.at(-1);
    if (outer && outer.step === walk.step * walk.count && outer.outStep === walk.outStep * walk.count) {
      merged[merged.length - 1] = { ...walk, count: outer.count * walk.count };
    } else merged.push(walk);
  }
  return merged;
}

/** Elements from the first to the last one that walks touch. */
export const walkSpan = (walks: readonly Walk[]): number =>
  walks.reduce((span, { count, step }) => span + (count - 1) * step, 1);

function checkSlice(shape: readonly number[], slice: Slice): void {
  const fits =
    slice.length === shape.length &&
    slice.every((item, axis) => {
      const dim = shape[axis] as number;
      const inside = (at: number) => Number.isInteger(at) && at >= 0 && at < dim;
      if (item.kind === 'index') return inside(item.at);
      if (item.count === 0) return true;
      return (
        Number.isInteger(item.step) &&
        item.count > 0 &&
        inside(item.start) &&
        inside(item.start + (item.count - 1) * item.step)
      );
    });
  if (fits) return;
  throw new StateglassError({ kind: 'bad-input', detail: `the slice does not fit the shape [${shape.join(', ')}]` });
}
