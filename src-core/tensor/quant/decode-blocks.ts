/** What blocks stand for, by their type. Decoders come when they are first needed, codebooks with them. */
import type { BlockDType } from '../dtype.ts';

/** Turns whole blocks, one after the other from the start of `bytes`, into the numbers they stand for. */
export type DecodeBlocks = (bytes: Uint8Array<ArrayBuffer>, blocks: number, into: Float32Array<ArrayBuffer>) => void;

const legacy = async () => (await import('./legacy.ts')).LEGACY;
const k = async () => (await import('./k.ts')).K;
const codebook = async () => (await import('./codebook.ts')).CODEBOOK;
const uneven = async () => (await import('./uneven.ts')).UNEVEN;
const ternary = async () => (await import('./ternary.ts')).TERNARY;
const microscaling = async () => (await import('./microscaling.ts')).MICROSCALING;

type Family<D extends BlockDType> = () => Promise<Readonly<Record<D, DecodeBlocks>>>;

const FAMILIES: { readonly [D in BlockDType]: Family<D> } = {
  q4_0: legacy,
  q4_1: legacy,
  q5_0: legacy,
  q5_1: legacy,
  q8_0: legacy,
  q8_1: legacy,
  q2_k: k,
  q3_k: k,
  q4_k: k,
  q5_k: k,
  q6_k: k,
  q8_k: k,
  iq2_xxs: codebook,
  iq2_xs: codebook,
  iq2_s: codebook,
  iq3_xxs: codebook,
  iq3_s: codebook,
  iq1_s: codebook,
  iq1_m: codebook,
  iq4_nl: uneven,
  iq4_xs: uneven,
  tq1_0: ternary,
  tq2_0: ternary,
  q1_0: ternary,
  q2_0: ternary,
  mxfp4: microscaling,
  nvfp4: microscaling,
};

const decoders = new Map<BlockDType, Promise<DecodeBlocks>>();

/** Gives exactly the numbers that ggml's own dequantisers give. */
export function loadDecoder(dtype: BlockDType): Promise<DecodeBlocks> {
  const known = decoders.get(dtype);
  if (known) return known;
  const loading = import('./vector-loops.ts').then(({ vectorDecoder }) => vectorDecoder(dtype) ?? loadPlain(dtype));
  decoders.set(dtype, loading);
  // What did not load (the page is offline, say) is asked for again.
  loading.catch(() => decoders.delete(dtype));
  return loading;
}

/** Without vectors. */
export async function loadPlain<D extends BlockDType>(dtype: D): Promise<DecodeBlocks> {
  const family: Family<D> = FAMILIES[dtype];
  return (await family())[dtype];
}
