/** What weights would take in memory. Activations, caches and the framework itself come on top and are not guessed here. */
export interface MemoryLine {
  readonly name: string;
  readonly note: string;
  readonly bytes: number;
}

/** `params` are logical elements; `bytes` what the file stores for them. */
export function estimateMemory(
  params: number,
  bytes: number,
): { readonly inference: readonly MemoryLine[]; readonly training: readonly MemoryLine[] } {
  const each = (name: string, perElement: number): MemoryLine => ({
    name,
    note: `${perElement} ${perElement === 1 ? 'byte' : 'bytes'} each`,
    bytes: params * perElement,
  });
  return {
    inference: [
      { name: 'as stored', note: '', bytes },
      each('f32', 4),
      each('f16, bf16', 2),
      each('int8', 1),
      { name: 'int4', note: 'half a byte each, without scales', bytes: params / 2 },
    ],
    training: [
      { name: 'Adam, f32', note: 'weights, gradients, two moments', bytes: params * 16 },
      // bf16 weights and gradients (2 + 2), an f32 master copy and two f32 moments (4 + 8).
      { name: 'Adam, mixed', note: 'bf16, with f32 master and moments', bytes: params * 16 },
    ],
  };
}
