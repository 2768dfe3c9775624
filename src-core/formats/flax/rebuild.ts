/** A file's value put together again from what was kept of it and what is new. */
import type { FileId } from '../../bytes/source.ts';
import type { PathPart } from '../../model/keys/key.ts';
import type { Entry, StateDict } from '../../model/state-dict.ts';
import type { Part } from '../format.ts';
import { encodeArrayHeader, encodeMapHeader } from './encode.ts';
import { encodeValue, refuse } from './encode-value.ts';
import { partOf } from './flatten.ts';
import { type Branch, Tree } from './nest.ts';
import type { PackedNode } from './nodes.ts';
import { encodeKey } from './write.ts';

export interface KeptEntry {
  readonly entry: Entry;
  /** Where its value stands in the file; none for what was added. */
  readonly leaf?: PackedNode;
  /** Whether the value is what stands there. */
  readonly isSame?: boolean;
}

/** @throws `unsupported` for a value that cannot be written and for a list with a gap, `bad-input` for keys in each other's way. */
export function* rebuild(
  root: PackedNode,
  kept: readonly KeptEntry[],
  file: FileId,
  state: StateDict,
): Generator<Part> {
  const [only, more] = kept;
  if (only && !more && only.entry.path.parts.length === 0) {
    yield* leafParts(only);
    return;
  }
  const tree = new Tree<KeptEntry>();
  for (const one of kept) {
    const { key, path } = one.entry;
    if (path.parts.length === 0) throw refuse(key, 'beside the value of the whole file there can be no other');
    tree.add({ key, parts: path.parts, leaf: one });
  }
  const containers = findContainers(root);
  const same = new WeakSet<object>();
  judge(tree.root);
  yield* branchParts(tree.root);

  /** Whether a branch is what it was, and so is everything in it. */
  function judge(branch: Branch<KeptEntry>): boolean {
    const node = containers.get(nameOf(branch.parts));
    const items = itemsOf(node);
    const children = [...branch.children];
    let isSame = children.length === items.length;
    for (const [i, [part, child]] of children.entries()) {
      const item = items[i];
      const isHere = item !== undefined && item.part === part;
      const isKept = tree.isBranch(child) ? judge(child) : child.isSame === true && child.leaf === item?.value;
      isSame &&= isHere && isKept;
    }
    if (isSame) same.add(branch);
    return isSame;
  }

  function* branchParts(branch: Branch<KeptEntry>): Generator<Part> {
    const node = containers.get(nameOf(branch.parts));
    if (node && same.has(branch)) {
      yield copy(node);
      return;
    }
    const { size } = branch.children;
    if (node?.kind === 'array') requirePositions(branch);
    yield { kind: 'bytes', bytes: node?.kind === 'array' ? encodeArrayHeader(size) : encodeMapHeader(size) };
    const keys = new Map(node?.kind === 'map' ? node.items.map(({ key }) => [partOf(key), key]) : []);
    for (const [part, child] of branch.children) {
      const key = keys.get(part);
      if (node?.kind !== 'array') yield key ? copy(key) : { kind: 'bytes', bytes: encodeKey(part) };
      if (tree.isBranch(child)) yield* branchParts(child);
      else yield* leafParts(child);
    }
  }

  function* leafParts({ entry, leaf, isSame }: KeptEntry): Generator<Part> {
    if (entry.value.type === 'json')
      throw refuse(
        entry.key,
        'the file would nest it, and each of its items is an entry of its own: add them one by one',
      );
    if (leaf && isSame) yield copy(leaf);
    else yield* encodeValue(entry.key, entry.value, state, leaf?.kind === 'tensor' ? leaf : undefined);
  }

  function copy({ start, end }: PackedNode): Part {
    return { kind: 'copy', file, offset: start, length: end - start };
  }
}

const nameOf = (parts: readonly PathPart[]): string => JSON.stringify(parts);

/** Maps and arrays of the file by their paths. */
function findContainers(root: PackedNode): ReadonlyMap<string, PackedNode> {
  const found = new Map<string, PackedNode>();
  const visit = (node: PackedNode, parts: readonly PathPart[]): void => {
    if (node.kind !== 'map' && node.kind !== 'array') return;
    found.set(nameOf(parts), node);
    for (const { part, value } of itemsOf(node)) visit(value, [...parts, part]);
  };
  visit(root, []);
  return found;
}

function itemsOf(node: PackedNode | undefined): readonly { readonly part: PathPart; readonly value: PackedNode }[] {
  if (node?.kind === 'map') return node.items.map(({ key, value }) => ({ part: partOf(key), value }));
  return node?.kind === 'array' ? node.items.map((value, part) => ({ part, value })) : [];
}

function requirePositions({ parts, children }: Branch<KeptEntry>): void {
  let next = 0;
  for (const part of children.keys()) {
    if (part !== next++)
      throw refuse(parts.join('.'), 'it is a list: items can be taken from its end and put there, and nowhere else');
  }
}
