/** A sample from a file: an array of NumPy, or a tensor of a document. */
import { StateglassError } from '../../base/errors.ts';
import { parseNpyHeader } from '../../formats/numpy/npy-header.ts';
import type { ElementType } from '../../graph/graph.ts';
import type { EntryId } from '../../model/state-dict.ts';
import { wholeSlice } from '../../tensor/slice.ts';
import { readSlice, type SliceValues } from '../../tensor/view.ts';
import type { Document } from '../document.ts';
import type { RunTensor } from '../ports.ts';
import { readValues } from '../values.ts';

/**
 * A whole `.npy` file as numbers of the type an input takes.
 *
 * @throws `malformed`, `limit` or `unsupported` as its header says; `bad-input` for complex numbers.
 */
export async function readNpy(bytes: Uint8Array<ArrayBuffer>, name: string, as: ElementType): Promise<RunTensor> {
  const { type, shape, fortranOrder, length } = parseNpyHeader(bytes, { file: name });
  if (type.is.kind !== 'numbers' && type.is.kind !== 'void')
    throw new StateglassError({
      kind: 'unsupported',
      file: name,
      format: 'NumPy',
      detail: type.is.kind === 'fields' ? 'structured arrays are no sample' : `arrays of ${type.descr} are no sample`,
    });
  const { dtype, endian } = type.is;
  const data = bytes.subarray(length);
  const layout = { dtype, shape, offset: 0, ...(fortranOrder && { strides: fortranStrides(shape) }) };
  const storage = { byteLength: data.length, endian, data: { kind: 'inline' as const, bytes: data } };
  return toRunTensor(
    await readSlice(layout, storage, new Map(), wholeSlice(shape), { name, format: 'numpy' }),
    name,
    as,
  );
}

/** A tensor of a document as numbers of the type an input takes. @throws as `readValues`, and `bad-input` for complex numbers. */
export async function readSample(document: Document, id: EntryId, as: ElementType): Promise<RunTensor> {
  const found = await readValues(document, id);
  return toRunTensor(found, found.key, as);
}

function toRunTensor({ shape, values, complex }: SliceValues, name: string, as: ElementType): RunTensor {
  if (complex)
    throw new StateglassError({ kind: 'bad-input', detail: `${name} holds complex numbers: a sample is real` });
  const numbers: ArrayLike<number | bigint> = values;
  if (as === 'f32') return { dtype: 'f32', shape, data: Float32Array.from(numbers, Number) };
  if (as === 'bool')
    return { dtype: 'bool', shape, data: Uint8Array.from(numbers, (value) => (Number(value) ? 1 : 0)) };
  return { dtype: 'i64', shape, data: BigInt64Array.from(numbers, (value) => BigInt(Math.trunc(Number(value)))) };
}

function fortranStrides(shape: readonly number[]): number[] {
  let step = 1;
  return shape.map((size) => {
    const stride = step;
    step *= size;
    return stride;
  });
}
