import { shardNaming } from '../../model/shards/shard-names.ts';
import type { StateDict } from '../../model/state-dict.ts';
import type { Format, Likelihood, MetadataPlace, Writer } from '../format.ts';
import { METADATA, VALUE_TYPES } from './value-types.ts';

/**
 * GGUF of llama.cpp, versions 1 to 3 of both byte orders, single and split (`-00001-of-00003.gguf`): typed metadata, names, shapes,
 * types and places of tensors. Long lists of metadata (vocabularies) stay in the file; reads no tensor data.
 * Specified in https://github.com/ggml-org/ggml (`docs/gguf.md`, `src/gguf.cpp`).
 */
export const gguf: Format & Writer = {
  id: 'gguf',
  label: 'GGUF',
  extensions: ['.gguf'],
  probe,
  gather: shardNaming('gguf').gather,
  holds: 'tensors',
  metadataPlaces: listPlaces,
  load: async () => {
    const [{ read }, { write }, { save }] = await Promise.all([
      import('./read.ts'),
      import('./write.ts'),
      import('./save.ts'),
    ]);
    return { read, write, save };
  },
};

const MAGIC = [0x47, 0x47, 0x55, 0x46];

function probe(head: Uint8Array): Likelihood {
  return MAGIC.every((byte, i) => head[i] === byte) ? 'yes' : 'no';
}

/** What the first file says, and what others of a split model say otherwise. */
function listPlaces({ metadata }: StateDict): readonly MetadataPlace[] {
  const sections = new Set([METADATA, ...metadata.map(({ section }) => section)]);
  return [...sections]
    .filter((section) => section === METADATA || section.startsWith(`${METADATA} of `))
    .map((section) => ({ section, holds: 'typed', types: VALUE_TYPES.filter((type) => type !== 'arr') }));
}
