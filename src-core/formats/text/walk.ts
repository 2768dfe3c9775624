import { LIMITS } from '../../base/limits.ts';
import type { KeyPath, PartKind, PathPart } from '../../model/keys/key.ts';
import type { NodeInfo, Role, RoleSource, Value } from '../../model/state-dict.ts';
import type { TextNode } from './tree.ts';
import { toValue } from './values.ts';

/** An entry to be, with its place in the text. */
export interface Draft {
  readonly path: KeyPath;
  /** Where it is not the raw text or the parts joined by dots. */
  readonly key?: string;
  readonly value: Value;
  readonly node: TextNode;
  /** Where its key begins; the value's start for items of a list. */
  readonly start: number;
  readonly role: Role;
  readonly roleSource: RoleSource;
  /** The key, itself or one above, that stands a second time in its object; only at the first entry below that one. */
  readonly duplicate?: { readonly key: string; readonly start: number };
}

/** What stands at a path while walking. */
export interface Place {
  readonly parts: readonly PathPart[];
  readonly kinds: readonly PartKind[];
  readonly node: TextNode;
  readonly start: number;
  readonly duplicate: boolean;
}

/** How a dialect reads a place: as one leaf of a kind, or undefined to go on by the general rule. */
export type ReadLeaf = (place: Place) => Pick<Draft, 'value' | 'role' | 'roleSource'> | undefined;

export const UNKNOWN_ROLE: Pick<Draft, 'role' | 'roleSource'> = { role: { role: 'unknown' }, roleSource: 'heuristic' };

/**
 * Nested values as entries: objects nest, lists of scalars are one leaf, other lists nest by position, what is empty is a
 * leaf of its own. A path that would have too many parts ends in a leaf that keeps the rest whole.
 */
export function walkTree(
  place: Place,
  drafts: Draft[],
  nodes: Map<string, NodeInfo>,
  readLeaf: ReadLeaf = () => undefined,
): void {
  const { node, parts, kinds } = place;
  const before = drafts.length;
  const leaf = readLeaf(place) ?? (isLeaf(place) ? { value: toValue(node), ...UNKNOWN_ROLE } : undefined);
  if (leaf) {
    drafts.push({ path: { parts, kinds, raw: null }, node, start: place.start, ...leaf });
  } else {
    // That an object is one goes without saying, and there may be a million.
    if (parts.length > 0 && 'container' in node && node.container !== 'object')
      nodes.set(parts.join('.'), { container: node.container });
    for (const child of childrenOf(place)) walkTree(child, drafts, nodes, readLeaf);
  }
  const first = drafts[before];
  if (place.duplicate && first && first.duplicate === undefined)
    drafts[before] = { ...first, duplicate: { key: parts.join('.'), start: place.start } };
}

function childrenOf(place: Place): Place[] {
  const { node, parts, kinds } = place;
  if (node.kind === 'object') return node.members.map((member) => stepInto(place, member));
  if (node.kind !== 'array') return [];
  return node.items.map((item, i) => ({
    parts: [...parts, i],
    kinds: [...kinds, 'index'],
    node: item,
    start: item.start,
    duplicate: false,
  }));
}

/** The place of a member, one part below. */
export function stepInto(
  place: Place,
  member: { key: string; keyStart: number; value: TextNode; duplicate: boolean },
): Place {
  return {
    parts: [...place.parts, member.key],
    kinds: [...place.kinds, 'key'],
    node: member.value,
    start: member.keyStart,
    duplicate: member.duplicate,
  };
}

function isLeaf({ node, parts }: Place): boolean {
  if (parts.length >= LIMITS.keyParts - 1) return true;
  if (node.kind === 'array') return node.items.every((item) => item.kind !== 'array' && item.kind !== 'object');
  return node.kind !== 'object' || node.members.length === 0;
}
