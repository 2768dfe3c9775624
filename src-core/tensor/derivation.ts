import type { Codec } from '../bytes/unpack.ts';
import type { BlockDType, DType } from './dtype.ts';
import type { Draw } from './random.ts';
import type { Slice } from './slice.ts';
import type { Unpacking } from './unpack/packing.ts';

/**
 * How the elements of a derived storage come about, as plain data. They are a dense tensor in C order, little-endian, of whole bytes
 * each; any range of them is made without the others. What is said of inputs is said of their elements in C order.
 *
 * - `patch`: the input, with runs of elements replaced
 * - `place`: the first input, the elements of a slice of it being those of the second
 * - `dense`: the input, whatever its strides
 * - `reinterpret`: bytes as elements of a type: the input is of u8, and its last dimension is one element of this one
 * - `cast`: the input in another type, by the rules of `cast.ts`
 * - `affine`: x × scale + shift of the input in f64, then rounded to its own type (integers to the nearest, halves to even)
 * - `combine`: the sum of each input times its weight, in f64, rounded once to the type; inputs are of one shape and any types
 * - `low-rank`: the first input plus the product of the next two as matrices [rows, rank] and [rank, columns], times `scale`, in f64 and
 *   rounded once to its type. Where there is a fourth input the product is also multiplied by its one element, and divided by the rank
 * - `dequantise`: what blocks of a type stand for, as f32; the input is their bytes, of type u8
 * - `unpack`: a matrix of codes with the scales they need, as `Unpacking` says
 * - `chunks`: a tensor of a shape cut into boxes that are as large; each input is one of them, whole, and `places` says which, counted in C
 *   order. Where there is none stands `fill`.
 *   With a `shard` each input is bytes (of type u8) in which smaller chunks lie together, with an index of where each is
 * - `quantise`: the blocks of a type that the numbers of the input become; here an element is a block
 * - `fill`: one element again and again; no input
 * - `varints`: the input's bytes are packed varints (Protocol Buffers); of each the lowest `width` bytes are an element
 * - `scatter`: zeros, and the elements of the last input at places that the inputs before it tell; `Scatter` says how
 * - `random`: numbers by `random.ts`, rounded to the type; no input
 */
export type Derivation =
  | { readonly kind: 'patch'; readonly runs: readonly PatchRun[] }
  /** Steps are positive; the second input has the slice's shape. */
  | { readonly kind: 'place'; readonly slice: Slice }
  | { readonly kind: 'dense' }
  /** `endian` is of the input. */
  | { readonly kind: 'reinterpret'; readonly dtype: DType; readonly endian: 'little' | 'big' }
  | { readonly kind: 'cast'; readonly dtype: DType }
  | { readonly kind: 'dequantise'; readonly dtype: BlockDType }
  | { readonly kind: 'quantise'; readonly dtype: BlockDType }
  | { readonly kind: 'affine'; readonly scale: number; readonly shift: number }
  | { readonly kind: 'combine'; readonly dtype: DType; readonly weights: readonly number[] }
  | { readonly kind: 'low-rank'; readonly scale: number }
  | ({ readonly kind: 'unpack' } & Unpacking)
  | ({ readonly kind: 'chunks' } & Chunks)
  | { readonly kind: 'random'; readonly dtype: DType; readonly draw: Draw }
  | { readonly kind: 'varints'; readonly width: 1 | 2 | 4 | 8 }
  /** Bytes of the element, hexadecimal. */
  | { readonly kind: 'fill'; readonly element: string }
  | Scatter;

/**
 * As torch's layouts of that name have it. `coo`: one input of indices [sparse dimensions, count]. Others: two, where rows (or columns)
 * begin and the column (or row) of each; the values of `bsr` and `bsc` are blocks [count, rows, columns].
 */
export interface Scatter {
  readonly kind: 'scatter';
  readonly layout: 'coo' | 'csr' | 'csc' | 'bsr' | 'bsc';
  /** Of the tensor that comes about. */
  readonly shape: readonly number[];
}

export interface Chunks {
  readonly shape: readonly number[];
  /** Of every chunk, those at the edges too. */
  readonly chunk: readonly number[];
  /** Ascending. */
  readonly places: readonly number[];
  /** Bytes of the element where no chunk is, little-endian, hexadecimal. */
  readonly fill: string;
  readonly shard?: Shard;
}

/** As zarr v3 has it: `sharding_indexed`. */
export interface Shard {
  readonly dtype: DType;
  /** Of the chunks in it, of which it holds a whole number along each axis. */
  readonly chunk: readonly number[];
  /** How each chunk is packed. */
  readonly codec?: Codec;
  readonly isBigEndian?: boolean;
  /** A check sum (CRC-32C) follows each chunk. */
  readonly isSummed?: boolean;
  readonly isIndexFirst?: boolean;
  readonly isIndexSummed?: boolean;
}

/** Runs ascend and do not overlap. */
export interface PatchRun {
  /** Place of the first element, in C order. */
  readonly at: number;
  /** Bytes of the elements, hexadecimal: tasks are plain JSON. */
  readonly hex: string;
}

export function hexOfBytes(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

/** Bytes [start, end) of what `hexOfBytes` wrote, into `into` from `at` on. */
export function copyHex(hex: string, start: number, end: number, into: Uint8Array, at: number): void {
  for (let i = start; i < end; i++) into[at + i - start] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
}

/** What `hexOfBytes` wrote. */
export function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2);
  copyHex(hex, 0, bytes.length, bytes, 0);
  return bytes;
}
