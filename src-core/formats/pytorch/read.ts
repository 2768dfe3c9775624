import { isIndexText } from '../../model/shards/weight-map.ts';
import type { Read } from '../format.ts';
import { HEAD_BYTES, readFile } from './read-file.ts';
import { readIndexed, readNumbered, SHARDS } from './read-shards.ts';
import { fileToStateDict } from './state-dict.ts';

/** Reads a PyTorch file of any age torch itself still reads, or the shards of one model. Runs nothing in them. */
export const read: Read = async (context) => {
  const { source, signal } = context;
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size), signal);
  if (isIndexText(head)) return readIndexed(context, head);
  if (context.set.length > 1 || SHARDS.parse(context.id)) return readNumbered(context);
  const part = await readFile(context, head);
  return 'decline' in part ? part : { state: fileToStateDict(part), used: [context.id] };
};
