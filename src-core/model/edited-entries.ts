/** Entries of an edited state: those that were read, and what became different. Untouched ones stay columns. */
import { StateglassError } from '../base/errors.ts';
import { buildColumns } from './entries.ts';
import {
  type Entries,
  type Entry,
  type EntryColumns,
  type EntryId,
  NO_SHAPE,
  ROW_FLAG,
  type ShareGroup,
  type Storages,
} from './state-dict.ts';

/** Of a row that it is put into, or after all others. */
export type NewEntry = Omit<Entry, 'id' | 'source'>;

export interface EntryChange {
  /** By row. */
  readonly replace?: ReadonlyMap<EntryId, NewEntry>;
  readonly remove?: ReadonlySet<EntryId>;
  /** Placed after all others. */
  readonly add?: readonly NewEntry[];
}

/** What entries are judged by that is not in them. */
export interface EntryFacts {
  readonly storages: Storages;
  /** Of the edited state, by its rows. */
  readonly shares: readonly ShareGroup[];
}

export interface EditedEntries extends Entries {
  /** As they were read. */
  readonly base: Entries;
  /** Of each row its row in `base`, or −1 − its place in `added`; absent while all are where they were. */
  readonly order: Int32Array | undefined;
  /** Replaced, by row in `base`. */
  readonly changed: ReadonlyMap<EntryId, NewEntry>;
  readonly added: readonly NewEntry[];
}

export const isEdited = (entries: Entries): entries is EditedEntries => 'base' in entries;

export function editEntries(entries: Entries, { replace, remove, add }: EntryChange, facts: EntryFacts): EditedEntries {
  const before = isEdited(entries) ? entries : { base: entries, order: undefined, changed: new Map(), added: [] };
  const changed = new Map<EntryId, NewEntry>(before.changed);
  let added: readonly NewEntry[] = before.added;
  const placeOf = (row: EntryId) => before.order?.[row] ?? row;
  for (const [row, entry] of replace ?? []) {
    const place = placeOf(row);
    if (place >= 0) changed.set(place, entry);
    else added = added.with(-1 - place, entry);
  }
  let order = before.order;
  if (remove?.size || add?.length) {
    order = new Int32Array(entries.length - (remove?.size ?? 0) + (add?.length ?? 0));
    let at = 0;
    for (let row = 0; row < entries.length; row++) if (!remove?.has(row)) order[at++] = placeOf(row);
    for (let i = 0; at < order.length; i++) order[at++] = -1 - (added.length + i);
    added = [...added, ...(add ?? [])];
  }
  return makeEntries({ base: before.base, order, changed, added }, facts);
}

type Parts = Pick<EditedEntries, 'base' | 'order' | 'changed' | 'added'>;

function makeEntries(parts: Parts, facts: EntryFacts): EditedEntries {
  const { base, order, changed, added } = parts;
  const length = order?.length ?? base.length;
  return {
    ...parts,
    length,
    at(row) {
      if (!(row >= 0 && row < length))
        throw new StateglassError({ kind: 'not-found', what: `row ${row}`, detail: 'no such entry' });
      const place = order?.[row] ?? row;
      const entry = place < 0 ? added[-1 - place] : (changed.get(place) ?? base.at(place));
      return { ...(entry as NewEntry), id: row, source: place < 0 ? null : place };
    },
    columns: () => mergeColumns(parts, facts),
  };
}

function mergeColumns({ base: read, order, changed, added }: Parts, { storages, shares }: EntryFacts): EntryColumns {
  const base = read.columns();
  const list = [...changed.values(), ...added].map((entry, id): Entry => ({ ...entry, id }));
  const fresh = buildColumns(list, { storages });
  const freshOf = new Map([...changed.keys()].map((row, i) => [row, i]));
  const count = order?.length ?? base.count;
  const dtypes = [...base.dtypes];
  const dtypeCodes = [0, ...fresh.dtypes.map((dtype) => codeOf(dtypes, dtype) + 1)];
  const shapes = [...base.shapes];
  const known = new Map(shapes.map((shape, i) => [shape.join(), i]));
  const shapeCodes = fresh.shapes.map((shape) => known.get(shape.join()) ?? shapes.push(shape) - 1);
  const merged = {
    types: new Uint8Array(count),
    dtype: new Uint16Array(count),
    shape: new Uint32Array(count),
    params: new Float64Array(count),
    bytes: new Float64Array(count),
    flags: new Uint8Array(count),
    roles: new Uint8Array(count),
    pathStart: new Uint32Array(count + 1),
  };
  /** The row in `base`, or −1 − the row in `fresh`. */
  const origin = new Int32Array(count);
  let length = 0;
  for (let row = 0; row < count; row++) {
    const place = order ? order[row]! : row;
    const i = place < 0 ? changed.size - 1 - place : freshOf.get(place);
    const columns = i === undefined ? base : fresh;
    const at = i ?? place;
    origin[row] = i === undefined ? place : -1 - i;
    merged.types[row] = columns.types[at]!;
    merged.params[row] = columns.params[at]!;
    merged.bytes[row] = columns.bytes[at]!;
    merged.roles[row] = columns.roles[at]!;
    merged.flags[row] = columns.flags[at]! | (i === undefined ? 0 : ROW_FLAG.edited);
    merged.dtype[row] = i === undefined ? columns.dtype[at]! : dtypeCodes[columns.dtype[at]!]!;
    const shape = columns.shape[at]!;
    merged.shape[row] = i === undefined || shape === NO_SHAPE ? shape : shapeCodes[shape]!;
    length += columns.pathStart[at + 1]! - columns.pathStart[at]!;
    merged.pathStart[row + 1] = length;
  }
  const paths = new Uint8Array(length);
  for (let row = 0; row < count; row++) {
    const [columns, at] = origin[row]! < 0 ? [fresh, -1 - origin[row]!] : [base, origin[row]!];
    paths.set(columns.paths.subarray(columns.pathStart[at]!, columns.pathStart[at + 1]!), merged.pathStart[row]!);
  }
  markShares(merged.flags, shares);
  return { count, paths, dtypes, shapes, ...merged };
}

/** Ties as they are now. An alias whose bytes the reader counted apart stays counted. */
function markShares(flags: Uint8Array, shares: readonly ShareGroup[]): void {
  const ties = ROW_FLAG.tied | ROW_FLAG.alias;
  const before = flags.slice();
  for (let row = 0; row < flags.length; row++) flags[row]! &= ~ties;
  for (const { owner, aliases } of shares) {
    flags[owner]! |= ROW_FLAG.tied;
    for (const row of aliases) flags[row]! |= (before[row]! & ROW_FLAG.tied) !== 0 ? before[row]! & ties : ties;
  }
}

function codeOf<T>(list: T[], item: T): number {
  const known = list.indexOf(item);
  return known >= 0 ? known : list.push(item) - 1;
}
