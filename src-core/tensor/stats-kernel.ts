import { bitsOf } from './dtype.ts';
import { takeLoops } from './hot-loops.ts';
import { isCounted, type Numbers, type StatsPartial } from './stats.ts';
import { CodeKernel } from './stats-codes.ts';
import { ShortKernel } from './stats-shorts.ts';
import { SingleKernel } from './stats-single.ts';
import { WideKernel } from './stats-wide.ts';

/** Takes pieces of a run of elements, in order, then says what it saw. It is used once. */
export interface StatsKernel {
  /** `count` densely packed elements in this machine's byte order, at an address aligned to eight bytes. */
  add(bytes: Uint8Array<ArrayBuffer>, count: number): void;
  partial(): StatsPartial;
  /** Where a piece is best put: its bytes are then taken as they lie. Eight bytes times a power of two. */
  readonly room?: Uint8Array<ArrayBuffer>;
}

/** The kernel for a type, which must be one that `decodeElements` takes, and for elements from a place of the walk on. */
export function makeKernel(numbers: Numbers, from: number): StatsKernel {
  const { dtype, affine, negative } = numbers;
  const isSingle = dtype === 'f32' && !negative;
  const isShort = bitsOf(dtype) === 16 && !affine;
  const loops = isSingle || isShort ? takeLoops() : undefined;
  if (loops) return isShort ? new ShortKernel(numbers, loops) : new SingleKernel(loops);
  return isCounted(numbers) ? new CodeKernel(numbers) : new WideKernel(numbers, from);
}
