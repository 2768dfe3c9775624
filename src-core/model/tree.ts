import { kindsOf, MODULE_KINDS } from './kind.ts';
import { decodeLabels } from './labels.ts';
import { type ModuleTree, NO_TYPE, NODE_FLAG, NOT_AN_ENTRY } from './module-tree.ts';
import { rankLabels } from './natural.ts';
import { type EntryColumns, NO_SHAPE } from './state-dict.ts';
import { collectNodes } from './tree-nodes.ts';
import { orderNodes } from './tree-order.ts';
import { findRepeats } from './tree-repeats.ts';
import { addTotals } from './tree-totals.ts';

export interface TreeOptions {
  /** `natural` (the default): siblings as a person counts, whatever order the file has. `source`: as first named. */
  readonly order?: 'natural' | 'source';
  /** The document's, for the error. */
  readonly name?: string;
}

/**
 * The module tree of a document's entries, as columns in pre-order.
 *
 * A key that occurs twice makes two siblings, both flagged `duplicate`. An entry whose path is empty is a child of the root
 * with an empty label. The columns are new: they can be transferred without taking anything from `columns`.
 *
 * @throws `limit` for more nodes than LIMITS.treeNodes.
 */
export function buildTree(columns: EntryColumns, options: TreeOptions = {}): ModuleTree {
  const nodes = collectNodes(columns, options.name ?? 'this document');
  const { count, labels } = nodes;
  const { labelBytes, labelStart } = labels.columns();
  const natural = (options.order ?? 'natural') === 'natural';
  const rank = natural ? rankLabels(decodeLabels(labelBytes, labelStart), (label) => labels.isInt(label)) : undefined;
  const { place, size, children, firstChild } = orderNodes(count, nodes.parent, nodes.label, rank);

  const label = new Uint32Array(count);
  const parent = new Uint32Array(count);
  const end = new Uint32Array(count);
  const depth = new Uint16Array(count);
  const position = new Uint32Array(count);
  const siblings = new Uint32Array(count);
  const entry = new Int32Array(count).fill(NOT_AN_ENTRY);
  const nodeOfEntry = new Uint32Array(columns.count);
  const type = new Uint8Array(count).fill(NO_TYPE);
  const dtype = new Uint16Array(count);
  const shape = new Uint32Array(count).fill(NO_SHAPE);
  const params = new Float64Array(count);
  const bytes = new Float64Array(count);
  const flags = new Uint16Array(count);
  const role = new Uint8Array(count);

  position[0] = 1;
  siblings[0] = 1;
  for (let old = 0; old < count; old++) {
    const node = place[old]!;
    label[node] = nodes.label[old]!;
    end[node] = node + size[old]!;
    const from = firstChild[old]!;
    const to = firstChild[old + 1]!;
    for (let i = from; i < to; i++) {
      const child = place[children[i]!]!;
      parent[child] = node;
      depth[child] = depth[node]! + 1;
      position[child] = i - from + 1;
      siblings[child] = to - from;
    }
    if (labels.isInt(label[node]!)) flags[node]! |= NODE_FLAG.intLabel;
    const row = nodes.entry[old]!;
    if (row === NOT_AN_ENTRY) continue;
    entry[node] = row;
    nodeOfEntry[row] = node;
    type[node] = columns.types[row]!;
    dtype[node] = columns.dtype[row]!;
    shape[node] = columns.shape[row]!;
    flags[node]! |= columns.flags[row]!;
    role[node] = columns.roles[row]!;
  }
  for (const old of nodes.duplicates) flags[place[old]!]! |= NODE_FLAG.duplicate;

  const bare = {
    count,
    entryCount: columns.count,
    labelBytes,
    labelStart,
    label,
    parent,
    end,
    depth,
    position,
    siblings,
    entry,
    nodeOfEntry,
    type,
    dtype,
    dtypes: columns.dtypes,
    shape,
    shapes: columns.shapes,
    params,
    bytes,
    entries: new Uint32Array(count),
    flags,
    role,
  };
  addTotals(bare, columns);
  return { ...bare, kind: kindsOf(bare), kinds: MODULE_KINDS, repeat: findRepeats(bare) };
}
