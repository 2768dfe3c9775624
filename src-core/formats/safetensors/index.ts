import type { Format, Likelihood } from '../format.ts';
import { gatherShards, isIndexName } from './shard-names.ts';

const latin1 = new TextDecoder('latin1');

/**
 * safetensors, single and sharded (`*.safetensors.index.json`): a length, a JSON header, the data. Reads names, dtypes, shapes,
 * places and metadata; reads no tensor data.
 * Specified in https://github.com/huggingface/safetensors (`README.md`, `safetensors/src/tensor.rs`).
 */
export const safetensors: Format = {
  id: 'safetensors',
  label: 'safetensors',
  extensions: ['.safetensors', '.safetensors.index.json'],
  probe,
  gather: gatherShards,
  load: async () => ({ read: (await import('./read.ts')).read }),
};

function probe(head: Uint8Array, name: string): Likelihood {
  if (looksLikeIndex(head, name)) return 'yes';
  const named = name.toLowerCase().endsWith('.safetensors');
  if (head.length < 9) return named ? 'maybe' : 'no';
  if (head[8] !== 0x7b) return named ? 'maybe' : 'no';
  if (named) return 'yes';
  // Without the name the length has to make sense too. Its upper four bytes are zero in every header below 4 GiB.
  const isLength = head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0;
  return isLength && /^\s*["}]/.test(latin1.decode(head.subarray(9, 64))) ? 'yes' : 'no';
}

/** `weight_map` is what makes an index; the same file exists for `.bin` shards. */
function looksLikeIndex(head: Uint8Array, name: string): boolean {
  const text = latin1.decode(head);
  if (!/^(\xef\xbb\xbf)?\s*\{/.test(text)) return false;
  if (isIndexName(name)) return true;
  const map = /"weight_map"\s*:\s*\{/.exec(text);
  return map !== null && /\.safetensors"/.test(text.slice(map.index)) && !/\.bin"/.test(text.slice(map.index));
}
