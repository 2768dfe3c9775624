import type { DType } from '../dtype.ts';

/**
 * Weights that libraries pack over plain tensors: a matrix of codes, with scales of groups of them. Inputs follow in the order named.
 * A matrix is made in the order in which its codes are stored, which for `gptq` and `awq` is [in, out].
 *
 * - `gptq` (AutoGPTQ, GPTQModel): qweight, packed down the columns; scales [groups, out]; qzeros, packed along the rows; with `order` g_idx,
 *   the group of each row. Zero points are stored less `zeroShift`
 * - `awq` (AutoAWQ's GEMM layout): qweight and qzeros, eight to a word in the order 0 2 4 6 1 3 5 7; scales [groups, out]
 * - `affine` (MLX): weight, packed along the rows; scales and biases [out, groups]: code × scale + bias
 * - `int` (compressed-tensors): weight_packed along the rows, codes are above the middle; weight_scale [out, groups]; with `zeroPoints`
 *   weight_zero_point, packed down the columns
 * - `int8` (bitsandbytes): weight i8; SCB, 127 times the scale of each row
 * - `scaled` (fp8): weight of 8-bit floats; a scale for each block of rows and columns
 * - `nvfp4`: weight of two e2m1 to a byte, the first in the low bits; a float8 scale for 16 of them; one scale for all, to multiply or to
 *   divide by
 * - `mxfp4`: blocks of 16 bytes, the first of two e2m1 in the low bits; a power of two for each
 * - `table` (bitsandbytes' nf4 and fp4): two codes to a byte, the first in the high bits; absmax of runs of `block` elements; the 16 numbers
 *   of the codes; with `nested` absmax is 8-bit codes of nested_quant_map, times nested_absmax of runs, plus `offset`
 */
export type Packing =
  | { readonly scheme: 'gptq'; readonly bits: number; readonly zeroShift: 0 | 1; readonly order: boolean }
  | { readonly scheme: 'awq' }
  | { readonly scheme: 'affine'; readonly bits: number }
  | { readonly scheme: 'int'; readonly bits: number; readonly zeroPoints: boolean }
  | { readonly scheme: 'int8' }
  | { readonly scheme: 'scaled' }
  | { readonly scheme: 'nvfp4'; readonly global: 'factor' | 'divisor' }
  | { readonly scheme: 'mxfp4' }
  | {
      readonly scheme: 'table';
      readonly block: number;
      readonly nested?: { readonly block: number; readonly offset: number };
    };

export interface Unpacking {
  readonly packing: Packing;
  /** Of the numbers made: each is rounded once to it. */
  readonly dtype: DType;
  /** Of the matrix as it is made. */
  readonly rows: number;
  readonly columns: number;
}
