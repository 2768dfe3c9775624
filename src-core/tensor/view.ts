/** Values of a part of a tensor, reading only what the part touches. */
import { malformed, StateglassError } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { FileSet } from '../bytes/source.ts';
import { asNumbers } from './blocks.ts';
import { componentsOf, type ValueArray, whyNotDecodable } from './decode.ts';
import { bitsOf, dtypeLabel, familyOf } from './dtype.ts';
import { type StoredBytes, selectElements, type TensorLayout } from './layout.ts';
import { makeValues, readSelection, spanOfSelection } from './read-selection.ts';
import { type Slice, sliceShape } from './slice.ts';
import { openStorage, requireStored } from './stored.ts';

export interface SliceValues {
  readonly shape: readonly number[];
  /** In C order. 64-bit integers are exact; complex numbers are pairs (real, imaginary). */
  readonly values: ValueArray;
  readonly complex?: true;
}

export interface ReadSliceOptions {
  /** What is read, for errors: a key. */
  readonly name?: string;
  /** For errors. */
  readonly format?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The values of a slice, with torch's lazily applied sign and conjugate bits applied; of a tensor in blocks what they stand for.
 *
 * @throws `not-found` when the bytes are not here, `malformed` when the slice touches what the storage or the file does not
 * have, `unsupported` for a type without numbers, `limit` when the slice is too large to be held, `source` when reading fails.
 */
export async function readSlice(
  of: TensorLayout,
  stored: StoredBytes | undefined,
  files: FileSet,
  slice: Slice,
  options: ReadSliceOptions = {},
): Promise<SliceValues> {
  const { name = 'tensor', format = 'tensor', signal } = options;
  const { value: tensor, storage } = asNumbers(of, stored);
  const { dtype } = tensor;
  const why = whyNotDecodable(dtype);
  // Where nothing is there, the reason matters more than the type, which may not be known either.
  if (why !== undefined) requireStored(storage, name);
  if (why !== undefined)
    throw new StateglassError({ kind: 'unsupported', file: name, format: dtypeLabel(dtype), detail: why });
  const selection = selectElements(tensor, slice);
  const components = componentsOf(dtype);
  checkSize(name, selection.count * components * 8);
  const values = makeValues(dtype, selection.count * components);
  if (selection.count > 0) {
    const touched = spanOfSelection(selection, bitsOf(dtype) as number);
    const { byteLength, endian } = requireStored(storage, name);
    if (touched.start < 0 || touched.end > byteLength) {
      const detail = `the values asked for are at bytes ${touched.start} to ${touched.end} of a storage of ${byteLength}`;
      throw malformed(name, format, detail);
    }
    const read = openStorage(storage, files, { name, format, within: touched });
    await readSelection({ dtype, endian, read }, selection, values, signal);
  }
  applySigns(tensor, values);
  return { shape: sliceShape(slice), values, ...(components === 2 && { complex: true as const }) };
}

function checkSize(name: string, bytes: number): void {
  if (bytes <= LIMITS.sliceBytes) return;
  throw new StateglassError({
    kind: 'limit',
    file: name,
    limit: 'sliceBytes',
    value: bytes,
    max: LIMITS.sliceBytes,
    detail: 'too many values to hold at once: take a smaller slice',
  });
}

function applySigns({ dtype, negative, conjugate }: TensorLayout, values: ValueArray): void {
  if (negative) {
    if (!(values instanceof Float64Array)) for (let i = 0; i < values.length; i++) values[i] = -(values[i] as bigint);
    else if (familyOf(dtype) === 'int') for (let i = 0; i < values.length; i++) values[i] = 0 - (values[i] as number);
    else for (let i = 0; i < values.length; i++) values[i] = -(values[i] as number);
  }
  if (conjugate && componentsOf(dtype) === 2) {
    for (let i = 1; i < values.length; i += 2) values[i] = -(values[i] as number);
  }
}
