import { csv } from './csv/index.ts';
import { flax } from './flax/index.ts';
import type { Writer } from './format.ts';
import { gguf } from './gguf/index.ts';
import { npy, npz } from './numpy/index.ts';
import { pytorch } from './pytorch/index.ts';
import { safetensors } from './safetensors/index.ts';

/** What can be written, in the order it is offered. A written list, like the registry of what can be read. */
export const WRITERS: readonly Writer[] = [safetensors, pytorch, gguf, npz, npy, flax, csv];
