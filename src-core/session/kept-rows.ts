import { isSameValue } from '../diff/value.ts';
import { isEdited, type NewEntry } from '../model/edited-entries.ts';
import type { Entry, EntryId, StateDict, StorageData } from '../model/state-dict.ts';
import { viewKey } from './view-key.ts';

/**
 * By row of the state after, the row before that holds the same: the same value, or the same view of the same bytes. −1 where there
 * is none. Both are of one document: what was read is compared by its place, and only what an edit touched is looked at.
 */
export function keptRows(before: StateDict, after: StateDict): Int32Array<ArrayBuffer> {
  const [was, is] = [partsOf(before), partsOf(after)];
  const kept = new Int32Array(after.entries.length).fill(-1);
  if (was.base !== is.base) return kept;
  const rowBefore = was.order && rowsByPlace(was.order);
  for (let row = 0; row < kept.length; row++) {
    const place = is.order?.[row] ?? row;
    const old = rowBefore ? rowBefore.get(place) : place;
    if (old === undefined) continue;
    const [a, b] = [was.touched(place), is.touched(place)];
    if (a === b || holdsSame(before, before.entries.at(old), after, after.entries.at(row))) kept[row] = old;
  }
  return kept;
}

/**
 * Rows that are in their place and another entry than before, be it by a name alone; undefined where entries came, went or moved.
 */
export function editedRows(before: StateDict, after: StateDict): readonly EntryId[] | undefined {
  const [was, is] = [partsOf(before), partsOf(after)];
  if (was.base !== is.base || was.order !== is.order) return undefined;
  const places = [...was.places(), ...is.places()].filter((place) => was.touched(place) !== is.touched(place));
  const rowOf = was.order && rowsByPlace(was.order);
  return [...new Set(places)].flatMap((place) => (rowOf ? (rowOf.get(place) ?? []) : place));
}

function partsOf({ entries }: StateDict) {
  if (!isEdited(entries)) return { base: entries, order: undefined, touched: () => undefined, places: () => [] };
  const { base, order, changed, added } = entries;
  const touched = (place: number): NewEntry | undefined => (place < 0 ? added[-1 - place] : changed.get(place));
  const places = () => [...changed.keys(), ...added.map((_, i) => -1 - i)];
  return { base, order, touched, places };
}

const rowsByPlace = (order: Int32Array): ReadonlyMap<number, EntryId> =>
  new Map(Array.from(order, (place, row) => [place, row]));

function holdsSame(before: StateDict, { value: a }: Entry, after: StateDict, { value: b }: Entry): boolean {
  if (a.type === 'tensor' && b.type === 'tensor') {
    const key = viewKey(a);
    return key !== undefined && key === viewKey(b) && looksAtSame(before, a.storage, after, b.storage);
  }
  if (a.type === 'bytes' && b.type === 'bytes') return looksAtSame(before, a.storage, after, b.storage);
  return isSameValue(a, b) === true;
}

/** Numbers of storages are given again after an edit is undone: what is in them decides. */
function looksAtSame(before: StateDict, a: number | undefined, after: StateDict, b: number | undefined): boolean {
  if (a === undefined || a !== b) return false;
  const [was, is] = [before.storages.get(a), after.storages.get(b)];
  return was !== undefined && is !== undefined && was.endian === is.endian && isSameData(was.data, is.data);
}

function isSameData(a: StorageData, b: StorageData): boolean {
  if (a === b) return true;
  return a.kind === 'slices' && b.kind === 'slices' && JSON.stringify(a.slices) === JSON.stringify(b.slices);
}
