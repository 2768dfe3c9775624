import { StateglassError } from '../../base/errors.ts';
import { nextStorage, type StateChange } from '../../model/change-state.ts';
import type { NewEntry } from '../../model/edited-entries.ts';
import { findRow } from '../../model/find-row.ts';
import { findPacked } from '../../model/packed/find-packed.ts';
import type { PackedConfig, PackedWeight, UnpackPlan } from '../../model/packed/packed-weight.ts';
import { planTable, readQuantState } from '../../model/packed/quant-state.ts';
import { keyOfPath, renamePath } from '../../model/rename-path.ts';
import type { EntryId, StateDict, Storage, TensorValue } from '../../model/state-dict.ts';
import { countElements } from '../../tensor/dtype.ts';
import { whyNotEncodable } from '../../tensor/encode.ts';
import { type ArgsOf, readArgs } from '../args.ts';
import { planOp, requireInput, storageOfDerived, tensorAt } from '../edit-tensor.ts';

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
      const plan = weight.plan ?? planState(state, weight, args.states);
      const there = findRow(state, weight.key);
      if (there !== undefined && there !== weight.row) throw bad(`${weight.key} is there already`);
      const { entry } = tensorAt(state, weight.row);
      const path = renamePath(entry.path, weight.key);
      const value = tensorOfPlan(plan, nextStorage(state) + storages.length);
      storages.push(storageOf(state, plan));
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

function planState(state: StateDict, weight: PackedWeight, states: unknown): UnpackPlan {
  const { key } = weight;
  const given = typeof states === 'object' && states !== null ? (states as Record<string, unknown>)[key] : undefined;
  const read = readQuantState(given);
  if (!read) throw bad(`${key}: states.${key} has to tell its shape, dtype and blocksize`);
  const names = ['absmax', 'quant_map', 'nested_absmax', 'nested_quant_map'];
  const plan = planTable(
    weight,
    read,
    names.flatMap((name) => findRow(state, `${key}.${name}`) ?? []),
  );
  if (!plan) throw bad(`${key}: its quant_state tells of [${read.shape.join(', ')}], which does not fit its tensors`);
  return plan;
}

/** As it is made: the last two dimensions in the order of the codes. */
function madeShape({ shape, transposed }: UnpackPlan): readonly number[] {
  return transposed ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;
}

function tensorOfPlan(plan: UnpackPlan, storage: number): TensorValue {
  const { dtype, shape, transposed } = plan;
  const why = whyNotEncodable(dtype);
  if (why !== undefined) throw bad(`a weight of ${dtype} cannot be made: ${why}`);
  const value = { type: 'tensor', dtype, shape, offset: 0, storage } as const;
  if (!transposed) return value;
  const [rows, columns] = madeShape(plan).slice(-2) as [number, number];
  const matrix = rows * columns;
  return { ...value, strides: shape.length === 3 ? [matrix, 1, columns] : [1, columns] };
}

function storageOf(state: StateDict, plan: UnpackPlan): Storage {
  const { packing, dtype, inputs } = plan;
  const shape = madeShape(plan);
  const columns = shape.at(-1) ?? 1;
  return storageOfDerived({
    dtype,
    shape,
    expr: { kind: 'unpack', packing, dtype, columns, rows: countElements(shape) / columns },
    inputs: inputs.map((row) => requireInput(tensorAt(state, row))),
  });
}

const bad = (detail: string): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `unpack: ${detail}` });
