import type { ByteSource, FileId } from '../../bytes/source.ts';
import { refuseEntry } from '../../model/homes.ts';
import type { MetaItem, StateDict } from '../../model/state-dict.ts';
import { bytesPart, type ItemPart, type WrittenItems } from './arrange.ts';
import { encodeItem } from './encode.ts';
import { ALIGNMENT, alignmentOf, type Header } from './read-header.ts';
import { turnList } from './turn-list.ts';
import { METADATA } from './value-types.ts';

interface ItemsToSave {
  readonly before: StateDict;
  readonly after: StateDict;
  readonly id: FileId;
  readonly source: ByteSource;
  readonly header: Header;
  readonly signal: AbortSignal | undefined;
}

export interface PlannedItems extends WrittenItems {
  /** None is another than it was. */
  readonly isSame: boolean;
  readonly alignment: number;
}

/**
 * The items of one file as they shall be, in their order: what was not touched is copied from where it is.
 *
 * @throws `unsupported` for a value that GGUF has no type for.
 */
export async function planItems(save: ItemsToSave): Promise<PlannedItems> {
  const { id, header } = save;
  const wanted = listItems(save).map((item) => countTensors(item, save));
  const isSame = wanted.length === header.items.length && wanted.every((item, i) => isAlike(item, header.items[i]));
  const isPlain = header.encoding.version > 1 && header.encoding.endian === 'little';
  const places = new Map(header.items.map((item, i) => [wordOf(item), header.places[i]!]));
  const parts: ItemPart[] = [];
  for (const item of wanted) {
    const place = isPlain ? places.get(wordOf(item)) : undefined;
    if (place) parts.push({ kind: 'copy', file: id, offset: place.start, length: place.end - place.start });
    else parts.push(bytesPart(await encode(item, save)));
  }
  return { isSame, count: wanted.length, parts, alignment: alignmentOf(wanted) ?? ALIGNMENT };
}

/** The first file has the items of the section; others keep what they repeat of them, and have a section for what they say otherwise. */
function listItems({ before, after, id, source, header }: ItemsToSave): readonly MetaItem[] {
  const isFirst = before.files.find(({ part }) => part === 'model')?.id === id;
  const section = isFirst ? METADATA : `${METADATA} of ${source.name}`;
  const [was, is] = [before, after].map(({ metadata }) => metadata.filter((item) => item.section === section));
  if (isFirst) return is!;
  const own = new Set(was!.map(({ key }) => key));
  const inHeader = new Set(header.items.map(({ key }) => key));
  return [
    ...header.items.flatMap((item) => (own.has(item.key) ? is!.filter(({ key }) => key === item.key) : [item])),
    ...is!.filter(({ key }) => !own.has(key) || !inHeader.has(key)),
  ];
}

/** Each file of a split model says how many tensors all of them hold. */
function countTensors(item: MetaItem, { before, after, header }: ItemsToSave): MetaItem {
  const more = after.entries.length - before.entries.length;
  const { value } = item;
  const isKept = header.items.some((one) => isAlike(one, item));
  if (item.key !== 'split.tensors.count' || more === 0 || value.kind !== 'number' || !isKept) return item;
  return { ...item, value: { kind: 'number', lexeme: String(Number(value.lexeme) + more) } };
}

async function encode(item: MetaItem, { source, signal }: ItemsToSave): Promise<Uint8Array<ArrayBuffer>> {
  const list = item.list && { count: item.list.count, bytes: await turnList(item.list, source, signal) };
  const encoded = encodeItem(item, list);
  if (typeof encoded === 'string') throw refuseEntry(item, 'GGUF', encoded);
  return encoded;
}

const wordOf = ({ key, type, value }: MetaItem): string => JSON.stringify([key, type, value]);
const isAlike = (a: MetaItem, b: MetaItem | undefined): boolean => b !== undefined && wordOf(a) === wordOf(b);
