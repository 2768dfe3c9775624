/** Blocks of big-endian files: their scales are the other way round, as `gguf_convert_endian.py` and ggml's structures have them. */
import { StateglassError } from '../../base/errors.ts';
import { type BlockDType, blockOf, dtypeLabel } from '../dtype.ts';

/** Places of f16 numbers in a block, for types that hold no other words. */
const HALVES: Partial<Record<BlockDType, readonly number[]>> = {
  q4_0: [0],
  q4_1: [0, 2],
  q8_0: [0],
  q8_1: [0, 2],
  q2_k: [80, 82],
  q3_k: [108],
  q4_k: [0, 2],
  q5_k: [0, 2],
  q6_k: [208],
  iq4_nl: [0],
  tq1_0: [52],
  tq2_0: [64],
  mxfp4: [],
  nvfp4: [],
};

/**
 * In place: whole blocks as little-endian files have them.
 *
 * @throws `unsupported` for types of which nobody says how their words lie.
 */
export function swapBlocks(dtype: BlockDType, bytes: Uint8Array): void {
  const halves = HALVES[dtype];
  if (!halves) {
    const detail = 'how its blocks lie in a big-endian file is not specified';
    throw new StateglassError({ kind: 'unsupported', file: dtypeLabel(dtype), format: 'element type', detail });
  }
  const size = blockOf(dtype).bytes;
  for (const half of halves) for (let at = half; at < bytes.length; at += size) bytes.subarray(at, at + 2).reverse();
}
