import { flax } from './flax.ts';
import { flaxCollection } from './flax-collection.ts';
import { ggufGpt2 } from './gguf-gpt2.ts';
import { ggufLlama } from './gguf-llama.ts';
import { gpt2Conv1d } from './gpt2-conv1d.ts';
import { keras } from './keras.ts';
import type { Mapping, Wrapper } from './mapping.ts';
import { nnxValue } from './nnx-value.ts';
import { PREFIX } from './prefix.ts';
import { compiled, ddp, fsdp } from './wrappers.ts';

/** Outermost first: a compiled model in DistributedDataParallel is `module._orig_mod.…`, the other way round `_orig_mod.module.…`. */
export const WRAPPERS: readonly Wrapper[] = [compiled, fsdp, ddp, nnxValue, flaxCollection];
/** The special before the general. */
export const MAPPINGS: readonly Mapping[] = [ggufLlama, ggufGpt2, flax, keras];

/** A mapping for people, by its id. */
export function titleOfMapping(id: string): string {
  if (id === PREFIX) return 'a prefix';
  return [...WRAPPERS, ...MAPPINGS, gpt2Conv1d].find((mapping) => mapping.id === id)?.title ?? id;
}
