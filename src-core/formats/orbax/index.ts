import { latin1 } from '../../bytes/latin1.ts';
import type { Format, Likelihood } from '../format.ts';
import { gather } from './gather.ts';

/**
 * A folder that Orbax wrote: a tree of zarr arrays (v2 or v3, in shards or not), each in a folder of its own or all in an OCDBT database,
 * with `_METADATA` that names its keys; or a folder of zarr arrays alone. Reads metadata and the keys of the database; reads no chunk.
 * Specified in https://github.com/google/orbax, https://github.com/google/tensorstore (`kvstore/ocdbt/index.rst`) and
 * https://zarr-specs.readthedocs.io.
 */
export const orbax: Format = {
  id: 'orbax',
  label: 'Orbax and zarr',
  extensions: [],
  probe,
  gather,
  load: async () => ({ read: (await import('./read.ts')).read }),
};

/** The first file of a set: `_METADATA`, the manifest of a database, or what zarr says of an array or a group. */
function probe(head: Uint8Array, name: string): Likelihood {
  const [a, b, c, d] = head;
  if (a === 0x0c && b === 0xdb && c === 0x3a && d === 0x2a) return 'yes';
  if (head[0] !== 0x7b) return 'no';
  const text = latin1(head);
  if (/^\{\s*"tree_metadata"\s*:/.test(text)) return 'yes';
  if (/"zarr_format"\s*:\s*[23]\b/.test(text)) return 'yes';
  return /^(?:_METADATA|\.zarray|\.zgroup|zarr\.json)$/.test(name) ? 'maybe' : 'no';
}
