/** `_METADATA`: the tree of keys, and what stands at each (`orbax/checkpoint/_src/metadata/tree.py`). */
import { malformed } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { readJsonText } from '../../model/json-text.ts';
import type { PartKind, PathPart } from '../../model/keys/key.ts';
import type { JsonNode } from '../../model/state-dict.ts';

export interface TreeLeaf {
  readonly parts: readonly PathPart[];
  readonly kinds: readonly PartKind[];
  /** Of its array: the parts as text, joined by dots. */
  readonly name: string;
  /** `jax.Array`, `np.ndarray`, `scalar`, `string`, `None`, `Dict`, `List`… */
  readonly valueType: string;
}

export interface TreeMetadata {
  readonly leaves: readonly TreeLeaf[];
  /** What a person put beside the tree. */
  readonly custom: JsonNode | undefined;
}

/** A position in a list or tuple; every other key is of a dict. */
const SEQUENCE = '1';

/** @throws `malformed` for what is no such tree. */
export function parseTreeMetadata(text: string, file: string): TreeMetadata {
  const root = readJsonText(text, file);
  const tree = memberOf(root, 'tree_metadata');
  if (tree?.kind !== 'object') throw malformed(file, 'Orbax', 'it has no tree_metadata');
  const leaves = tree.members.map(([key, node]) => parseLeaf(key, node, file));
  const custom = memberOf(root, 'custom_metadata');
  return { leaves, custom: custom?.kind === 'null' ? undefined : custom };
}

function parseLeaf(key: string, node: JsonNode, file: string): TreeLeaf {
  const keys = memberOf(node, 'key_metadata');
  if (keys?.kind !== 'array') throw malformed(file, 'Orbax', `${key} has no key_metadata`);
  if (keys.items.length > LIMITS.keyParts) throw malformed(file, 'Orbax', `${key.slice(0, 80)} has too many parts`);
  const parts: PathPart[] = [];
  const kinds: PartKind[] = [];
  for (const item of keys.items) {
    const part = textOf(memberOf(item, 'key'));
    const type = memberOf(item, 'key_type');
    if (part === undefined) throw malformed(file, 'Orbax', `a part of ${key} is no text`);
    const isPosition = type?.kind === 'number' && type.lexeme === SEQUENCE && /^(?:0|[1-9]\d{0,14})$/.test(part);
    parts.push(isPosition ? Number(part) : part);
    kinds.push(isPosition ? 'index' : 'key');
  }
  const valueType = textOf(memberOf(memberOf(node, 'value_metadata'), 'value_type')) ?? 'jax.Array';
  return { parts, kinds, name: parts.join('.'), valueType };
}

export function memberOf(node: JsonNode | undefined, name: string): JsonNode | undefined {
  return node?.kind === 'object' ? node.members.findLast(([key]) => key === name)?.[1] : undefined;
}

export function textOf(node: JsonNode | undefined): string | undefined {
  if (node?.kind === 'string') return node.value;
  return node?.kind === 'number' ? node.lexeme : undefined;
}
