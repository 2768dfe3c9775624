import { shardNaming } from '../../model/shards/shard-names.ts';
import type { Format, Likelihood, Writer } from '../format.ts';

const SHARDS = shardNaming('msgpack');

/**
 * What `flax.serialization` writes: one MessagePack value, nearly always nested maps, with arrays as extension types 1 to 3, and
 * shards with an index (`*.msgpack.index.json`). Reads keys, types, shapes and places; reads no array.
 * Specified in https://github.com/google/flax (`flax/serialization.py`) and https://github.com/msgpack/msgpack (`spec.md`).
 */
export const flax: Format & Writer = {
  id: 'flax',
  label: 'Flax',
  extensions: ['.msgpack', '.flax', '.msgpack.index.json'],
  probe,
  gather: SHARDS.gather,
  holds: 'tensors',
  load: async () => {
    const [{ read }, { write }, { save }] = await Promise.all([
      import('./read.ts'),
      import('./write.ts'),
      import('./save.ts'),
    ]);
    return { read, write, save };
  },
};

function probe(head: Uint8Array, name: string): Likelihood {
  if (SHARDS.looksLikeIndex(head, name)) return 'yes';
  const named = /\.(?:msgpack|flax)$/i.test(name);
  if (holdsMap(head) || holdsArray(head)) return 'yes';
  // A single value has nothing to be known by but its name.
  return named ? 'maybe' : 'no';
}

/** A map whose first key is a text or an integer, followed by what can be in a state dict. No text and no pickle begins so. */
function holdsMap(head: Uint8Array): boolean {
  const [first = 0] = head;
  const start = first > 0x80 && first < 0x90 ? 1 : first === 0xde ? 3 : first === 0xdf ? 5 : 0;
  const key = head[start];
  if (start === 0 || key === undefined) return false;
  if (key < 0x80) return isValueStart(head[start + 1]);
  const length = key >= 0xa0 && key < 0xc0 ? key - 0xa0 : key === 0xd9 ? head[start + 1] : undefined;
  if (length === undefined) return false;
  const from = start + (key === 0xd9 ? 2 : 1);
  const isText = head.subarray(from, from + length).every((byte) => byte >= 0x20);
  return isText && from + length < head.length && isValueStart(head[from + length]);
}

/** An extension of flax, and in it an array of three: shape, type, elements. */
function holdsArray(head: Uint8Array): boolean {
  const [first = 0] = head;
  const code = first === 0xc7 ? 2 : first === 0xc8 ? 3 : first === 0xc9 ? 5 : 0;
  return (
    code > 0 && (head[code] === 1 || head[code] === 3) && head[code + 1] === 0x93 && (head[code + 2]! & 0xf0) === 0x90
  );
}

/** 0xc1 is never used. A map, array or extension behind the first key, or a plain value. */
const isValueStart = (byte: number | undefined): boolean => byte !== undefined && byte !== 0xc1;
