import { canonical } from '../diff/json.ts';
import { diffMetadata } from '../diff/metadata.ts';
import type { Edit } from '../model/edit.ts';
import { writeJson } from '../model/json-write.ts';
import type { JsonNode } from '../model/state-dict.ts';
import type { Document } from './document.ts';
import { listMetadataPlaces } from './formats.ts';
import type { MergeSides } from './merge-lines.ts';

/** Items that a save of A holds, and B keeps alike. Without a base those that differ are in conflict. */
export function mergeMetadata(
  { base, a, b }: MergeSides,
  choice?: 'a' | 'b' | 'base',
): { readonly edits: readonly Edit[]; readonly conflicts: readonly string[] } {
  const edits: Edit[] = [];
  const conflicts: string[] = [];
  if (a.state.format !== b.state.format) return { edits, conflicts };
  const was = base?.state.format === a.state.format ? itemsOf(base) : undefined;
  for (const { section, key, a: inA, b: inB } of diffSavedMetadata(a, b)) {
    const inBase = was?.get(JSON.stringify([section, key]));
    const isOwn = was && isSame(inBase, inB);
    const isTheirs = was && isSame(inBase, inA);
    const side = isOwn ? 'a' : isTheirs ? 'b' : choice;
    if (side === undefined) conflicts.push(key);
    else if (side !== 'a') edits.push(setMetadata(section, key, side === 'b' ? inB : inBase));
  }
  return { edits, conflicts };
}

/** What differs of metadata that a save of A holds. */
export function diffSavedMetadata(a: Document, b: Document): ReturnType<typeof diffMetadata> {
  const places = new Set(listMetadataPlaces(a.state).map(({ section }) => section));
  return diffMetadata(a.state.metadata, b.state.metadata).filter(({ section }) => places.has(section));
}

/** Sets an item, or takes it out. */
export function setMetadata(section: string, key: string, node: JsonNode | undefined): Edit {
  const value = node && (node.kind === 'string' ? { text: node.value } : { json: writeJson(node) });
  return { op: 'set-metadata', args: { section, key, ...value } };
}

const itemsOf = ({ state }: Document): ReadonlyMap<string, JsonNode> =>
  new Map(state.metadata.map(({ section, key, value }) => [JSON.stringify([section, key]), value]));

const isSame = (a: JsonNode | undefined, b: JsonNode | undefined): boolean =>
  a === undefined || b === undefined ? a === b : canonical(a) === canonical(b);
