/** What blocks stand for, by their type. Decoders come when they are first needed: codebooks are large. */
import { StateglassError } from '../../base/errors.ts';
import { type BlockDType, dtypeLabel } from '../dtype.ts';

/** Turns whole blocks, one after the other from the start of `bytes`, into the numbers they stand for. */
export type DecodeBlocks = (bytes: Uint8Array, blocks: number, into: Float32Array) => void;

/** Exactly the numbers that ggml's own dequantisers give. */
export async function loadDecoder(dtype: BlockDType): Promise<DecodeBlocks> {
  const { LEGACY } = await import('./legacy.ts');
  const decode: DecodeBlocks | undefined = LEGACY[dtype as keyof typeof LEGACY];
  if (decode) return decode;
  const detail = 'its blocks are not decoded yet';
  throw new StateglassError({ kind: 'unsupported', file: dtypeLabel(dtype), format: 'element type', detail });
}
