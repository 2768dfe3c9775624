import { StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { grown, LabelTable } from './labels.ts';
import { type EntryColumns, PART_INT } from './state-dict.ts';

/** Nodes in the order in which they are first named; a parent stands before its children. Node 0 is the root. */
export interface NodeList {
  readonly count: number;
  readonly parent: Uint32Array<ArrayBuffer>;
  readonly label: Uint32Array<ArrayBuffer>;
  /** Row of the node's own entry, or -1. */
  readonly entry: Int32Array<ArrayBuffer>;
  /** Nodes whose key occurs more than once; a node may stand here several times. */
  readonly duplicates: readonly number[];
  readonly labels: LabelTable;
}

/** The smallest byte that starts a part; none of these occurs in UTF-8. */
const FIRST_TAG = PART_INT;

/**
 * Finds the nodes of all paths. Paths arrive nearly sorted by prefix, so most of each one is known from the one before it; a
 * prefix that was left earlier (safetensors sorts by dtype first) is found again by a hash over parent and label.
 *
 * A repeated key makes a sibling of its own, so that nothing of a damaged file is hidden; children go to the first.
 * A root entry (the empty path) becomes a child of the root with the root's own, empty label.
 *
 * @throws `limit` as soon as there are more than `max` nodes; `name` is the document's, for that error.
 */
export function collectNodes(columns: EntryColumns, name: string, max: number = LIMITS.treeNodes): NodeList {
  const { paths, pathStart, count: rows } = columns;
  const labels = new LabelTable();
  const table = new NodeTable(rows, name, max);
  const duplicates: number[] = [];
  // What the previous path went through: the node of each part, and where the part ends, counted from the path's start.
  let stackNode = new Uint32Array(64);
  let stackEnd = new Uint32Array(64);
  let depth = 0;
  let previous = 0;
  for (let row = 0; row < rows; row++) {
    const start = pathStart[row]!;
    const stop = pathStart[row + 1]!;
    if (depth > 0) {
      const shared = sharedBytes(paths, previous, start, stop);
      while (depth > 0 && stackEnd[depth - 1]! > shared) depth--;
      const endsInside = depth > 0 && stackEnd[depth - 1] === shared && start + shared < stop;
      if (endsInside && paths[start + shared]! < FIRST_TAG) depth--;
    }
    let node = depth > 0 ? stackNode[depth - 1]! : 0;
    let at = start + (depth > 0 ? stackEnd[depth - 1]! : 0);
    while (at < stop) {
      let to = at + 1;
      while (to < stop && paths[to]! < FIRST_TAG) to++;
      const label = labels.intern(paths, at, to);
      node = table.findOrAdd(node, label);
      at = to;
      if (depth === stackNode.length) {
        stackNode = grown(stackNode, depth * 2);
        stackEnd = grown(stackEnd, depth * 2);
      }
      stackNode[depth] = node;
      stackEnd[depth++] = to - start;
    }
    previous = start;
    if (start === stop) node = table.findOrAdd(0, 0);
    if (table.entry[node] !== -1) {
      duplicates.push(node);
      node = table.addUnlisted(table.parent[node]!, table.label[node]!);
      duplicates.push(node);
    }
    table.entry[node] = row;
  }
  const { count, parent, label, entry } = table;
  return { count, parent, label, entry, duplicates, labels };
}

/** How many bytes the path at `start` has in common with the one at `previous`, which ends where `start` begins or before. */
function sharedBytes(paths: Uint8Array, previous: number, start: number, stop: number): number {
  const most = Math.min(stop - start, start - previous);
  let shared = 0;
  while (shared < most && paths[previous + shared] === paths[start + shared]) shared++;
  return shared;
}

/** Node columns that grow, and an open-addressing index of them by parent and label. */
class NodeTable {
  count = 1;
  parent: Uint32Array<ArrayBuffer>;
  label: Uint32Array<ArrayBuffer>;
  entry: Int32Array<ArrayBuffer>;
  private slots: Uint32Array<ArrayBuffer>;
  private readonly name: string;
  private readonly max: number;

  constructor(rows: number, name: string, max: number) {
    this.name = name;
    this.max = max;
    // A module for each pair of entries is usual, and more of them where every one has a single weight.
    const capacity = Math.ceil(rows * 2.4) + 64;
    this.parent = new Uint32Array(capacity);
    this.label = new Uint32Array(capacity);
    this.entry = new Int32Array(capacity);
    this.entry[0] = -1;
    this.slots = new Uint32Array(2 ** Math.ceil(Math.log2(capacity * 1.5)));
  }

  findOrAdd(parent: number, label: number): number {
    if (this.count * 4 > this.slots.length * 3) this.growSlots();
    const mask = this.slots.length - 1;
    let slot = hashPair(parent, label) & mask;
    for (;;) {
      const node = this.slots[slot]!;
      if (node === 0) break;
      if (this.parent[node] === parent && this.label[node] === label) return node;
      slot = (slot + 1) & mask;
    }
    const node = this.addUnlisted(parent, label);
    this.slots[slot] = node;
    return node;
  }

  /** Adds a node that no look-up finds. */
  addUnlisted(parent: number, label: number): number {
    const node = this.count++;
    if (node >= this.max) throw tooMany(this.name, this.count, this.max);
    if (node === this.parent.length) {
      this.parent = grown(this.parent, node * 2);
      this.label = grown(this.label, node * 2);
      this.entry = grown(this.entry, node * 2);
    }
    this.parent[node] = parent;
    this.label[node] = label;
    this.entry[node] = -1;
    return node;
  }

  private growSlots(): void {
    const before = this.slots;
    this.slots = new Uint32Array(before.length * 2);
    const mask = this.slots.length - 1;
    for (const node of before) {
      if (node === 0) continue;
      let slot = hashPair(this.parent[node]!, this.label[node]!) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = node;
    }
  }
}

const tooMany = (file: string, value: number, max: number): StateglassError =>
  new StateglassError({
    kind: 'limit',
    file,
    limit: 'treeNodes',
    value,
    max,
    detail: 'its keys make more modules than a tree can hold',
  });

function hashPair(parent: number, label: number): number {
  const mixed = Math.imul(parent, 0x9e3779b1) ^ Math.imul(label + 0x7f4a7c15, 0x85ebca6b);
  const spread = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
  return (spread ^ (spread >>> 13)) >>> 0;
}
