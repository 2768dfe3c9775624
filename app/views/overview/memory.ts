/** What weights would take in memory. Activations, caches and the framework itself come on top and are not guessed here. */
export interface MemoryLine {
  readonly name: string;
  readonly note: string;
  readonly bytes: number;
}

/** `params` are logical elements; `bytes` what the file stores for them. */
export function estimateMemory(params: number, bytes: number): readonly MemoryLine[] {
  return [
    { name: 'As stored', note: '', bytes },
    { name: 'f32', note: '4 bytes each', bytes: params * 4 },
    { name: 'f16, bf16', note: '2 bytes each', bytes: params * 2 },
    { name: 'int8', note: '1 byte each', bytes: params },
    { name: 'int4', note: 'half a byte, no scales', bytes: params / 2 },
    // f32: weights 4, gradients 4, two moments 8. Mixed: bf16 weights and gradients 4, an f32 master copy 4, two f32 moments 8.
    { name: 'Adam training', note: '16 bytes each', bytes: params * 16 },
  ];
}

export const TRAINING_NOTE =
  'Training counts weights, gradients and two moments in f32; with bf16 weights and an f32 master copy it comes to the same.';
