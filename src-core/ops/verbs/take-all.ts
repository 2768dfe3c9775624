import { StateglassError } from '../../base/errors.ts';
import { findRow } from '../../model/find-row.ts';
import { keyOfRow } from '../../model/key-text.ts';
import type { EntryId, StateDict } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { planOp } from '../edit-tensor.ts';
import { CHOICE, findChosen, isError } from '../find-rows.ts';
import { findDonor } from '../give-values.ts';
import type { Donors } from '../op.ts';
import { type Taking, takeEntries, tellDifference } from '../take-entries.ts';

const SPEC = { donor: 'text', ...CHOICE, from: 'text?', to: 'text?', untie: 'flag?' } as const;
/**
 * Entries of the donor: those of `keys`, those that `query` finds, or all; of them those that lie in the module `from`, where it is
 * given. Their keys here begin with `to` instead of `from`: `from: 'a', to: 'b.c'` makes `a.weight` `b.c.weight`. Without `to` they
 * are the same. Entries tied to a tensor that is replaced follow it unless `untie` is set.
 */
export type TakeAllArgs = ArgsOf<typeof SPEC>;

/** Takes many entries of a donor, as `take` takes one. */
export const takeAll = planOp<TakeAllArgs>({
  id: 'take-all',
  title(args, state, donors) {
    const { donor, from = '', to = from } = args;
    const takings = listTakings(args, donors);
    const what = args.query ?? (from === '' ? 'all' : from);
    const counts = countDifferences(state, findDonor(donors, donor), takings);
    const more = [
      ...(counts.added > 0 ? [`${counts.added} new`] : []),
      ...(counts.different > 0 ? [`${counts.different} of another type or shape`] : []),
    ];
    const mapping = to === from ? '' : ` as ${to === '' ? 'the whole' : to}`;
    const chosen = args.keys ? '' : ` (${what})`;
    return `Take ${takings.length} entries from ${donor}${chosen}${mapping}${more.length > 0 ? `: ${more.join(', ')}` : ''}`;
  },
  parse: (args) => readArgs('take-all', args, SPEC),
  plan(state, args, donors) {
    const takings = listTakings(args, donors);
    if (takings.length === 0)
      throw new StateglassError({ kind: 'not-found', what: args.donor, detail: 'none of its entries is meant' });
    return takeEntries(state, findDonor(donors, args.donor), takings, args.untie);
  },
});

/** Which entries are meant, and what they are called here. */
export function listTakings({ donor: name, keys, query, from = '', to = from }: TakeAllArgs, donors: Donors): Taking[] {
  const donor = findDonor(donors, name);
  const chosen =
    keys || query !== undefined ? findChosen(donor, { ...(keys && { keys }), ...(query && { query }) }) : allOf(donor);
  if (isError(chosen)) throw new StateglassError(chosen);
  const columns = donor.entries.columns();
  return [...chosen].flatMap((row) => {
    const key = moveKey(keyOfRow(columns, row), from, to);
    return key === undefined ? [] : { from: row, to: key };
  });
}

const allOf = ({ entries }: StateDict): ReadonlySet<EntryId> =>
  new Set(Array.from({ length: entries.length }, (_, row) => row));

/** The key in another module; undefined when it does not lie in the first. */
function moveKey(key: string, from: string, to: string): string | undefined {
  if (key !== from && from !== '' && !key.startsWith(`${from}.`)) return undefined;
  const rest = from === '' ? key : key.slice(from.length + 1);
  return [to, rest].filter((part) => part !== '').join('.');
}

function countDifferences(state: StateDict, donor: StateDict, takings: readonly Taking[]) {
  const counts = { added: 0, different: 0 };
  for (const { from, to } of takings) {
    const row = findRow(state, to);
    if (row === undefined) counts.added++;
    else if (tellDifference(state.entries.at(row).value, donor.entries.at(from).value) !== undefined)
      counts.different++;
  }
  return counts;
}
