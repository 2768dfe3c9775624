import type { EntryColumns } from '../model/state-dict.ts';
import { NO_SHAPE } from '../model/state-dict.ts';

/** Rows of two documents beside each other; -1 where one has none. */
export interface PairedRows {
  readonly rowA: Int32Array;
  readonly rowB: Int32Array;
}

/**
 * One row for each pair, as a document of its own would have them: what A says of an entry, and B where A has none. A tree of both,
 * its filter and its order come from these columns as from any others.
 */
export function unionColumns(a: EntryColumns, b: EntryColumns, { rowA, rowB }: PairedRows): EntryColumns {
  const count = rowA.length;
  const { pathStart, size } = measurePaths(a, b, rowA, rowB);
  const paths = new Uint8Array(size);
  const types = new Uint8Array(count);
  const dtype = new Uint16Array(count);
  const shape = new Uint32Array(count).fill(NO_SHAPE);
  const params = new Float64Array(count);
  const bytes = new Float64Array(count);
  const flags = new Uint8Array(count);
  const roles = new Uint8Array(count);
  const dtypes = join(a.dtypes, b.dtypes, String);
  const shapes = join(a.shapes, b.shapes, (dims) => dims.join());
  for (let pair = 0; pair < count; pair++) {
    const isA = rowA[pair]! >= 0;
    const of = isA ? a : b;
    const row = isA ? rowA[pair]! : rowB[pair]!;
    copyPath(of, row, paths, pathStart[pair]!);
    types[pair] = of.types[row]!;
    const code = of.dtype[row]!;
    dtype[pair] = isA || code === 0 ? code : dtypes.codes[code - 1]! + 1;
    const index = of.shape[row]!;
    shape[pair] = isA || index === NO_SHAPE ? index : shapes.codes[index]!;
    params[pair] = of.params[row]!;
    bytes[pair] = of.bytes[row]!;
    flags[pair] = of.flags[row]!;
    roles[pair] = of.roles[row]!;
  }
  return {
    count,
    paths,
    pathStart,
    types,
    dtype,
    dtypes: dtypes.all,
    shape,
    shapes: shapes.all,
    params,
    bytes,
    flags,
    roles,
  };
}

function measurePaths(a: EntryColumns, b: EntryColumns, rowA: Int32Array, rowB: Int32Array) {
  const pathStart = new Uint32Array(rowA.length + 1);
  for (let pair = 0; pair < rowA.length; pair++) {
    const row = rowA[pair]!;
    const length = row >= 0 ? lengthOf(a, row) : lengthOf(b, rowB[pair]!);
    pathStart[pair + 1] = pathStart[pair]! + length;
  }
  return { pathStart, size: pathStart[rowA.length]! };
}

const lengthOf = ({ pathStart }: EntryColumns, row: number): number => pathStart[row + 1]! - pathStart[row]!;

/** By hand: a path is some thirty bytes, for which `set` of a new subarray costs three times as much. */
function copyPath({ paths, pathStart }: EntryColumns, row: number, into: Uint8Array, at: number): void {
  const end = pathStart[row + 1]!;
  for (let from = pathStart[row]!, to = at; from < end; from++, to++) into[to] = paths[from]!;
}

/** The items of both lists, A's first, and where each of B's is among them. */
function join<T>(a: readonly T[], b: readonly T[], keyOf: (item: T) => string) {
  const all = [...a];
  const places = new Map(a.map((item, i) => [keyOf(item), i]));
  const codes = b.map((item) => {
    const known = places.get(keyOf(item));
    if (known !== undefined) return known;
    places.set(keyOf(item), all.length);
    return all.push(item) - 1;
  });
  return { all, codes };
}
