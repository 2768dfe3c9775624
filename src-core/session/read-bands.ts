import type { FileSet } from '../bytes/source.ts';
import type { Piece } from '../compute/read-elements.ts';
import { componentsOf } from '../tensor/decode.ts';
import { bitsOf } from '../tensor/dtype.ts';
import { contiguousStrides, type StoredBytes, type TensorLayout } from '../tensor/layout.ts';
import { type Slice, type SliceItem, wholeSlice } from '../tensor/slice.ts';
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
    const { values } = await readSlice(bits, storage, files, components === 2 ? [...band, PAIR] : band, options);
    const bytes = packUnsigned(bits.dtype, values);
    yield { bytes, count: values.length / components };
  }
}

const PAIR: SliceItem = { kind: 'range', start: 0, count: 2, step: 1 };
type Unsigned = 'u8' | 'u16' | 'u32' | 'u64';

/** The same bits as unsigned integers, which come through unchanged; two of them for a complex number. */
function asUnsigned({ dtype, shape, strides, offset }: TensorLayout): TensorLayout & { readonly dtype: Unsigned } {
  const components = componentsOf(dtype);
  const unsigned = `u${(bitsOf(dtype) ?? 8) / components}` as Unsigned;
  const steps = strides ?? contiguousStrides(shape);
  if (components === 1) return { dtype: unsigned, shape, strides: steps, offset };
  return { dtype: unsigned, shape: [...shape, 2], strides: [...steps.map((step) => 2 * step), 1], offset: 2 * offset };
}

function packUnsigned(dtype: Unsigned, values: Float64Array | BigInt64Array | BigUint64Array): Uint8Array<ArrayBuffer> {
  if (!(values instanceof Float64Array)) return new Uint8Array(values.buffer as ArrayBuffer);
  const packed =
    dtype === 'u8' ? Uint8Array.from(values) : dtype === 'u16' ? Uint16Array.from(values) : Uint32Array.from(values);
  return new Uint8Array(packed.buffer);
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
