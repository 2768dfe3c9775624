import { findRow } from '../../model/find-row.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { planOp } from '../edit-tensor.ts';
import { requireKey } from '../find-rows.ts';
import { findDonor } from '../give-values.ts';
import { takeEntries, tellDifference } from '../take-entries.ts';

const SPEC = { key: 'text', donor: 'text', from: 'text?', untie: 'flag?' } as const;
/**
 * `from` is the donor's key, `key` itself without it. Entries tied to a tensor that is replaced follow it unless `untie` is set.
 */
export type TakeArgs = ArgsOf<typeof SPEC>;

/** Puts a donor's value in the place of an entry's, or adds an entry that holds it. Type and shape may be others. */
export const take = planOp<TakeArgs>({
  id: 'take',
  title({ key, donor, from = key }, state, donors) {
    const row = findRow(state, key);
    const given = findDonor(donors, donor);
    const value = given.entries.at(requireKey(given, from, donor)).value;
    const difference = row === undefined ? undefined : tellDifference(state.entries.at(row).value, value);
    const act = row === undefined ? `Add ${key} from` : `Take ${key} from`;
    return `${act} ${donor}${from === key ? '' : `: ${from}`}${difference === undefined ? '' : ` (${difference})`}`;
  },
  parse: (args) => readArgs('take', args, SPEC),
  plan(state, { key, donor, from = key, untie }, donors) {
    const given = findDonor(donors, donor);
    return takeEntries(state, given, [{ from: requireKey(given, from, donor), to: key }], untie);
  },
});
