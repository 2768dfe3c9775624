import type { PathPart } from '../model/keys/key.ts';
import { compareText } from '../model/keys/python-text.ts';
import { oncePerOutline } from './once-per-outline.ts';
import { identifyPath, type OutlineEntry } from './outline.ts';

/** A nested dict as paths tell of it: in the order of its entries, 0 beside "0". */
export interface PathNode {
  readonly parts: readonly PathPart[];
  /** A leaf. An empty dict is neither leaf nor has it children. */
  readonly entry?: OutlineEntry;
  readonly children: ReadonlyMap<PathPart, PathNode>;
}

interface Branch extends PathNode {
  readonly children: Map<PathPart, PathNode>;
}

const NO_CHILDREN: ReadonlyMap<PathPart, PathNode> = new Map();

export function growPaths(entries: readonly OutlineEntry[]): PathNode {
  const root: Branch = { parts: [], children: new Map() };
  const open = (parent: Branch, parts: readonly PathPart[], depth: number): Branch => {
    const part = parts[depth]!;
    const held = parent.children.get(part);
    if (held && !held.entry) return held as Branch;
    // What was a leaf is replaced by the subtree.
    const branch: Branch = { parts: parts.slice(0, depth + 1), children: new Map() };
    parent.children.set(part, branch);
    return branch;
  };
  for (const entry of entries) {
    const { parts } = entry;
    const last = isEmptyDict(entry) ? parts.length : parts.length - 1;
    let branch = root;
    for (let depth = 0; depth < last; depth++) branch = open(branch, parts, depth);
    if (last >= 0 && last < parts.length) branch.children.set(parts[last]!, { parts, entry, children: NO_CHILDREN });
  }
  return root;
}

/** Flattening and unflattening lose these. */
export const isEmptyDict = ({ value }: OutlineEntry): boolean =>
  value.kind === 'object' && value.type === 'dict' && value.json?.kind === 'object' && value.json.members.length === 0;

export const listLeaves = oncePerOutline(({ entries }): readonly OutlineEntry[] =>
  entries.some(isEmptyDict) ? entries.filter((one) => !isEmptyDict(one)) : entries,
);

export function isSamePath(a: readonly PathPart[], b: readonly PathPart[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Leaves of a subtree, in order. */
export function* leavesBelow(node: PathNode): Generator<OutlineEntry> {
  if (node.entry) yield node.entry;
  for (const child of node.children.values()) yield* leavesBelow(child);
}

/** Leaves by `identifyPath`. */
export const indexPaths = oncePerOutline((outline): ReadonlyMap<string, OutlineEntry> => {
  const index = new Map<string, OutlineEntry>();
  for (const entry of listLeaves(outline)) index.set(identifyPath(entry.parts), entry);
  return index;
});

/** Leaves in the order of `sorted(paths)`; the words of the TypeError where an int is beside a text. */
export const sortPaths = oncePerOutline(
  (outline): { readonly sorted: readonly OutlineEntry[] } | { readonly wrong: string } => {
    const entries = listLeaves(outline);
    let isSorted = true;
    for (let i = 1; i < entries.length; i++) {
      const [here, before] = [entries[i]!.parts, entries[i - 1]!.parts];
      const wrong = compareMixed(here, before);
      if (wrong !== undefined) return { wrong };
      isSorted &&= comparePaths(before, here) <= 0;
    }
    return { sorted: isSorted ? entries : [...entries].sort((a, b) => comparePaths(a.parts, b.parts)) };
  },
);

function comparePaths(a: readonly PathPart[], b: readonly PathPart[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a[i]!;
    const right = b[i]!;
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    return compareText(String(left), String(right));
  }
  return a.length - b.length;
}

function compareMixed(a: readonly PathPart[], b: readonly PathPart[]): string | undefined {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const [left, right] = [a[at], b[at]];
  if (left === undefined || right === undefined || typeof left === typeof right) return undefined;
  return `'<' not supported between instances of '${nameOf(left)}' and '${nameOf(right)}'`;
}

const nameOf = (part: PathPart): string => (typeof part === 'number' ? 'int' : 'str');
