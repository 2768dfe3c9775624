import { bitsOf, blockOf, type EntryId, familyOf, type Storage, type TensorValue } from '../../src-core/index.ts';
import type { DocumentId } from '../engine/api.ts';
import { engine } from './engine.ts';
import { strideOf } from './value-tiles.ts';

/** Where one element lies: bytes of its storage, and the bit it begins at in the first of them. */
export interface ElementPlace {
  readonly start: number;
  readonly end: number;
  readonly bit: number;
}

const placeOf = (tensor: TensorValue, index: readonly number[]): number =>
  index.reduce((sum, at, axis) => sum + at * strideOf(tensor, axis), tensor.offset);

/** Undefined for types of unknown size, and for those in blocks. */
export function placeOfElement(tensor: TensorValue, index: readonly number[]): ElementPlace | undefined {
  const bits = bitsOf(tensor.dtype);
  if (bits === undefined || blockOf(tensor.dtype)) return undefined;
  const element = placeOf(tensor, index);
  const first = element * bits;
  return { start: Math.floor(first / 8), end: Math.ceil((first + bits) / 8), bit: first % 8 };
}

/** The stored bits of one element as hexadecimal, most significant first: `0x3f800000`; two words for a complex number. Of a type in blocks, its place in one. */
export async function readElementBits(
  document: DocumentId,
  entry: EntryId,
  tensor: TensorValue,
  endian: Storage['endian'],
  index: readonly number[],
  signal: AbortSignal,
): Promise<string> {
  const block = blockOf(tensor.dtype);
  if (block) {
    const element = placeOf(tensor, index);
    return `${element % block.elements} of block ${Math.floor(element / block.elements)}`;
  }
  const place = placeOfElement(tensor, index);
  if (!place) return '';
  const bytes = await engine().storedBytes({ document, entry, start: place.start, end: place.end }, { signal });
  return bitsText(bytes, tensor, endian, place.bit);
}

export function bitsText(bytes: Uint8Array, { dtype }: TensorValue, endian: Storage['endian'], bit: number): string {
  const bits = bitsOf(dtype) ?? 8;
  if (bits < 8) {
    const both = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
    return `0x${((both >> bit) & (2 ** bits - 1)).toString(16)}`;
  }
  const width = bits / 8 / (familyOf(dtype) === 'complex' ? 2 : 1);
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += width) {
    const word = [...bytes.subarray(at, at + width)];
    if (endian === 'little') word.reverse();
    words.push(`0x${word.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);
  }
  return words.join(' ');
}
