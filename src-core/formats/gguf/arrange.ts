import type { Part } from '../format.ts';
import { joinCopies } from '../join-copies.ts';
import { encodeInfo, encodeStart, type HeaderTensor } from './encode.ts';
import { alignUp } from './read-header.ts';

/** A tensor to be written: what the header says of it but its place, and its bytes. */
export interface PartedTensor extends Omit<HeaderTensor, 'begin'> {
  /** Bytes. */
  readonly length: number;
  readonly part: Part;
}

/** Bytes, or where they are copied from. */
export type ItemPart = Extract<Part, { kind: 'bytes' | 'copy' }>;

/** Items of metadata: how many there are, and their bytes. */
export interface WrittenItems {
  readonly count: number;
  readonly parts: readonly ItemPart[];
}

/** A file of these items and tensors: each tensor at the next multiple of the alignment, in their order, as llama.cpp wants it. */
export function arrangeFile(
  items: WrittenItems,
  tensors: readonly PartedTensor[],
  alignment: number,
): { readonly size: number; readonly parts: () => Iterable<Part> } {
  let at = 0;
  const infos = tensors.map(({ length, part: _, ...tensor }) => {
    const begin = at;
    at = alignUp(begin + length, alignment);
    return encodeInfo({ ...tensor, begin });
  });
  const header: Part[] = [bytesPart(encodeStart(tensors.length, items.count)), ...items.parts, ...infos.map(bytesPart)];
  const headerBytes = header.reduce((sum, part) => sum + lengthOf(part), 0);
  const dataStart = alignUp(headerBytes, alignment);
  function* parts(): Generator<Part> {
    yield* header;
    yield* padding(dataStart - headerBytes);
    for (const { part, length } of tensors) {
      if (length > 0) yield part;
      yield* padding(alignUp(length, alignment) - length);
    }
  }
  return { size: dataStart + at, parts: () => joinCopies(parts()) };
}

export const bytesPart = (bytes: Uint8Array<ArrayBuffer>): ItemPart => ({ kind: 'bytes', bytes });

function* padding(bytes: number): Generator<Part> {
  if (bytes > 0) yield bytesPart(new Uint8Array(bytes));
}

const lengthOf = (part: Part): number =>
  part.kind === 'bytes' ? part.bytes.length : part.kind === 'text' ? 0 : part.length;
