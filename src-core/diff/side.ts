import { CHUNK_ROWS, chunkKey, keyChunk, keyOfRow } from '../model/key-text.ts';
import type { EntryColumns, StateDict } from '../model/state-dict.ts';

/** One of two states that are compared. */
export interface Side {
  readonly state: StateDict;
  readonly columns: EntryColumns;
  /** Parts joined by dots: what keys of every syntax have in common. */
  readonly keyOf: (row: number) => string;
  /** Of rows that had no partner when it was first asked for. */
  readonly rowsOfKeys: () => RowsOfKeys;
  /** 1 for rows that have a partner, or shall have none. */
  readonly taken: Uint8Array;
}

interface RowsOfKeys {
  readonly firstRow: ReadonlyMap<string, number>;
  /** The next row of the same key; 0 for none, as no row follows itself. */
  readonly nextRow: Uint32Array;
}

export function makeSide(state: StateDict): Side {
  const columns = state.entries.columns();
  const taken = new Uint8Array(columns.count);
  const keyOf = readKeys(columns);
  let index: RowsOfKeys | undefined;
  const rowsOfKeys = () => {
    index ??= indexKeys(taken, keyOf);
    return index;
  };
  return { state, columns, keyOf, rowsOfKeys, taken };
}

function indexKeys(taken: Uint8Array, keyOf: (row: number) => string): RowsOfKeys {
  const firstRow = new Map<string, number>();
  const nextRow = new Uint32Array(taken.length);
  // From the end, so that the first row of a key comes first.
  for (let row = taken.length - 1; row >= 0; row--) {
    if (taken[row] !== 0) continue;
    const key = keyOf(row);
    nextRow[row] = firstRow.get(key) ?? 0;
    firstRow.set(key, row);
  }
  return { firstRow, nextRow };
}

/** Fewer keys than these are read one by one; for more, many are read at once. */
const FEW = 4096;

function readKeys(columns: EntryColumns): (row: number) => string {
  let asked = 0;
  return (row) => {
    if (asked++ < FEW) return keyOfRow(columns, row);
    const chunk = keyChunk(columns, Math.floor(row / CHUNK_ROWS));
    return chunkKey(chunk, row - chunk.first);
  };
}

/** The first row of a key that has no partner yet. */
export function freeRow({ rowsOfKeys, taken }: Side, key: string): number | undefined {
  const { firstRow, nextRow } = rowsOfKeys();
  let row = firstRow.get(key);
  while (row !== undefined && taken[row] !== 0) row = nextRow[row] || undefined;
  return row;
}

export function* leftRows({ taken }: Side): Generator<number> {
  for (let row = 0; row < taken.length; row++) if (taken[row] === 0) yield row;
}
