/** Stored elements to written ones, a piece after the other. Elements are little-endian and densely packed on both sides. */
import type { Quant, TensorValue } from '../model/state-dict.ts';
import { componentsOf, decodeElements } from '../tensor/decode.ts';
import { bitsOf, type DType } from '../tensor/dtype.ts';
import { openDequantiser, type ReadPart } from './dequantise.ts';

/** Takes the next elements, which it may change, and gives what is written for them. */
export type TurnPieces = (bytes: Uint8Array<ArrayBuffer>, count: number) => Uint8Array<ArrayBuffer>;

/** Applies torch's lazy sign and conjugate bits. */
export function signPieces({ dtype, negative = false, conjugate = false }: TensorValue): TurnPieces {
  const components = componentsOf(dtype);
  const width = (bitsOf(dtype) ?? 8) / 8 / components;
  if (/^[iu]\d/.test(dtype)) return (bytes) => negateIntegers(bytes, width);
  const [real, imaginary] = [negative, negative !== conjugate];
  return (bytes) => {
    for (let at = width - 1, i = 0; at < bytes.length; at += width, i++) {
      if (components === 2 && i % 2 === 1 ? imaginary : real) bytes[at]! ^= 0x80;
    }
    return bytes;
  };
}

/** Two's complement: the most negative number stays itself, as in torch. */
function negateIntegers(bytes: Uint8Array<ArrayBuffer>, width: number): Uint8Array<ArrayBuffer> {
  for (let at = 0; at < bytes.length; at += width) {
    let carry = 1;
    for (let i = at; i < at + width; i++) {
      const sum = (bytes[i]! ^ 0xff) + carry;
      bytes[i] = sum;
      carry = sum >> 8;
    }
  }
  return bytes;
}

/** Narrow floats as f32, which has all their values. */
export function widenPieces(dtype: DType): TurnPieces {
  if (dtype === 'bf16') return widenBfloats;
  return (bytes, count) => {
    const numbers = new Float64Array(count);
    decodeElements(dtype, bytes, 'little', count, numbers);
    return bytesOf(Float32Array.from(numbers));
  };
}

/** The upper half of an f32: what a NaN carries stays too. */
function widenBfloats(bytes: Uint8Array<ArrayBuffer>, count: number): Uint8Array<ArrayBuffer> {
  const wide = new Uint8Array(4 * count);
  for (let i = 0; i < count; i++) {
    wide[4 * i + 2] = bytes[2 * i]!;
    wide[4 * i + 3] = bytes[2 * i + 1]!;
  }
  return wide;
}

/** Stored integers as the values they stand for, in f32. Undefined when the scales are not known. */
export async function dequantisePieces(
  { dtype, shape }: Pick<TensorValue, 'dtype' | 'shape'>,
  quant: Quant,
  read: ReadPart,
): Promise<TurnPieces | undefined> {
  const dequantise = await openDequantiser(quant, read);
  if (!dequantise) return undefined;
  const { axis, channels } = quant.scheme === 'per-channel-affine' ? quant : { axis: 0, channels: 1 };
  const inner = shape.slice(axis + 1).reduce((n, dim) => n * dim, 1);
  let done = 0;
  return (bytes, count) => {
    const numbers = new Float64Array(count);
    decodeElements(dtype, bytes, 'little', count, numbers);
    dequantise(numbers, (i) => Math.floor((done + i) / inner) % channels);
    done += count;
    return bytesOf(Float32Array.from(numbers));
  };
}

const bytesOf = ({ buffer }: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => new Uint8Array(buffer);
