/** Values of a donor's entries as another state can hold them: over storages of its own. */
import { StateglassError } from '../base/errors.ts';
import type { Entry, EntryId, Quant, StateDict, TensorValue, Value } from '../model/state-dict.ts';
import { type FoundTensor, tensorAt } from './edit-tensor.ts';
import type { Donors } from './op.ts';
import type { OwnStorages } from './own-storages.ts';

/** @throws `not-found` for a donor that is not there. */
export function findDonor(donors: Donors, name: string): StateDict {
  const found = donors.get(name);
  if (found) return found;
  throw new StateglassError({ kind: 'not-found', what: name, detail: 'no document of this name gives values' });
}

export interface Given {
  readonly entry: Entry;
  readonly value: Value;
}

/**
 * Gives the value of a row. Tensors that are the same view of the same bytes are given as one and the same value.
 *
 * @throws `not-found` for what has no bytes, `unsupported` for sparse tensors and objects of a pickle.
 */
export function openGiver(donor: StateDict, storages: OwnStorages): (row: EntryId) => Given {
  const given = new Map<string, TensorValue>();
  const giveTensor = (found: FoundTensor): TensorValue => {
    const view = JSON.stringify(found.value);
    const known = given.get(view);
    if (known) return known;
    if (found.value.wrapper?.startsWith('sparse')) throw refuse(found.entry, 'it is sparse, and given by no one');
    const value = storages.own(found);
    const whole = value.quant ? { ...value, quant: giveScales(found, value.quant) } : value;
    given.set(view, whole);
    return whole;
  };
  /** Scales of channels are tensors themselves. */
  const giveScales = ({ entry, row }: FoundTensor, quant: Quant): Quant => {
    if (quant.scheme !== 'per-channel-affine') return quant;
    const own = (value: TensorValue): TensorValue =>
      storages.own({ row, entry, value, storage: donor.storages.get(value.storage ?? -1) });
    const { scales, zeroPoints } = quant;
    return { ...quant, ...(scales && { scales: own(scales) }), ...(zeroPoints && { zeroPoints: own(zeroPoints) }) };
  };
  return (row) => {
    const entry = donor.entries.at(row);
    const { value } = entry;
    if (value.type === 'opaque') throw refuse(entry, `it is ${value.typeName}, an object that is never made`);
    if (value.type !== 'tensor') return { entry, value: storages.ownValue(value, donor) };
    return { entry, value: giveTensor(tensorAt(donor, row)) };
  };
}

const refuse = ({ key }: Entry, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file: key, format: 'taking values', detail });
