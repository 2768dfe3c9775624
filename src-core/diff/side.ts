import { chunkCount, chunkKey, keyChunk } from '../model/key-text.ts';
import type { EntryColumns, StateDict } from '../model/state-dict.ts';

/** One of two states that are compared, with its keys by text. */
export interface Side {
  readonly state: StateDict;
  readonly columns: EntryColumns;
  /** Parts joined by dots, by row: what keys of every syntax have in common. */
  readonly keys: readonly string[];
  /** Made when it is first asked for: keys are looked up on one side alone. */
  readonly rowsOfKeys: () => RowsOfKeys;
  /** 1 for rows that have a partner, or shall have none. */
  readonly taken: Uint8Array;
}

interface RowsOfKeys {
  readonly firstRow: ReadonlyMap<string, number>;
  /** The next row of the same key; 0 for none, as no row follows itself. */
  readonly nextRow: Int32Array;
}

export function makeSide(state: StateDict): Side {
  const columns = state.entries.columns();
  const keys = listKeys(columns);
  let index: RowsOfKeys | undefined;
  const rowsOfKeys = () => {
    index ??= indexKeys(keys);
    return index;
  };
  return { state, columns, keys, rowsOfKeys, taken: new Uint8Array(columns.count) };
}

function indexKeys(keys: readonly string[]): RowsOfKeys {
  const firstRow = new Map<string, number>();
  const nextRow = new Int32Array(keys.length);
  // From the end, so that the first row of a key comes first.
  for (let row = keys.length - 1; row >= 0; row--) {
    const key = keys[row] as string;
    nextRow[row] = firstRow.get(key) ?? 0;
    firstRow.set(key, row);
  }
  return { firstRow, nextRow };
}

function listKeys(columns: EntryColumns): string[] {
  const keys: string[] = [];
  for (let i = 0; i < chunkCount(columns); i++) {
    const chunk = keyChunk(columns, i);
    for (let row = 0; row < chunk.rows; row++) keys.push(chunkKey(chunk, row));
  }
  return keys;
}

/** The first row of a key that has no partner yet, and is accepted. */
export function freeRow({ rowsOfKeys, taken }: Side, key: string, accepts?: (row: number) => boolean) {
  const { firstRow, nextRow } = rowsOfKeys();
  for (let row = firstRow.get(key); row !== undefined; row = nextRow[row]! || undefined)
    if (taken[row] === 0 && (!accepts || accepts(row))) return row;
  return undefined;
}

export function* leftRows({ taken }: Side): Generator<number> {
  for (let row = 0; row < taken.length; row++) if (taken[row] === 0) yield row;
}
