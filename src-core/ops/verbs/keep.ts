import { changeState } from '../../model/change-state.ts';
import type { EntryId } from '../../model/state-dict.ts';
import { readArgs } from '../args.ts';
import { CHOICE, type Choice, findChosen, isError, whyNone, wordChoice } from '../find-rows.ts';
import type { Op } from '../op.ts';

/** Takes all entries out but those that are meant. */
export const keepEntries: Op<Choice> = {
  id: 'keep',
  title: (args) => `Keep only ${wordChoice(args)}`,
  parse: (args) => readArgs('keep', args, CHOICE),
  check: whyNone,
  apply(state, args) {
    const kept = findChosen(state, args);
    if (isError(kept) || kept.size === state.entries.length) return state;
    const remove = new Set<EntryId>();
    for (let row = 0; row < state.entries.length; row++) if (!kept.has(row)) remove.add(row);
    return changeState(state, { remove });
  },
};
