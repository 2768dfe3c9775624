import { type ModuleTree, NO_TYPE, NODE_FLAG, NOT_AN_ENTRY } from './module-tree.ts';
import { type EntryColumns, NO_SHAPE } from './state-dict.ts';
import { addTotals } from './tree-totals.ts';

/**
 * The tree of entries with the outline (see `hasSameOutline`) they had when it was built, with all else that is said of them now. It
 * shares the columns of its nodes with the one before.
 */
export function refreshTree(tree: ModuleTree, columns: EntryColumns): ModuleTree {
  const { count, entry } = tree;
  const fresh = {
    ...tree,
    type: new Uint8Array(count).fill(NO_TYPE),
    dtype: new Uint16Array(count),
    dtypes: columns.dtypes,
    shape: new Uint32Array(count).fill(NO_SHAPE),
    shapes: columns.shapes,
    params: new Float64Array(count),
    bytes: new Float64Array(count),
    entries: new Uint32Array(count),
    flags: tree.flags.map((bits) => bits & (NODE_FLAG.intLabel | NODE_FLAG.duplicate)),
    role: new Uint8Array(count),
  };
  for (let node = 0; node < count; node++) {
    const row = entry[node]!;
    if (row === NOT_AN_ENTRY) continue;
    fresh.type[node] = columns.types[row]!;
    fresh.dtype[node] = columns.dtype[row]!;
    fresh.shape[node] = columns.shape[row]!;
    fresh.flags[node]! |= columns.flags[row]!;
    fresh.role[node] = columns.roles[row]!;
  }
  addTotals(fresh, columns);
  return fresh;
}

/** Whether rows have the same keys, types and shapes, so that a tree of the ones is a tree of the others. */
export function hasSameOutline(a: EntryColumns, b: EntryColumns): boolean {
  // Codes mean the same only in the same tables.
  const isSameTable = (p: readonly unknown[], q: readonly unknown[]) => JSON.stringify(p) === JSON.stringify(q);
  if (!isSameTable(a.dtypes, b.dtypes) || !isSameTable(a.shapes, b.shapes)) return false;
  return COLUMNS.every((name) => isSameColumn(a[name], b[name]));
}

const COLUMNS = ['types', 'dtype', 'shape', 'pathStart', 'paths'] as const;

function isSameColumn(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
