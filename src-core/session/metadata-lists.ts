import { StateglassError } from '../base/errors.ts';
import { readMetaList } from '../model/meta-list.ts';
import type { JsonNode, MetaItem } from '../model/state-dict.ts';
import type { Document } from './document.ts';

/** An item of metadata, by where it stands. */
export interface MetadataPath {
  readonly section: string;
  readonly key: string;
}

/**
 * Items [from, from + count) of a list of metadata, fewer at its end. Of a long one that stays in the file only their bytes are read.
 *
 * @throws `not-found` when there is no such item, `bad-input` when it is no list or more than 10,000 are asked for.
 */
export async function readMetadataItems(
  document: Document,
  path: MetadataPath,
  from: number,
  count: number,
): Promise<readonly JsonNode[]> {
  const item = findItem(document, path);
  if (item.list) return readFrom(document, item, from, count);
  if (item.value.kind === 'array') return item.value.items.slice(from, from + count);
  throw new StateglassError({ kind: 'bad-input', detail: `${path.key} is no list` });
}

/** Items of a list; 0 for what is none. */
export const countItems = ({ list, value }: MetaItem): number =>
  list?.count ?? (value.kind === 'array' ? value.items.length : 0);

function findItem({ state }: Document, { section, key }: MetadataPath): MetaItem {
  const item = state.metadata.find((one) => one.section === section && one.key === key);
  if (item) return item;
  throw new StateglassError({ kind: 'not-found', what: key, detail: 'there is no such metadata' });
}

function readFrom({ files }: Document, { key, list }: MetaItem, from: number, count: number) {
  const source = list && files.get(list.bytes.file);
  if (!list || !source) throw new StateglassError({ kind: 'not-found', what: key, detail: 'its file is not open' });
  return readMetaList(list, (start, end) => source.read(start, end), from, count);
}
