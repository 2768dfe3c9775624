/** Stored integers to the numbers they stand for, rounded as torch's `dequantize` rounds them (to the last bit). */

/** One scale for all. torch multiplies in single precision here, and in double precision below. */
export const dequantiseByTensor = (stored: number, zeroPoint: number, scale: number): number =>
  Math.fround(Math.fround(stored - zeroPoint) * Math.fround(scale));

/** A scale for each channel. */
export const dequantiseByChannel = (stored: number, zeroPoint: number, scale: number): number =>
  Math.fround(Math.fround(stored - zeroPoint) * scale);

/** Scales of a tensor whose elements are visited in C order: `inner` of one channel, `inner` of the next, and over again. */
export interface Channels {
  readonly scales: Float64Array<ArrayBuffer>;
  readonly zeroPoints: Float64Array<ArrayBuffer>;
  readonly inner: number;
}

/** In place; the first value is the element at place `from`. */
export function dequantiseRun(values: Float64Array, from: number, { scales, zeroPoints, inner }: Channels): void {
  let channel = Math.floor(from / inner) % scales.length;
  let left = inner - (from % inner);
  for (let i = 0; i < values.length; i++) {
    if (left === 0) {
      channel = (channel + 1) % scales.length;
      left = inner;
    }
    values[i] = dequantiseByChannel(values[i]!, zeroPoints[channel]!, scales[channel]!);
    left--;
  }
}
