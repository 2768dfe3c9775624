import { changeState } from '../../model/change-state.ts';
import { findRow } from '../../model/find-row.ts';
import { keyOfPath, renamePath } from '../../model/rename-path.ts';
import type { EntryId } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { findKey } from '../find-rows.ts';
import type { Op } from '../op.ts';

const SPEC = { key: 'text', to: 'text' } as const;
export type RenameArgs = ArgsOf<typeof SPEC>;

/** Gives an entry another key. Everything else about it stays. */
export const rename: Op<RenameArgs> = {
  id: 'rename',
  title: ({ key, to }) => `Rename ${key} to ${to}`,
  parse: (args) => readArgs('rename', args, SPEC),
  check(state, { key, to }) {
    const row = findKey(state, key);
    if (typeof row !== 'number') return row;
    if (to === '') return { kind: 'bad-input', detail: `${key} would have no name` };
    const taken = findRow(state, to);
    return taken === undefined || taken === row
      ? undefined
      : { kind: 'bad-input', detail: `${to} is there already: rename or delete it first` };
  },
  apply(state, { key, to }) {
    const row = findKey(state, key) as EntryId;
    const entry = state.entries.at(row);
    const path = renamePath(entry.path, to);
    if (keyOfPath(path) === entry.key) return state;
    return changeState(state, { replace: new Map([[row, { ...entry, path, key: keyOfPath(path) }]]) });
  },
};
