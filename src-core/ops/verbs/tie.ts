import { StateglassError } from '../../base/errors.ts';
import type { Entry, EntryId } from '../../model/state-dict.ts';
import { dtypeLabel } from '../../tensor/dtype.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { findTensor, planOp, requireInput } from '../edit-tensor.ts';
import { keepWrapper } from '../take-entries.ts';

const SPEC = { keys: 'texts' } as const;
/** The first is the one whose values all have then. */
export type TieArgs = ArgsOf<typeof SPEC>;

/** Lets tensors of one type and shape share the storage of the first, as tied weights do. What they held is gone. */
export const tie = planOp<TieArgs>({
  id: 'tie',
  title: ({ keys: [first, ...others] }) =>
    `Tie ${others.length === 1 ? others[0] : `${others.length} tensors`} to ${first}`,
  parse(args) {
    const read = readArgs('tie', args, SPEC);
    if (new Set(read.keys).size === read.keys.length && read.keys.length > 1) return read;
    throw new StateglassError({ kind: 'bad-input', detail: 'tie: keys are two or more, each once' });
  },
  plan(state, { keys }) {
    const [first, ...others] = keys.map((key) => findTensor(state, key));
    if (!first) return undefined;
    requireInput(first);
    const replace = new Map<EntryId, Entry>();
    for (const { row, entry, value } of others) {
      if (value.dtype !== first.value.dtype || value.shape.join() !== first.value.shape.join()) {
        const [theirs, own] = [value, first.value].map(
          ({ dtype, shape }) => `${dtypeLabel(dtype)} [${shape.join(', ')}]`,
        );
        const detail = `${entry.key} is ${theirs}, and ${first.entry.key} ${own}: only tensors that are alike are tied`;
        throw new StateglassError({ kind: 'bad-input', detail });
      }
      const tied = keepWrapper(value, first.value);
      if (JSON.stringify(tied) !== JSON.stringify(value)) replace.set(row, { ...entry, value: tied });
    }
    const rows = [first, ...others].map(({ row }) => row);
    const isTied = state.shares.some(({ owner, aliases }) =>
      rows.every((row) => row === owner || aliases.includes(row)),
    );
    return replace.size === 0 && isTied ? undefined : { replace, ties: [rows] };
  },
});
