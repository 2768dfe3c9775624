import { changeState } from '../../model/change-state.ts';
import { findRow } from '../../model/find-row.ts';
import { keyOfPath, renamePath } from '../../model/rename-path.ts';
import type { EntryId, StateDict, Value } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { tensorAt } from '../edit-tensor.ts';
import { findKey } from '../find-rows.ts';
import type { Op } from '../op.ts';
import { OwnStorages } from '../own-storages.ts';

const SPEC = { key: 'text', to: 'text' } as const;
export type DuplicateArgs = ArgsOf<typeof SPEC>;

/** Adds an entry that holds the same under another key. A tensor is a copy of its own, not tied to the first. */
export const duplicate: Op<DuplicateArgs> = {
  id: 'duplicate',
  title: ({ key, to }) => `Duplicate ${key} as ${to}`,
  parse: (args) => readArgs('duplicate', args, SPEC),
  check(state, { key, to }) {
    const row = findKey(state, key);
    if (typeof row !== 'number') return row;
    if (to === '') return { kind: 'bad-input', detail: 'the copy would have no name' };
    return findRow(state, to) !== undefined ? { kind: 'bad-input', detail: `${to} is there already` } : undefined;
  },
  apply(state, { key, to }) {
    const row = findKey(state, key) as EntryId;
    const entry = state.entries.at(row);
    const storages = new OwnStorages(state);
    const path = renamePath(entry.path, to);
    const copy = { ...entry, path, key: keyOfPath(path), value: copyValue(state, row, storages) };
    return changeState(state, { storages: storages.list, add: [copy] });
  },
};

/** What has no bytes, and what several storages make up, is named again as it is. */
function copyValue(state: StateDict, row: EntryId, storages: OwnStorages): Value {
  const { value } = state.entries.at(row);
  if (value.type !== 'tensor') return storages.ownValue(value, state);
  const data = value.storage === undefined ? undefined : state.storages.get(value.storage)?.data;
  const isWhole = data && data.kind !== 'absent' && !value.quant && !value.wrapper?.startsWith('sparse');
  return isWhole ? storages.own(tensorAt(state, row)) : value;
}
