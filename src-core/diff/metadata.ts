import type { JsonNode, MetaItem } from '../model/state-dict.ts';
import { canonical } from './json.ts';

/** An item beside the entries that differs; of what only one side has, the other is absent. */
export interface MetadataDifference {
  readonly section: string;
  readonly key: string;
  readonly a?: JsonNode;
  readonly b?: JsonNode;
}

/** What differs in metadata, by section and key; of repeated ones the last counts, as readers take it. */
export function diffMetadata(a: readonly MetaItem[], b: readonly MetaItem[]): MetadataDifference[] {
  const [itemsA, itemsB] = [indexItems(a), indexItems(b)];
  const names = new Set([...itemsA.keys(), ...itemsB.keys()]);
  return [...names].flatMap((name) => {
    const [inA, inB] = [itemsA.get(name), itemsB.get(name)];
    if (inA && inB && canonical(inA.value) === canonical(inB.value)) return [];
    const { section, key } = (inA ?? inB) as MetaItem;
    return [{ section, key, ...(inA && { a: inA.value }), ...(inB && { b: inB.value }) }];
  });
}

const indexItems = (items: readonly MetaItem[]): Map<string, MetaItem> =>
  new Map(items.map((item) => [JSON.stringify([item.section, item.key]), item]));
