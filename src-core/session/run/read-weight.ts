/** Tensors of the file as the f32 a graph takes. */
import { throwIfAborted } from '../../base/errors.ts';
import type { EntryId } from '../../model/state-dict.ts';
import { countElements } from '../../tensor/dtype.ts';
import { findEntry } from '../describe.ts';
import type { Document } from '../document.ts';
import { cutBands } from '../read-bands.ts';
import { readValues, tensorOf } from '../values.ts';

/** Elements held as f64 on their way: 32 MB. */
const BAND_ELEMENTS = 2 ** 22;

/**
 * All elements of a tensor in C order as f32: narrower floats are exact, quantised tensors are dequantised, wider numbers are rounded.
 *
 * @throws as `readValues`; `unsupported` for complex numbers.
 */
export async function readWeight(
  document: Document,
  row: EntryId,
  signal?: AbortSignal,
): Promise<Float32Array<ArrayBuffer>> {
  const { shape } = tensorOf(findEntry(document, row));
  const weight = new Float32Array(countElements(shape));
  let at = 0;
  for (const band of cutBands(shape, BAND_ELEMENTS)) {
    throwIfAborted(signal);
    const { values } = await readValues(document, row, band, signal);
    if (values instanceof Float64Array) weight.set(values, at);
    else for (let i = 0; i < values.length; i++) weight[at + i] = Number(values[i]);
    at += values.length;
  }
  return weight;
}
