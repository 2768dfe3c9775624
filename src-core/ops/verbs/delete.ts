import { changeState } from '../../model/change-state.ts';
import { readArgs } from '../args.ts';
import { CHOICE, type Choice, findChosen, isError, wordChoice } from '../find-rows.ts';
import type { Op } from '../op.ts';

/** Takes entries out. */
export const deleteEntries: Op<Choice> = {
  id: 'delete',
  title: (args) => `Delete ${wordChoice(args)}`,
  parse: (args) => readArgs('delete', args, CHOICE),
  check(state, args) {
    const found = findChosen(state, args);
    if (isError(found)) return found;
    return found.size > 0 ? undefined : { kind: 'not-found', what: wordChoice(args), detail: 'nothing matches' };
  },
  apply(state, args) {
    const remove = findChosen(state, args);
    return isError(remove) ? state : changeState(state, { remove });
  },
};
