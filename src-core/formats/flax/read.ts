import { malformed } from '../../base/errors.ts';
import { isIndexText } from '../../model/shards/weight-map.ts';
import type { Read } from '../format.ts';
import { readIndexed, readNumbered, SHARDS } from './read-shards.ts';
import { FORMAT, scanFile } from './scan.ts';
import { addFile, emptyListing, makeState } from './state.ts';

const START_BYTES = 4096;

/** Reads one file, or the shards of an index or of a set: what stands between the arrays, some kilobytes at a time. */
export const read: Read = async (context) => {
  const { id, source, signal } = context;
  const start = await source.read(0, Math.min(START_BYTES, source.size), signal);
  if (isIndexText(start)) return readIndexed(context, start);
  if (context.set.length > 1 || SHARDS.parse(id)) return readNumbered(context);
  const scanned = await scanFile(source, signal);
  const { kind } = scanned.root;
  const isTree = kind === 'map' || kind === 'array' || kind === 'tensor';
  // Any byte is some MessagePack number: a file that goes on behind it is another format's.
  if (!isTree && scanned.trailing > 0) return { decline: `it begins with a MessagePack ${kind}, not with a map` };
  if (scanned.broken && scanned.root.start === scanned.root.end) throw malformed(source.name, FORMAT, 'it is empty', 0);
  const listing = emptyListing();
  addFile(scanned, id, listing);
  const state = makeState(listing, [{ id, name: source.name, size: source.size, part: 'model' }]);
  return { state, used: [id] };
};
