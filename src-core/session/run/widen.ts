/** Stored elements as f32, for types whose numbers f32 holds. */
import { decodeTable } from '../../tensor/decode.ts';
import { bitsOf, type DType } from '../../tensor/dtype.ts';

/** Puts little-endian elements into a weight, from a place on. */
export type Widen = (bytes: Uint8Array<ArrayBuffer>, weight: Float32Array<ArrayBuffer>, at: number) => void;

/** Of f32, and of types with few enough codes to list. */
export function widenerOf(dtype: DType): Widen | undefined {
  if (dtype === 'f32') return (bytes, weight, at) => new Uint8Array(weight.buffer, 4 * at, bytes.length).set(bytes);
  const numbers = numbersOf(dtype);
  if (!numbers) return undefined;
  const width = (bitsOf(dtype) as number) / 8;
  return (bytes, weight, at) => {
    const { buffer, byteOffset, length } = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
    const codes = width === 1 ? bytes : new Uint16Array(buffer, byteOffset, length / 2);
    for (let i = 0; i < codes.length; i++) weight[at + i] = numbers[codes[i]!]!;
  };
}

const known = new Map<DType, Float32Array | undefined>();

/** The number of every code. */
function numbersOf(dtype: DType): Float32Array | undefined {
  if (known.has(dtype)) return known.get(dtype);
  const table = decodeTable(dtype);
  const numbers = table && Float32Array.from(table);
  known.set(dtype, numbers);
  return numbers;
}
