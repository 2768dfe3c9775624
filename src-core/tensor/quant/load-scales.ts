import type { Endian } from '../decode.ts';
import { type BlockDType, blockOf } from '../dtype.ts';

/** What codes are multiplied by, and what is added then, where there is such a thing. */
export interface PartScales {
  readonly scale: number;
  readonly offset?: number;
}

/** Of a block: scales of its own, and those of its parts, which are multiples of them. NVFP4 has only the latter. */
export interface BlockScales {
  readonly scale?: number;
  readonly offset?: number;
  readonly parts?: readonly PartScales[];
}

/**
 * Scales of whole blocks that lie one after the other.
 *
 * @throws `unsupported` for blocks of a big-endian file of which nobody says how they lie.
 */
export async function loadBlockScales(
  dtype: BlockDType,
  bytes: Uint8Array<ArrayBuffer>,
  endian: Endian = 'little',
): Promise<readonly BlockScales[]> {
  const { readScales } = await import('./block-scales.ts');
  const own = endian === 'big' ? bytes.slice() : bytes;
  if (endian === 'big') (await import('./big-endian.ts')).swapBlocks(dtype, own);
  const size = blockOf(dtype).bytes;
  return Array.from({ length: Math.floor(own.length / size) }, (_, block) =>
    readScales(dtype, own.subarray(block * size, (block + 1) * size)),
  );
}
