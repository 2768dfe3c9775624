/** Values that a donor gives: put in the place of those of entries that are there, or into new entries. */
import { StateglassError } from '../base/errors.ts';
import type { StateChange } from '../model/change-state.ts';
import type { NewEntry } from '../model/edited-entries.ts';
import { findRow } from '../model/find-row.ts';
import { keyOfPath, pathLike } from '../model/rename-path.ts';
import type { EntryId, StateDict, Value } from '../model/state-dict.ts';
import { dtypeLabel } from '../tensor/dtype.ts';
import { rowsOfView, tensorAt } from './edit-tensor.ts';
import { type Given, openGiver } from './give-values.ts';
import { OwnStorages } from './own-storages.ts';

/** An entry of the donor, and the key that it has here. */
export interface Taking {
  readonly from: EntryId;
  readonly to: string;
}

/**
 * What taking entries does to a state. Tied entries of the donor are tied here too. Those here that are tied to one that is replaced,
 * and are not taken themselves, follow it unless `untie` is set.
 *
 * @throws what `openGiver` throws, `bad-input` for keys that two entries would have.
 */
export function takeEntries(
  state: StateDict,
  donor: StateDict,
  takings: readonly Taking[],
  untie = false,
): StateChange | undefined {
  checkKeys(takings);
  const storages = new OwnStorages(state);
  const give = openGiver(donor, storages);
  const rows = takings.map(({ to }) => findRow(state, to));
  const isTaken = new Set(rows);
  const replace = new Map<EntryId, NewEntry>();
  const add: NewEntry[] = [];
  const rowsOfValue = new Map<Value, EntryId[]>();
  for (const [i, { from, to }] of takings.entries()) {
    const given = give(from);
    const row = rows[i];
    let places: readonly EntryId[];
    if (row === undefined) places = [state.entries.length + add.push(newEntry(state, to, given)) - 1];
    else {
      places = (untie ? [row] : tiedTo(state, row)).filter((other) => other === row || !isTaken.has(other));
      for (const place of places) {
        const entry = state.entries.at(place);
        replace.set(place, { ...entry, value: keepWrapper(entry.value, given.value) });
      }
    }
    if (given.value.type === 'tensor')
      rowsOfValue.set(given.value, [...(rowsOfValue.get(given.value) ?? []), ...places]);
  }
  const ties = [...rowsOfValue.values()].filter(({ length }) => length > 1);
  return takings.length === 0 ? undefined : { storages: storages.list, replace, add, ties };
}

function checkKeys(takings: readonly Taking[]): void {
  const seen = new Set<string>();
  for (const { to } of takings) {
    if (to === '') throw bad('an entry that is taken would have no name');
    if (seen.has(to)) throw bad(`two entries that are taken would be called ${to}`);
    seen.add(to);
  }
}

function newEntry(state: StateDict, key: string, { entry, value }: Given): NewEntry {
  const sample = state.entries.length > 0 ? state.entries.at(state.entries.length - 1).path : undefined;
  const path = pathLike(sample, key);
  const { role, roleSource } = entry;
  return { path, key: keyOfPath(path), value, role, roleSource };
}

function tiedTo(state: StateDict, row: EntryId): readonly EntryId[] {
  const { value } = state.entries.at(row);
  return value.type === 'tensor' && !value.undeclared ? rowsOfView(state, tensorAt(state, row)) : [row];
}

/** What the document wraps its tensor in stays: a Parameter is one whoever gave its numbers. */
export function keepWrapper(was: Value, value: Value): Value {
  if (was.type !== 'tensor' || value.type !== 'tensor') return value;
  const { wrapper: _, device: _device, requiresGrad: _grad, ...numbers } = value;
  const { wrapper, device, requiresGrad } = was;
  return {
    ...numbers,
    ...(wrapper !== undefined && { wrapper }),
    ...(device !== undefined && { device }),
    ...(requiresGrad !== undefined && { requiresGrad }),
  };
}

/** What of a value differs for whoever expects the one before; undefined when nothing of that kind does. */
export function tellDifference(was: Value, value: Value): string | undefined {
  const [before, after] = [wordForm(was), wordForm(value)];
  return before === after ? undefined : `${after} instead of ${before}`;
}

const wordForm = (value: Value): string =>
  value.type === 'tensor' ? `${dtypeLabel(value.dtype)} [${value.shape.join(', ')}]` : value.type;

const bad = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
