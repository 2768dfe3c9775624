import type { RunTensor } from '../ports.ts';

/** How far two outputs of the same shape are apart. */
export interface OutputDifference {
  /** The largest |B − A|, and the place of it in C order. */
  readonly maxAbs: number;
  readonly at: number;
  /** Cosine of the angle between them; NaN where one is all zeros. */
  readonly cosine: number;
  /** ‖B − A‖ ÷ ‖A‖; NaN where A is all zeros. */
  readonly relative: number;
  /**
   * Kullback–Leibler divergence of softmax(B) from softmax(A) along the last axis, in nats, the mean over all rows: how differently
   * they would choose, where the outputs are logits.
   */
  readonly divergence: number;
  /** Rows of the last axis whose largest value is at another place. */
  readonly changedChoices: number;
  readonly rows: number;
}

/** Undefined where their shapes differ, or one holds no numbers. */
export function compareOutputs(a: RunTensor, b: RunTensor): OutputDifference | undefined {
  if (a.shape.length !== b.shape.length || a.shape.some((size, axis) => size !== b.shape[axis])) return undefined;
  if (a.dtype !== 'f32' || b.dtype !== 'f32') return undefined;
  let [maxAbs, at, dot, squareA, squareB, squareD] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < a.data.length; i++) {
    const [x, y] = [a.data[i]!, b.data[i]!];
    const d = Math.abs(y - x);
    if (d > maxAbs) [maxAbs, at] = [d, i];
    dot += x * y;
    squareA += x * x;
    squareB += y * y;
    squareD += d * d;
  }
  const width = a.shape.at(-1) ?? 1;
  const rows = width === 0 ? 0 : a.data.length / width;
  let [divergence, changedChoices] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    const p = logSoftmax(a.data.subarray(from, from + width));
    const q = logSoftmax(b.data.subarray(from, from + width));
    for (let i = 0; i < width; i++) divergence += Math.exp(p[i]!) * (p[i]! - q[i]!);
    if (placeOfMost(p) !== placeOfMost(q)) changedChoices++;
  }
  return {
    maxAbs,
    at,
    cosine: Math.min(1, dot / Math.sqrt(squareA * squareB)),
    relative: Math.sqrt(squareD / squareA),
    divergence: rows > 0 ? Math.max(0, divergence / rows) : 0,
    changedChoices,
    rows,
  };
}

/** Logarithms of the softmax of one row. */
export function logSoftmax(row: ArrayLike<number>): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < row.length; i++) most = Math.max(most, row[i]!);
  let total = 0;
  for (let i = 0; i < row.length; i++) total += Math.exp(row[i]! - most);
  const shift = most + Math.log(total);
  return Float64Array.from(row, (value) => value - shift);
}

function placeOfMost(row: ArrayLike<number>): number {
  let place = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[place]!) place = i;
  return place;
}
