import { StateglassError } from '../../base/errors.ts';
import { nextStorage, type StateChange } from '../../model/change-state.ts';
import type { NewEntry } from '../../model/edited-entries.ts';
import { findRow } from '../../model/find-row.ts';
import { findPacked } from '../../model/packed/find-packed.ts';
import type { PackedConfig, PackedWeight } from '../../model/packed/packed-weight.ts';
import { keyOfPath, renamePath } from '../../model/rename-path.ts';
import type { EntryId, StateDict, Storage } from '../../model/state-dict.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { planOp, tensorAt } from '../edit-tensor.ts';
import { planWeight, unpackWeight } from '../unpack-weight.ts';

const SPEC = { keys: 'texts?', bits: 'number?', plainZeros: 'flag?', states: 'anything?' } as const;
/**
 * `keys`: of the weights as they are called afterwards; all that are packed without it. `bits` and `plainZeros` as in `PackedConfig`.
 * `states`: what bitsandbytes keeps of each of its 4-bit weights, by key (see `QuantState`): it is in the values of a tensor, which edits do
 * not read.
 */
export type UnpackArgs = ArgsOf<typeof SPEC>;

/** Puts weights in the place of what they are packed in: codes, scales and zero points. */
export const unpack = planOp<UnpackArgs>({
  id: 'unpack',
  title(args, state) {
    const weights = chooseWeights(state, args);
    const [first, second] = weights;
    return first && !second ? `Unpack ${first.key}` : `Unpack ${weights.length} packed weights`;
  },
  parse: (args) => readArgs('unpack', args, SPEC),
  plan(state, args): StateChange {
    const storages: Storage[] = [];
    const replace = new Map<EntryId, NewEntry>();
    const remove = new Set<EntryId>();
    for (const weight of chooseWeights(state, args)) {
      const there = findRow(state, weight.key);
      if (there !== undefined && there !== weight.row) throw bad(`${weight.key} is there already`);
      const { entry } = tensorAt(state, weight.row);
      const path = renamePath(entry.path, weight.key);
      const plan = planWeight(state, weight, stateOf(weight, args.states));
      const { value, storage } = unpackWeight(state, plan, nextStorage(state) + storages.length);
      storages.push(storage);
      replace.set(weight.row, { ...entry, path, key: keyOfPath(path), value });
      for (const part of weight.parts) remove.add(part);
    }
    return { storages, replace, remove };
  },
});

function chooseWeights(state: StateDict, { keys, bits, plainZeros }: UnpackArgs): readonly PackedWeight[] {
  const config: PackedConfig = { ...(bits !== undefined && { bits }), ...(plainZeros && { plainZeros }) };
  const found = findPacked(state, config);
  if (!keys) {
    if (found.length > 0) return found;
    throw new StateglassError({ kind: 'not-found', what: 'the document', detail: 'no packed weight is in it' });
  }
  const byKey = new Map(found.map((weight) => [weight.key, weight]));
  return keys.map((key) => {
    const weight = byKey.get(key);
    if (weight) return weight;
    throw new StateglassError({ kind: 'not-found', what: key, detail: 'no weight of this name is packed' });
  });
}

const stateOf = ({ key }: PackedWeight, states: unknown): unknown =>
  typeof states === 'object' && states !== null ? (states as Record<string, unknown>)[key] : undefined;

const bad = (detail: string): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `unpack: ${detail}` });
