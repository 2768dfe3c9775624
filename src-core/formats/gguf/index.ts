import { shardNaming } from '../../model/shards/shard-names.ts';
import type { Format, Likelihood } from '../format.ts';

/**
 * GGUF of llama.cpp, versions 1 to 3 of both byte orders, single and split (`-00001-of-00003.gguf`): typed metadata, names, shapes,
 * types and places of tensors. Long lists of metadata (vocabularies) stay in the file; reads no tensor data.
 * Specified in https://github.com/ggml-org/ggml (`docs/gguf.md`, `src/gguf.cpp`).
 */
export const gguf: Format = {
  id: 'gguf',
  label: 'GGUF',
  extensions: ['.gguf'],
  probe,
  gather: shardNaming('gguf').gather,
  load: async () => {
    const { read } = await import('./read.ts');
    return { read };
  },
};

const MAGIC = [0x47, 0x47, 0x55, 0x46];

function probe(head: Uint8Array): Likelihood {
  return MAGIC.every((byte, i) => head[i] === byte) ? 'yes' : 'no';
}
