import { type DType, NO_SHAPE, VALUE_ORDER } from '../../src-core/index.ts';
import type { OpenedDocument } from '../engine/api.ts';
import { searchEntries } from './search.ts';
import { keyOfNode, labelOf, nodeAtKey } from './tree-labels.ts';

/** A node, as something to choose. */
export interface Candidate {
  readonly node: number;
  readonly key: string;
  /** Last part of the key. */
  readonly label: string;
  /** `tensor`, `text`…; a module has none. */
  readonly type?: (typeof VALUE_ORDER)[number];
  readonly dtype?: DType;
  readonly shape?: readonly number[];
  /** In it, itself included. */
  readonly entries: number;
}

/** Shown at once. */
const MOST = 30;

export function describeNode({ tree }: OpenedDocument, node: number): Candidate {
  const type = VALUE_ORDER[tree.type[node] ?? -1];
  const dtype = tree.dtypes[(tree.dtype[node] ?? 0) - 1];
  const code = tree.shape[node] ?? NO_SHAPE;
  return {
    node,
    key: keyOfNode(tree, node),
    label: labelOf(tree, node),
    ...(type && { type }),
    ...(dtype && { dtype }),
    ...(code !== NO_SHAPE && { shape: tree.shapes[code] ?? [] }),
    entries: tree.entries[node] ?? 0,
  };
}

const isModule = ({ tree }: OpenedDocument, node: number): boolean => (tree.entry[node] ?? -1) < 0;

/** What could stand in the place of an entry: that of its key, then those of its form; with a text, what it finds. */
export async function listEntries(of: OpenedDocument, wanted: Candidate, text: string): Promise<readonly Candidate[]> {
  if (text.trim() !== '') {
    const found = await searchEntries(of.id, text);
    return found.map(({ row }) => describeNode(of, of.tree.nodeOfEntry[row] ?? 0));
  }
  const same = nodeAtKey(of.tree, wanted.key);
  const first = same !== undefined && !isModule(of, same) ? [same] : [];
  return [...new Set([...first, ...listAlike(of, wanted)])].slice(0, MOST).map((node) => describeNode(of, node));
}

/** Entries of the same form, those of the same type and last part of the key in front. */
export function listAlike({ tree }: OpenedDocument, { type, dtype, shape, label }: Candidate): readonly number[] {
  const shapes = new Set(tree.shapes.flatMap((dims, code) => (dims.join() === shape?.join() ? [code] : [])));
  const wanted = type === undefined ? -1 : VALUE_ORDER.indexOf(type);
  const found: { readonly node: number; readonly rank: number }[] = [];
  for (let node = 1; node < tree.count; node++) {
    if (tree.type[node] !== wanted || (shape !== undefined && !shapes.has(tree.shape[node]!))) continue;
    const isType = tree.dtypes[(tree.dtype[node] ?? 0) - 1] === dtype;
    const rank = (isType ? 0 : 2) + (labelOf(tree, node) === label ? 0 : 1);
    found.push({ node, rank });
  }
  return found.sort((one, other) => one.rank - other.rank).map(({ node }) => node);
}

/** Modules: that of the same key, then those of the same name; with a text, those whose key has it. */
export function listModules(of: OpenedDocument, wanted: Candidate, text: string): readonly Candidate[] {
  const { tree } = of;
  const same = nodeAtKey(tree, wanted.key);
  const found: number[] = text === '' && same !== undefined && isModule(of, same) ? [same] : [];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (let node = 1; node < tree.count && found.length < MOST; node++) {
    if (!isModule(of, node) || node === same) continue;
    const fits =
      words.length > 0
        ? words.every((word) => keyOfNode(tree, node).toLowerCase().includes(word))
        : labelOf(tree, node) === wanted.label || tree.entries[node] === wanted.entries;
    if (fits) found.push(node);
  }
  if (words.length > 0 && same !== undefined && words.every((word) => wanted.key.toLowerCase().includes(word)))
    found.unshift(same);
  return found.map((node) => describeNode(of, node));
}
