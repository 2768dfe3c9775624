import { dtypeLabel } from '../tensor/dtype.ts';
import { labelTexts } from './labels.ts';
import { type ModuleTree, NODE_FLAG, NOT_AN_ENTRY } from './module-tree.ts';
import { rankLabels } from './natural.ts';
import type { DeltaName } from './pair-table.ts';
import { type EntryColumns, NO_SHAPE, ROLE_ORDER, VALUE_ORDER } from './state-dict.ts';
import type { StatisticName } from './stats-table.ts';
import { orderNodes } from './tree-order.ts';

/** The columns the flat table sorts by; `source` is the order of the file. */
export type RowColumn =
  | 'key'
  | 'type'
  | 'dtype'
  | 'shape'
  | 'params'
  | 'bytes'
  | 'role'
  | 'kind'
  | 'source'
  | StatisticName
  | DeltaName
  | 'status';

/**
 * `rows` (by default all, in tree order) in the order of a column. Stable both ways round: equal rows stay as they came.
 * The rows given are not changed. Rows without a value (no dtype, no shape, no role, no kind known, no statistics) come last
 * both ways round.
 */
export function sortRows(
  columns: EntryColumns,
  tree: ModuleTree,
  column: RowColumn,
  descending: boolean,
  rows: Uint32Array = rowsInTreeOrder(tree),
  statistics?: SortedNumbers,
): Uint32Array<ArrayBuffer> {
  const { rank, ranks } = rankRows(columns, tree, column, statistics);
  // A counting sort over ranks: `ranks` itself stands for no value.
  const next = new Uint32Array(ranks + 2);
  const slot = (row: number): number => {
    const at = rank(row);
    return at === ranks || !descending ? at : ranks - 1 - at;
  };
  const slots = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const at = slot(rows[i]!);
    slots[i] = at;
    next[at + 1]!++;
  }
  for (let i = 0; i <= ranks; i++) next[i + 1]! += next[i]!;
  const sorted = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) sorted[next[slots[i]!]!++] = rows[i]!;
  return sorted;
}

export function rowsInTreeOrder(tree: ModuleTree): Uint32Array<ArrayBuffer> {
  const rows = new Uint32Array(tree.entryCount);
  let at = 0;
  for (let node = 0; node < tree.count; node++) {
    const row = tree.entry[node]!;
    if (row !== NOT_AN_ENTRY) rows[at++] = row;
  }
  return rows;
}

/** Whatever numbers are known of rows: of tensors, or of pairs. */
interface SortedNumbers {
  numberOf(row: number, name: string): number;
}

interface Ranking {
  /** 0 … ranks - 1, or `ranks` for a row without a value. */
  readonly rank: (row: number) => number;
  readonly ranks: number;
}

function rankRows(
  columns: EntryColumns,
  tree: ModuleTree,
  column: RowColumn,
  statistics: SortedNumbers | undefined,
): Ranking {
  switch (column) {
    case 'source':
      return { rank: (row) => row, ranks: columns.count };
    case 'key': {
      const place = naturalPlaces(tree);
      return { rank: (row) => place[tree.nodeOfEntry[row]!]!, ranks: tree.count };
    }
    case 'params':
      return rankNumbers(columns.params);
    case 'bytes':
      return rankNumbers(columns.bytes);
    case 'type':
      return rankCodes(VALUE_ORDER, compareText, (row) => columns.types[row]!);
    case 'role':
      return rankCodes(ROLE_ORDER.slice(1), compareText, (row) => columns.roles[row]! - 1);
    case 'dtype':
      return rankCodes(columns.dtypes.map(dtypeLabel), compareText, (row) => columns.dtype[row]! - 1);
    case 'shape':
      return rankCodes(columns.shapes, compareShapes, (row) =>
        columns.shape[row] === NO_SHAPE ? -1 : columns.shape[row]!,
      );
    case 'kind': {
      const nearest = nearestKinds(tree);
      return rankCodes(tree.kinds.slice(1), compareText, (row) => nearest[tree.nodeOfEntry[row]!]! - 1);
    }
    default:
      return rankNumbers(
        Float64Array.from({ length: columns.count }, (_, row) => statistics?.numberOf(row, column) ?? Number.NaN),
      );
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Fewer dimensions first, then size by size. */
function compareShapes(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return a.length - b.length;
  const differs = a.findIndex((size, i) => size !== b[i]);
  return differs < 0 ? 0 : a[differs]! - b[differs]!;
}

/** Ranks a small table once; `codeOf` gives a row's place in it, negative for none. */
function rankCodes<T>(table: readonly T[], compare: (a: T, b: T) => number, codeOf: (row: number) => number): Ranking {
  const order = table.map((_, code) => code).sort((a, b) => compare(table[a]!, table[b]!));
  const rank = new Uint32Array(table.length);
  let ranks = 0;
  order.forEach((code, i) => {
    if (i > 0 && compare(table[order[i - 1]!]!, table[code]!) !== 0) ranks++;
    rank[code] = ranks;
  });
  const total = table.length === 0 ? 0 : ranks + 1;
  return {
    ranks: total,
    rank: (row) => {
      const code = codeOf(row);
      return code < 0 ? total : rank[code]!;
    },
  };
}

/** NaN is no value. */
function rankNumbers(values: Float64Array): Ranking {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  let ranks = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[ranks - 1]) sorted[ranks++] = sorted[i]!;
  }
  return {
    ranks,
    rank: (row) => {
      const value = values[row]!;
      if (Number.isNaN(value)) return ranks;
      let low = 0;
      let high = ranks - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle]! < value) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}

/** Kind of the module an entry lies in: the nearest one above it that is known, or its own where it is a module too. */
export function nearestKinds(tree: ModuleTree): Uint16Array<ArrayBuffer> {
  const nearest = new Uint16Array(tree.count);
  for (let node = 0; node < tree.count; node++) nearest[node] = tree.kind[node] || nearest[tree.parent[node]!]!;
  return nearest;
}

const places = new WeakMap<ModuleTree, Uint32Array>();

/** Pre-order place of each node in natural order, whatever order the tree was built in. */
function naturalPlaces(tree: ModuleTree): Uint32Array {
  let place = places.get(tree);
  if (!place) {
    const isInt = new Uint8Array(tree.labelStart.length - 1);
    for (let node = 0; node < tree.count; node++) {
      if ((tree.flags[node]! & NODE_FLAG.intLabel) !== 0) isInt[tree.label[node]!] = 1;
    }
    const rank = rankLabels(labelTexts(tree), (label) => isInt[label] === 1);
    place = orderNodes(tree.count, tree.parent, tree.label, rank).place;
    places.set(tree, place);
  }
  return place;
}
