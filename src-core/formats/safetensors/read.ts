import { isIndexText } from '../../model/shards/weight-map.ts';
import type { Read } from '../format.ts';
import { Assembly } from './assembly.ts';
import { LENGTH_BYTES, readHeader, readStart } from './read-header.ts';
import { readIndexed, readNumbered, SHARDS } from './read-shards.ts';

/** Reads one file, or the shards of an index or of a set: one read of 1 MiB for each file, and a second for a longer header. */
export const read: Read = async (context) => {
  const { id, source, signal } = context;
  const start = await readStart(source, signal);
  if (isIndex(start)) return readIndexed(context, start);
  if (context.set.length > 1 || SHARDS.parse(id)) return readNumbered(context, start);
  const header = await readHeader(source, start, signal);
  const size = Math.max(start.length, header.dataStart);
  context.onProgress?.(size, size);
  const assembly = new Assembly();
  assembly.addFile(id, source.name, source.size, header, signal);
  assembly.checkKeys();
  return assembly.finish(undefined, { file: id, offset: LENGTH_BYTES, length: header.json.length });
};

/** An index is text. Every header length within the cap has zeros in its upper bytes, which no text has. */
function isIndex(start: Uint8Array): boolean {
  if (start.subarray(0, LENGTH_BYTES).includes(0)) return false;
  return isIndexText(start);
}
