import { latin1 } from '../../bytes/latin1.ts';
import { shardNaming } from '../../model/shards/shard-names.ts';
import type { StateDict } from '../../model/state-dict.ts';
import type { Format, Likelihood, MetadataPlace, Writer } from '../format.ts';

const SHARDS = shardNaming('safetensors');

/**
 * safetensors, single and sharded (`*.safetensors.index.json`): a length, a JSON header, the data. Reads names, dtypes, shapes,
 * places and metadata; reads no tensor data.
 * Specified in https://github.com/huggingface/safetensors (`README.md`, `safetensors/src/tensor.rs`).
 */
export const safetensors: Format & Writer = {
  id: 'safetensors',
  label: 'safetensors',
  extensions: ['.safetensors', '.safetensors.index.json'],
  probe,
  gather: SHARDS.gather,
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

const METADATA = '__metadata__';

/** What all shards say, and what one of them says otherwise. */
function listPlaces({ metadata }: StateDict): readonly MetadataPlace[] {
  const sections = new Set([METADATA, ...metadata.map(({ section }) => section)]);
  return [...sections]
    .filter((section) => section === METADATA || section.startsWith(`${METADATA} of `))
    .map((section) => ({ section, holds: 'texts' }));
}

function probe(head: Uint8Array, name: string): Likelihood {
  if (SHARDS.looksLikeIndex(head, name)) return 'yes';
  const named = name.toLowerCase().endsWith('.safetensors');
  if (head.length < 9) return named ? 'maybe' : 'no';
  if (head[8] !== 0x7b) return named ? 'maybe' : 'no';
  if (named) return 'yes';
  // Without the name the length has to make sense too. Its upper four bytes are zero in every header below 4 GiB.
  const isLength = head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0;
  return isLength && /^\s*["}]/.test(latin1(head.subarray(9, 64))) ? 'yes' : 'no';
}
