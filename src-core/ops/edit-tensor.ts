/** What edits of tensors have in common: finding them, and putting derived ones in their place. */
import { type ErrorInfo, StateglassError, toErrorInfo } from '../base/errors.ts';
import { changeState, nextStorage, type StateChange } from '../model/change-state.ts';
import type { DerivedInput, Entry, EntryId, StateDict, Storage, TensorValue } from '../model/state-dict.ts';
import type { Derivation } from '../tensor/derivation.ts';
import { bitsOf, countElements, type DType, dtypeLabel, familyOf, isBlockDType } from '../tensor/dtype.ts';
import { requireKey } from './find-rows.ts';
import { type Donors, NO_DONORS, type Op } from './op.ts';

export interface FoundTensor {
  readonly row: EntryId;
  readonly entry: Entry;
  readonly value: TensorValue;
  readonly storage: Storage | undefined;
}

/**
 * The tensor of a key; `where` names the state.
 *
 * @throws `not-found` for a key that is not there or a tensor that is not declared, `bad-input` for what is no tensor.
 */
export const findTensor = (state: StateDict, key: string, where?: string): FoundTensor =>
  tensorAt(state, requireKey(state, key, where));

/** @throws `not-found` for a tensor that is not declared, `bad-input` for what is no tensor. */
export function tensorAt(state: StateDict, row: EntryId): FoundTensor {
  const entry = state.entries.at(row);
  const { key, value } = entry;
  if (value.type !== 'tensor')
    throw new StateglassError({ kind: 'bad-input', detail: `${key} is ${value.type}, not a tensor` });
  if (value.undeclared)
    throw new StateglassError({ kind: 'not-found', what: key, detail: 'its dtype and shape are not known' });
  return { row, entry, value, storage: value.storage === undefined ? undefined : state.storages.get(value.storage) };
}

/** Why elements cannot be made anew: quantised ones, and those of less than a byte. */
function whyNotWhole({ dtype, quant, negative, conjugate, wrapper }: TensorValue): string | undefined {
  const bits = bitsOf(dtype);
  if (quant || familyOf(dtype) === 'quant') return 'it is quantised: its values are not edited yet';
  if (isBlockDType(dtype))
    return `its values are stored in blocks of ${dtypeLabel(dtype)}, which none can leave alone: cast it to f32 or f16 first`;
  if (bits === undefined || bits % 8 !== 0)
    return `elements of ${dtypeLabel(dtype)} are no whole bytes: they are not edited yet`;
  if (negative || conjugate)
    return 'its signs are set apart (torch’s lazy negative or conjugate): its values are not edited';
  return wrapper?.startsWith('sparse') ? 'it is sparse: its values are not edited' : undefined;
}

/** @throws `unsupported` for elements that cannot be made anew: quantised ones, and those of less than a byte. */
export function requireWholeElements({ entry, value }: FoundTensor): void {
  const why = whyNotWhole(value);
  if (why !== undefined)
    throw new StateglassError({ kind: 'unsupported', file: entry.key, format: 'edit of values', detail: why });
}

const NUMBERS: ReadonlySet<string> = new Set(['float', 'half', 'float8', 'int', 'uint']);

/** Whether elements are real numbers that can be made anew. */
export const hasNumbers = (value: TensorValue): boolean =>
  whyNotWhole(value) === undefined && NUMBERS.has(familyOf(value.dtype));

/** @throws `unsupported` for elements that are no real numbers, too. */
export function requireNumbers(found: FoundTensor, op: string): void {
  requireWholeElements(found);
  if (hasNumbers(found.value)) return;
  const detail = `elements of ${dtypeLabel(found.value.dtype)} are no real numbers to compute with`;
  throw new StateglassError({ kind: 'unsupported', file: found.entry.key, format: op, detail });
}

/** @throws `not-found` where the bytes of a tensor are not here. */
export function requireInput({ entry, value, storage }: FoundTensor): DerivedInput {
  if (storage && storage.data.kind !== 'absent') return { value, storage };
  const detail = storage?.data.kind === 'absent' ? storage.data.why : 'it is declared without data';
  throw new StateglassError({ kind: 'not-found', what: entry.key, detail });
}

/** A dense tensor that is made of others. */
export interface Derived {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly expr: Derivation;
  readonly inputs: readonly DerivedInput[];
}

/** Where a storage that is in no state's table would have its number. */
const NO_ID = -1;

export function storageOfDerived({ dtype, shape, expr, inputs }: Derived): Storage {
  const byteLength = countElements(shape) * ((bitsOf(dtype) ?? 8) / 8);
  return { id: NO_ID, byteLength, endian: 'little', data: { kind: 'derived', expr, inputs } };
}

/** A derived tensor as an input of another. */
export const asInput = (derived: Derived): DerivedInput => ({
  value: { type: 'tensor', dtype: derived.dtype, shape: derived.shape, offset: 0 },
  storage: storageOfDerived(derived),
});

/**
 * Puts derived tensors in the place of others; `undefined` leaves one as it is. `derive` is told the place of the key too. All entries that share exactly the same view of a
 * storage are changed with it (tied weights stay tied), unless `untie` is set.
 */
export function deriveTensors(
  state: StateDict,
  keys: readonly string[],
  derive: (found: FoundTensor, place: number) => Derived | undefined,
  untie = false,
): StateChange | undefined {
  const storages: Storage[] = [];
  const replace = new Map<EntryId, Entry>();
  for (const [place, key] of keys.entries()) {
    const found = findTensor(state, key);
    if (replace.has(found.row)) continue;
    const derived = derive(found, place);
    if (!derived) continue;
    const storage = nextStorage(state) + storages.length;
    storages.push(storageOfDerived(derived));
    for (const row of untie ? [found.row] : rowsOfView(state, found)) {
      const entry = state.entries.at(row);
      const { strides: _, ...value } = entry.value as TensorValue;
      const { dtype, shape } = derived;
      replace.set(row, { ...entry, value: { ...value, dtype, shape, offset: 0, storage } });
    }
  }
  return replace.size > 0 ? { storages, replace } : undefined;
}

/** The entry and those tied to it that look at its elements in the same way. */
export function rowsOfView(state: StateDict, { row, value }: FoundTensor): readonly EntryId[] {
  const isTied = (other: EntryId): boolean => {
    const { value: also } = state.entries.at(other);
    return also.type === 'tensor' && also.storage !== undefined && viewOf(also) === viewOf(value);
  };
  const groups = state.shares.filter(({ owner, aliases }) => owner === row || aliases.includes(row));
  const rows = new Set(groups.flatMap(({ owner, aliases }) => [owner, ...aliases]).filter(isTied));
  return [...rows.add(row)];
}

const viewOf = ({ storage, dtype, shape, strides, offset }: TensorValue): string =>
  JSON.stringify([storage, dtype, shape, strides ?? null, offset]);

/** An op whose change is planned at once: what the plan throws is what `check` objects. */
export function planOp<Args>(
  op: Pick<Op<Args>, 'id' | 'title' | 'parse'> & {
    plan(state: StateDict, args: Args, donors: Donors): StateChange | undefined;
  },
): Op<Args> {
  return {
    ...op,
    check(state, args, donors = NO_DONORS): ErrorInfo | undefined {
      try {
        op.plan(state, args, donors);
        return undefined;
      } catch (error) {
        return toErrorInfo(error);
      }
    },
    apply(state, args, donors = NO_DONORS) {
      const change = op.plan(state, args, donors);
      return change ? changeState(state, change) : state;
    },
  };
}
