import type { Entry, EntryId } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { findTensor, planOp } from '../edit-tensor.ts';
import { wordChoice } from '../find-rows.ts';
import { OwnStorages } from '../own-storages.ts';

const SPEC = { keys: 'texts' } as const;
export type UntieArgs = ArgsOf<typeof SPEC>;

/** Gives each of these tensors that shares its storage one of its own, with the same elements. */
export const untie = planOp<UntieArgs>({
  id: 'untie',
  title: (args) => `Untie ${wordChoice(args)}`,
  parse: (args) => readArgs('untie', args, SPEC),
  plan(state, { keys }) {
    const tied = new Set(state.shares.flatMap(({ owner, aliases }) => [owner, ...aliases]));
    const storages = new OwnStorages(state);
    const replace = new Map<EntryId, Entry>();
    for (const key of keys) {
      const found = findTensor(state, key);
      if (tied.has(found.row) && !replace.has(found.row))
        replace.set(found.row, { ...found.entry, value: storages.own(found) });
    }
    return replace.size === 0 ? undefined : { storages: storages.list, replace };
  },
});
