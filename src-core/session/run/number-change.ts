/** Weights that are others with some numbers changed: what is typed in. */
import type { DerivedInput, Storage, TensorValue } from '../../model/state-dict.ts';
import { copyHex } from '../../tensor/derivation.ts';
import { bitsOf, countElements } from '../../tensor/dtype.ts';
import type { NumberChange } from '../ports.ts';
import { widenerOf } from './widen.ts';

export interface ChangedWeight {
  /** What it was before. */
  readonly root: DerivedInput;
  readonly change: NumberChange;
}

/** A whole tensor that is a patch of another of its shape. */
export function splitChange(value: TensorValue, { data }: Storage): ChangedWeight | undefined {
  if (data.kind !== 'derived' || data.expr.kind !== 'patch') return undefined;
  const [root] = data.inputs;
  const widen = widenerOf(value.dtype);
  if (!root || !widen || !isWhole(value) || !isLike(root.value, value)) return undefined;
  const width = (bitsOf(value.dtype) as number) / 8;
  const { runs } = data.expr;
  const count = runs.reduce((sum, { hex }) => sum + hex.length / 2 / width, 0);
  const places = new Uint32Array(count);
  const bytes = new Uint8Array(count * width);
  let done = 0;
  for (const { at, hex } of runs) {
    const length = hex.length / 2 / width;
    copyHex(hex, 0, length * width, bytes, done * width);
    for (let i = 0; i < length; i++) places[done + i] = at + i;
    done += length;
  }
  const numbers = new Float32Array(count);
  widen(bytes, numbers, 0);
  return { root, change: { places, numbers } };
}

export function putNumbers(into: Float32Array<ArrayBuffer>, { places, numbers }: NumberChange): void {
  for (let i = 0; i < places.length; i++) into[places[i]!] = numbers[i]!;
}

/** Whether all places of `inner` are among those of `outer`; both ascend. */
export function covers(outer: Uint32Array, inner: Uint32Array): boolean {
  let at = 0;
  for (const place of inner) {
    while (at < outer.length && outer[at]! < place) at++;
    if (outer[at] !== place) return false;
  }
  return true;
}

const isWhole = ({ strides, offset, quant, negative, conjugate }: TensorValue): boolean =>
  strides === undefined && offset === 0 && !quant && !negative && !conjugate;

/** The same elements in the same order, as they are meant. */
const isLike = ({ dtype, shape, quant, negative, conjugate }: TensorValue, value: TensorValue): boolean =>
  dtype === value.dtype &&
  shape.length === value.shape.length &&
  shape.every((size, axis) => size === value.shape[axis]) &&
  countElements(shape) <= 2 ** 32 &&
  !quant &&
  !negative &&
  !conjugate;
