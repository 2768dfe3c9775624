import { changeState } from '../../model/change-state.ts';
import { findRow } from '../../model/find-row.ts';
import { keyOfPath, renamePath } from '../../model/rename-path.ts';
import type { EntryId } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { findKey } from '../find-rows.ts';
import type { Op } from '../op.ts';

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
    const entry = state.entries.at(findKey(state, key) as EntryId);
    const path = renamePath(entry.path, to);
    return changeState(state, { add: [{ ...entry, path, key: keyOfPath(path) }] });
  },
};
