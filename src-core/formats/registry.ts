import { flax } from './flax/index.ts';
import type { Format } from './format.ts';
import { gguf } from './gguf/index.ts';
import { npy, npz } from './numpy/index.ts';
import { onnx } from './onnx/index.ts';
import { orbax } from './orbax/index.ts';
import { pytorch } from './pytorch/index.ts';
import { safetensors } from './safetensors/index.ts';
import { json, plainText, toml, yaml } from './text/index.ts';

/** In probing order: exact magic first, guesses last. A written list, so that the order can be read and Node can too. */
export const FORMATS: readonly Format[] = [
  safetensors,
  gguf,
  pytorch,
  npz,
  npy,
  onnx,
  flax,
  orbax,
  json,
  toml,
  yaml,
  plainText,
];
