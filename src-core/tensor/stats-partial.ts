/** What kernels of statistics are given, and what they give. */
import type { CodeCounts } from './code-counts.ts';
import type { Channels } from './dequantise.ts';
import type { DType } from './dtype.ts';
import type { Moments } from './moments.ts';

/** How stored bytes are numbers. */
export interface Numbers {
  readonly dtype: DType;
  /** Quantised: value = (stored - zeroPoint) × scale, in single precision. */
  readonly affine?: { readonly scale: number; readonly zeroPoint: number };
  /** Quantised with a scale for each channel. */
  readonly channels?: Channels;
  /** Every value stands for its negative (torch's lazy sign). */
  readonly negative?: boolean;
  /** Every value stands for its complex conjugate. Its magnitude is the same, so only comparisons ask. */
  readonly conjugate?: boolean;
}

/** What was seen of a run of elements. Plain data: it crosses between threads. */
export interface StatsPartial {
  /** Elements, whatever they are. */
  readonly count: number;
  /** Smallest and largest finite value; Infinity and -Infinity when there is none. */
  readonly min: number;
  readonly max: number;
  /** Place of the first such element, counted in elements of the task's own order; -1 when there is none. */
  readonly minAt: number;
  readonly maxAt: number;
  /** All digits of 64-bit integers. */
  readonly minDigits?: string;
  readonly maxDigits?: string;
  /** By code, or by bin where there are moments. */
  readonly counts: CodeCounts;
  readonly wide?: Moments & {
    readonly nan: number;
    readonly posInf: number;
    readonly negInf: number;
    readonly zeros: number;
  };
}

/** Takes pieces of a run of elements, in order, then says what it saw. It is used once. */
export interface StatsKernel {
  /** `count` densely packed elements in this machine's byte order, at an address aligned to eight bytes. */
  add(bytes: Uint8Array<ArrayBuffer>, count: number): void;
  partial(): StatsPartial;
  /** Where a piece is best put: its bytes are then taken as they lie. Eight bytes times a power of two. */
  readonly room?: Uint8Array<ArrayBuffer>;
}
