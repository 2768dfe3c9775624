import { StateglassError } from '../base/errors.ts';
import type { Entry, Problem, StateDict, TensorValue, Value } from '../model/state-dict.ts';
import { countElements, type DType, dtypeLabel, familyOf, packedBytes } from '../tensor/dtype.ts';

/** A tensor that is to be written. */
export interface TakenTensor {
  readonly key: string;
  readonly value: TensorValue;
  /** Of its elements, densely packed. */
  readonly bytes: number;
}

/** What a format can hold. */
export interface TensorHold {
  /** For messages: `NumPy`. */
  readonly format: string;
  /** Why this tensor cannot be written as it is, as a sentence part that follows its name; undefined when it can. */
  readonly refuse: (value: TensorValue, key: string) => string | undefined;
  /** Whether it holds a value that is no tensor, too. Absent: none of them. */
  readonly holds?: (value: Value) => boolean;
}

/** Names of a list that are told; a count stands for the rest. */
const TOLD = 3;

/**
 * The tensors of a state dict; entries that the format does not hold become a loss.
 *
 * @throws `unsupported` when there is no tensor or one that the format refuses, `bad-input` for two of the same name.
 */
export function takeTensors(
  state: StateDict,
  hold: TensorHold,
): { readonly tensors: readonly TakenTensor[]; readonly losses: readonly Problem[] } {
  const tensors: TakenTensor[] = [];
  const refused: { key: string; why: string }[] = [];
  const others: Entry[] = [];
  const names = new Set<string>();
  for (let row = 0; row < state.entries.length; row++) {
    const entry = state.entries.at(row);
    const { key, value } = entry;
    if (value.type !== 'tensor') {
      if (!hold.holds?.(value)) others.push(entry);
      continue;
    }
    if (names.has(key))
      throw new StateglassError({ kind: 'bad-input', detail: `two of the tensors to write are called ${key}` });
    names.add(key);
    const bytes = packedBytes(value.dtype, countElements(value.shape));
    const why = hold.refuse(value, key) ?? whyNoSize(value, bytes) ?? whyNoName(key);
    if (why !== undefined) refused.push({ key, why });
    else tensors.push({ key, value, bytes: bytes as number });
  }
  if (refused[0]) throw refuseTensor(hold.format, refused[0].key, refused[0].why, refused.length - 1);
  if (tensors.length === 0) {
    const detail = 'it holds tensors, and there is none among the entries to write';
    throw new StateglassError({ kind: 'unsupported', file: others[0]?.key ?? 'export', format: hold.format, detail });
  }
  return { tensors, losses: others.length === 0 ? [] : [leaveOut(others)] };
}

/**
 * The one tensor of a state dict, for formats that hold one.
 *
 * @throws as `takeTensors`; `bad-input` when there are several, naming some.
 */
export function takeOneTensor(
  state: StateDict,
  hold: TensorHold,
): { readonly tensor: TakenTensor; readonly losses: readonly Problem[] } {
  const names: string[] = [];
  for (let row = 0; row < state.entries.length; row++) {
    const { key, value } = state.entries.at(row);
    if (value.type === 'tensor') names.push(key);
  }
  if (names.length > 1) {
    const detail = `${hold.format} holds one tensor, and there are ${names.length} to write: ${tell(names)}`;
    throw new StateglassError({ kind: 'bad-input', detail });
  }
  const { tensors, losses } = takeTensors(state, hold);
  return { tensor: tensors[0] as TakenTensor, losses };
}

function tell(names: readonly string[]): string {
  const more = names.length - TOLD;
  return `${names.slice(0, TOLD).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function whyNoSize({ dtype }: TensorValue, bytes: number | undefined): string | undefined {
  if (bytes === undefined) return `its elements (${dtypeLabel(dtype)}) do not fill whole bytes`;
  return Number.isSafeInteger(bytes) ? undefined : 'it is larger than any file';
}

const whyNoName = (key: string): string | undefined =>
  key.isWellFormed() ? undefined : 'its name is no valid Unicode';

function refuseTensor(format: string, key: string, why: string, more: number): StateglassError {
  const detail = more === 0 ? why : `${why}; ${more} more cannot be written either`;
  return new StateglassError({ kind: 'unsupported', file: key, format, detail });
}

function leaveOut(others: readonly Entry[]): Problem {
  const told = tell(others.map(({ key, value }) => `${key} (${value.type})`));
  return {
    code: 'left-out',
    severity: 'warning',
    message: `${others.length === 1 ? 'One entry is no tensor and is' : `${others.length} entries are no tensors and are`} left out: ${told}.`,
  };
}

/** Other types than its own are no loss where a wider one holds all their values. */
export const wordNoType = (dtype: DType): string => {
  const family = familyOf(dtype);
  const isHeldByF32 = family === 'half' || family === 'float8' || family === 'block';
  const hint = isHeldByF32 ? '; as f32 it keeps every value' : '';
  return `no element type ${dtypeLabel(dtype)}${hint}`;
};
