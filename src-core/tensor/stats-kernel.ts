import { bitsOf } from './dtype.ts';
import { takeLoops } from './hot-loops.ts';
import { isCounted, type Numbers, type StatsPartial } from './stats.ts';
import { CodeKernel } from './stats-codes.ts';
import { SingleKernel } from './stats-single.ts';
import { WideKernel } from './stats-wide.ts';

/** Takes pieces of a run of elements, in order, then says what it saw. It is used once. */
export interface StatsKernel {
  /** `count` densely packed elements in this machine's byte order, at an address aligned to eight bytes. */
  add(bytes: Uint8Array<ArrayBuffer>, count: number): void;
  partial(): StatsPartial;
}

/** The kernel for a type. The type must be one that `decodeElements` takes. */
export function makeKernel(numbers: Numbers): StatsKernel {
  const bits = bitsOf(numbers.dtype);
  if (isCounted(numbers.dtype)) return new CodeKernel(numbers, bits === 16 ? takeLoops() : undefined);
  const loops = numbers.dtype === 'f32' && !numbers.negative ? takeLoops() : undefined;
  return loops ? new SingleKernel(loops) : new WideKernel(numbers);
}
