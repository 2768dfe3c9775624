import { changeState } from '../../model/change-state.ts';
import { findRow } from '../../model/find-row.ts';
import { keyOfPath, pathLike } from '../../model/rename-path.ts';
import type { Value } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import type { Op } from '../op.ts';
import { readValue } from './set-value.ts';

const SPEC = { key: 'text', text: 'text?', json: 'text?' } as const;
export type AddEntryArgs = ArgsOf<typeof SPEC>;

/** Adds an entry that holds a text, or another value written as JSON. Its key is read as the keys beside it are. */
export const addEntry: Op<AddEntryArgs> = {
  id: 'add-entry',
  title: ({ key }) => `Add ${key}`,
  parse: (args) => readArgs('add-entry', args, SPEC),
  check(state, args) {
    if (args.key === '') return { kind: 'bad-input', detail: 'the new entry has no name' };
    if (findRow(state, args.key) !== undefined) return { kind: 'bad-input', detail: `${args.key} is there already` };
    const value = readValue(args);
    return 'kind' in value ? value : undefined;
  },
  apply(state, args) {
    const sample = state.entries.length > 0 ? state.entries.at(state.entries.length - 1).path : undefined;
    const path = pathLike(sample, args.key);
    const value = readValue(args) as Value;
    return changeState(state, {
      add: [{ path, key: keyOfPath(path), value, role: { role: 'unknown' }, roleSource: 'user' }],
    });
  },
};
