import type { TensorValue } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import type { ComparedDocument } from '../engine/compare-api.ts';
import type { Shown } from './shown-slice.ts';
import type { ValueSample } from './value-sample.ts';
import type { ShownPart } from './value-tiles.ts';

/** A tensor of either side. */
export interface SideTensor {
  readonly document: DocumentId;
  readonly entry: number;
  readonly tensor: TensorValue;
}

/** Two tensors that are set against each other, element by element. */
export interface TensorPair {
  readonly a: SideTensor;
  readonly b: SideTensor;
  /** Axes of B in the order that makes it look like A; as they stand when absent. */
  readonly axes?: readonly number[] | undefined;
  /** What they are called on screen; A and B when absent. */
  readonly names?: SideNames | undefined;
}

export type SideNames = readonly [left: string, right: string];
export const SIDE_NAMES: SideNames = ['A', 'B'];

/** Whether every element of one has its place in the other. */
export const isAligned = ({ a, b, axes }: TensorPair): boolean => {
  const shape = axes ? axes.map((axis) => b.tensor.shape[axis]) : b.tensor.shape;
  return shape.length === a.tensor.shape.length && shape.every((dim, axis) => dim === a.tensor.shape[axis]);
};

/** Axes of a pair's B that make it look like A; undefined where they stand in the same order. */
export function axesOfPair({ pairs }: ComparedDocument, pair: number): readonly number[] | undefined {
  const layout = pairs.layout[pair]!;
  return layout === 0 ? undefined : pairs.layouts[layout - 1];
}

/** The same part of both, as A shows it. */
export function partsOf({ a, b, axes }: TensorPair, shown: Shown): readonly [ShownPart, ShownPart] {
  return [
    { ...a, shown, raw: false },
    { ...b, shown: axes ? turnShown(shown, axes) : shown, raw: false },
  ];
}

function turnShown({ slice, rows, columns }: Shown, axes: readonly number[]): Shown {
  const turned = slice.slice();
  axes.forEach((axis, i) => {
    turned[axis] = slice[i]!;
  });
  return {
    slice: turned,
    ...(rows !== undefined && { rows: axes[rows]! }),
    ...(columns !== undefined && { columns: axes[columns]! }),
  };
}

/** B minus A, at the places that both samples have. */
export function subtractSamples(a: ValueSample, b: ValueSample): ValueSample {
  const [rowStep, columnStep] = [leastCommon(a.rowStep, b.rowStep), leastCommon(a.columnStep, b.columnStep)];
  const rows = countOf(a.rows * a.rowStep, b.rows * b.rowStep, rowStep);
  const columns = countOf(a.columns * a.columnStep, b.columns * b.columnStep, columnStep);
  const values = new Float64Array(rows * columns);
  const at = (of: ValueSample, row: number, column: number) =>
    of.values[((row * rowStep) / of.rowStep) * of.columns + (column * columnStep) / of.columnStep]!;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = at(b, row, column) - at(a, row, column);
    }
  }
  return { rows, columns, rowStep, columnStep, values };
}

/** Places that are multiples of a step, in what both samples span: a last one may stand for fewer than a step. */
const countOf = (a: number, b: number, step: number): number => Math.max(1, Math.ceil(Math.min(a, b) / step));

const leastCommon = (a: number, b: number): number => (a / greatestCommon(a, b)) * b;
const greatestCommon = (a: number, b: number): number => (b === 0 ? a : greatestCommon(b, a % b));
