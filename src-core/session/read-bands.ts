import type { FileSet } from '../bytes/source.ts';
import type { Piece } from '../compute/read-elements.ts';
import { componentsOf } from '../tensor/decode.ts';
import type { StoredBytes, TensorLayout } from '../tensor/layout.ts';
import { asUnsigned, packUnsigned, sliceOfBits } from '../tensor/raw-bits.ts';
import { type Slice, wholeSlice } from '../tensor/slice.ts';
import { type ReadSliceOptions, readSlice } from '../tensor/view.ts';

/** Elements held at once: some tens of megabytes, as the numbers that they pass through. */
const BAND_ELEMENTS = 2 ** 22;

/**
 * The elements of any view in C order, little-endian, densely packed: bands of what is written are gathered one after the other, each
 * in the order of the storage. A large matrix that is stored transposed is read once for each band, and never held whole.
 */
export async function* readBands(
  tensor: TensorLayout,
  storage: StoredBytes | undefined,
  files: FileSet,
  options: ReadSliceOptions,
  bandElements = BAND_ELEMENTS,
): AsyncGenerator<Piece> {
  const components = componentsOf(tensor.dtype);
  const bits = asUnsigned(tensor);
  for (const band of cutBands(tensor.shape, bandElements)) {
    const { values } = await readSlice(bits, storage, files, sliceOfBits(tensor.dtype, band), options);
    const bytes = packUnsigned(bits.dtype, values);
    yield { bytes, count: values.length / components };
  }
}

/** All of a shape in parts of at most `most` elements, in C order. */
export function* cutBands(shape: readonly number[], most: number, fixed: Slice = []): Generator<Slice> {
  const [rows, ...inner] = shape;
  if (rows === undefined) {
    yield fixed;
    return;
  }
  const width = inner.reduce((n, dim) => n * dim, 1);
  if (width > most) {
    for (let at = 0; at < rows; at++) yield* cutBands(inner, most, [...fixed, { kind: 'index', at }]);
    return;
  }
  const step = Math.max(1, Math.floor(most / Math.max(1, width)));
  for (let start = 0; start < rows; start += step) {
    const count = Math.min(step, rows - start);
    yield [...fixed, { kind: 'range', start, count, step: 1 }, ...wholeSlice(inner)];
  }
}
