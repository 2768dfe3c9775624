import { bitsOf } from './dtype.ts';
import { takeLoops } from './hot-loops.ts';
import { isCounted } from './stats.ts';
import { CodeKernel } from './stats-codes.ts';
import type { Numbers, StatsKernel } from './stats-partial.ts';
import { ShortKernel } from './stats-shorts.ts';
import { SingleKernel } from './stats-single.ts';
import { WideKernel } from './stats-wide.ts';

/** The kernel for a type, which must be one that `decodeElements` takes, and for elements from a place of the walk on. */
export function makeKernel(numbers: Numbers, from: number): StatsKernel {
  const { dtype, affine, negative } = numbers;
  const isSingle = dtype === 'f32' && !negative;
  const isShort = bitsOf(dtype) === 16 && !affine;
  const loops = isSingle || isShort ? takeLoops() : undefined;
  if (loops) return isShort ? new ShortKernel(numbers, loops) : new SingleKernel(loops);
  return isCounted(numbers) ? new CodeKernel(numbers) : new WideKernel(numbers, from);
}
