import type { DType } from '../../tensor/dtype.ts';
import type { Packing } from '../../tensor/unpack/packing.ts';
import type { EntryId } from '../state-dict.ts';

export type PackedScheme = 'gptq' | 'awq' | 'mlx' | 'int' | 'int8' | 'fp8' | 'nvfp4' | 'mxfp4' | 'nf4' | 'fp4';

/** A weight that a library has packed over several plain tensors, recognised by their names, types and shapes. */
export interface PackedWeight {
  /** What the weight is called where it is not packed. */
  readonly key: string;
  readonly scheme: PackedScheme;
  /** Of a code. */
  readonly bits: number;
  /** Weights that share a scale, where that is a run of them. */
  readonly group?: number;
  /** Weights that are in it. */
  readonly elements: number;
  /** The entry that holds the codes. */
  readonly row: EntryId;
  /** Entries that are nothing without it: scales, zero points. With `row` they go when it is unpacked. */
  readonly parts: readonly EntryId[];
  /** How it is unpacked; absent where a part of the file has to be read first (`state`). */
  readonly plan?: UnpackPlan;
  /** The entry whose bytes say how, as JSON (bitsandbytes' quant_state). */
  readonly state?: EntryId;
}

export interface UnpackPlan {
  readonly packing: Packing;
  /** In the order of `packing`. */
  readonly inputs: readonly EntryId[];
  /** Of the weight, as the library itself unpacks it. */
  readonly dtype: DType;
  /** Of the weight; slowest first. */
  readonly shape: readonly number[];
  /** The last two dimensions are made the other way round. */
  readonly transposed: boolean;
}

/** Choices that names and shapes leave open, as `config.json` gives them. */
export interface PackedConfig {
  /** MLX, and compressed-tensors with a scale for each row: 4 without it. */
  readonly bits?: number;
  /** GPTQ: zero points are stored as they are (`gptq_v2`), not less one. */
  readonly plainZeros?: boolean;
}

const NAMES: Readonly<Record<PackedScheme, string>> = {
  gptq: 'GPTQ',
  awq: 'AWQ',
  mlx: 'MLX',
  int: 'compressed-tensors',
  int8: 'bitsandbytes',
  fp8: 'FP8',
  nvfp4: 'NVFP4',
  mxfp4: 'MXFP4',
  nf4: 'bitsandbytes NF4',
  fp4: 'bitsandbytes FP4',
};

/** For people: `GPTQ, 4 bits, groups of 128`. */
export function wordPacking({ scheme, bits, group }: Pick<PackedWeight, 'scheme' | 'bits' | 'group'>): string {
  const width = /\d$/.test(NAMES[scheme]) ? '' : `, ${bits} bits`;
  return `${NAMES[scheme]}${width}${group === undefined ? '' : `, groups of ${group}`}`;
}
