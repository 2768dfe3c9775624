import { changeState } from '../../model/change-state.ts';
import { readArgs } from '../args.ts';
import { CHOICE, type Choice, findChosen, isError, whyNone, wordChoice } from '../find-rows.ts';
import type { Op } from '../op.ts';

/** Takes entries out. */
export const deleteEntries: Op<Choice> = {
  id: 'delete',
  title: (args) => `Delete ${wordChoice(args)}`,
  parse: (args) => readArgs('delete', args, CHOICE),
  check: whyNone,
  apply(state, args) {
    const remove = findChosen(state, args);
    return isError(remove) ? state : changeState(state, { remove });
  },
};
