import { plainNode } from '../../bytes/pickle/idioms.ts';
import { type PickleNode, textOf } from '../../bytes/pickle/nodes.ts';
import { showNode } from '../../bytes/pickle/show.ts';
import type { PathPart } from '../../model/keys/key.ts';
import { isTensorNode } from './tensors.ts';

/** Text keys name tensors, perhaps with a module's extra state or a few plain values between them. */
export function looksLikeStateDict(keys: readonly PickleNode[], values: readonly PickleNode[]): boolean {
  let tensors = 0;
  let others = 0;
  let isDotted = false;
  for (let i = 0; i < keys.length; i++) {
    const key = textOf(keys[i]);
    if (key === undefined) return false;
    isDotted ||= key.includes('.');
    const value = values[i]!;
    if (isTensorNode(value)) tensors++;
    else if (!key.endsWith('_extra_state')) {
      if (isContainer(value)) return false;
      others++;
    }
  }
  return tensors > 0 && (others === 0 || (isDotted && others < tensors));
}

const isContainer = (node: PickleNode): boolean =>
  node.kind === 'dict' ||
  node.kind === 'list' ||
  node.kind === 'tuple' ||
  node.kind === 'reduce' ||
  node.kind === 'newobj';

/** A dict set twice at a key has the last value, at the first place. */
export function lastOfEach(
  keys: readonly PickleNode[],
  values: readonly PickleNode[],
): Iterable<[PickleNode, PickleNode]> {
  const texts = new Set<string>();
  for (const key of keys) if (key.kind === 'str') texts.add(key.value);
  if (texts.size === keys.length) return keys.map((key, i) => [key, values[i]!]);
  const found = new Map<string, [PickleNode, PickleNode]>();
  keys.forEach((key, i) => {
    const id = key.kind === 'str' ? `s${key.value}` : identity(key, i);
    const before = found.get(id);
    if (before) before[1] = values[i]!;
    else found.set(id, [key, values[i]!]);
  });
  return found.values();
}

/** Keys are the same when they are written the same; one too long to be written whole is taken for itself. */
function identity(key: PickleNode, position: number): string {
  const text = showNode(key, 1000);
  return text.endsWith('…') ? `#${position}` : `${key.kind} ${text}`;
}

/** Keys and values of a dict, or of an object that is one. */
export function dictItems(node: PickleNode | undefined): Iterable<[PickleNode, PickleNode]> {
  if (!node) return [];
  if (node.kind === 'dict') return lastOfEach(node.keys, node.values);
  if (node.kind === 'reduce' || node.kind === 'newobj') return lastOfEach(node.dictKeys ?? [], node.dictValues ?? []);
  return [];
}

/** A key as a part of a path: text and integers as they are, anything else as it is written. */
export function keyPart(key: PickleNode): PathPart {
  if (key.kind === 'str' || key.kind === 'int') return key.value;
  return showNode(plainNode(key));
}
