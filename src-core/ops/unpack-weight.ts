/** A packed weight as a derived tensor. */
import { StateglassError } from '../base/errors.ts';
import { findRow } from '../model/find-row.ts';
import type { PackedWeight, UnpackPlan } from '../model/packed/packed-weight.ts';
import { planTable, readQuantState } from '../model/packed/quant-state.ts';
import type { DerivedInput, StateDict, StorageId, TensorValue } from '../model/state-dict.ts';
import { countElements } from '../tensor/dtype.ts';
import { whyNotEncodable } from '../tensor/encode.ts';
import { requireInput, storageOfDerived, tensorAt } from './edit-tensor.ts';

/**
 * How a weight is unpacked. `quantState`: what bitsandbytes keeps of it (see `QuantState`), where that is needed.
 *
 * @throws `bad-input` where that says too little, or tells of another weight.
 */
export function planWeight(state: StateDict, weight: PackedWeight, quantState: unknown): UnpackPlan {
  if (weight.plan) return weight.plan;
  const { key } = weight;
  const read = readQuantState(quantState);
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

/**
 * The weight as a tensor, on a storage that is to have this number.
 *
 * @throws `bad-input` where its type cannot be made, `not-found` where bytes that it is made of are not here.
 */
export function unpackWeight(state: StateDict, plan: UnpackPlan, id: StorageId): DerivedInput {
  const { packing, dtype, shape, inputs, transposed } = plan;
  const why = whyNotEncodable(dtype);
  if (why !== undefined) throw bad(`a weight of ${dtype} cannot be made: ${why}`);
  const made = madeShape(plan);
  const [rows = 1, columns = 1] = made.slice(-2);
  const value: TensorValue = { type: 'tensor', dtype, shape, offset: 0, storage: id };
  const storage = storageOfDerived({
    dtype,
    shape: made,
    expr: { kind: 'unpack', packing, dtype, columns: made.at(-1) ?? 1, rows: countElements(made) / (made.at(-1) ?? 1) },
    inputs: inputs.map((row) => requireInput(tensorAt(state, row))),
  });
  if (!transposed) return { value, storage };
  return { value: { ...value, strides: shape.length === 3 ? [rows * columns, 1, columns] : [1, columns] }, storage };
}

/** As it is made: the last two dimensions in the order of the codes. */
function madeShape({ shape, transposed }: UnpackPlan): readonly number[] {
  return transposed ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;
}

const bad = (detail: string): StateglassError =>
  new StateglassError({ kind: 'bad-input', detail: `unpack: ${detail}` });
