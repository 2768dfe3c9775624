import type { RenameRule } from '../../model/keys/rename-rules.ts';
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

/** Names of two systems as rules from one to the other: for a menu, and to be made an edit. */
export interface MappingInfo {
  readonly id: string;
  /** `Hugging Face ↔ GGUF (Llama)`. */
  readonly title: string;
  readonly toRight: readonly RenameRule[];
  readonly toLeft: readonly RenameRule[];
}

/** Known mappings of names between systems. */
export const listMappings = (): readonly MappingInfo[] =>
  MAPPINGS.map(({ id, title, toRight, toLeft }) => ({ id, title, toRight, toLeft }));

/** A mapping or wrapper for people, by its id. */
export function titleOfMapping(id: string): string {
  if (id === PREFIX) return 'a prefix';
  return [...WRAPPERS, ...MAPPINGS, gpt2Conv1d].find((mapping) => mapping.id === id)?.title ?? id;
}
