/** What flax packs into its extensions: a MessagePack array of its own. */
import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Cursor } from '../../bytes/cursor.ts';
import { decodeText } from '../../bytes/wtf8.ts';
import { type Header, readHeader } from './header.ts';
import type { PackedArray } from './nodes.ts';

/** More than a shape of 64 dimensions and the name of a type take. */
export const INNER_BYTES = 1024;

/**
 * Shape, type and place of the elements in an extension of `length` bytes that begins at `from`; undefined when it is not made as
 * flax makes it. The cursor stands at its start.
 */
export function readInner(
  cursor: Cursor,
  from: number,
  length: number,
): Pick<PackedArray, 'shape' | 'dtype' | 'at' | 'length'> | undefined {
  return orUndefined(() => {
    if (countItems(cursor) !== 3) return undefined;
    const rank = countItems(cursor);
    if (rank === undefined || rank > LIMITS.tensorRank) return undefined;
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis++) {
      const dim = whole(cursor);
      if (dim === undefined) return undefined;
      shape.push(dim);
    }
    const dtype = texted(cursor);
    if (dtype === undefined) return undefined;
    const header = headerOf(cursor);
    if (header.kind !== 'bin' || cursor.at + header.payload !== length) return undefined;
    return { shape, dtype, at: from + cursor.at, length: header.payload };
  });
}

/** The two parts of a complex number. */
export function readComplex(cursor: Cursor): { readonly re: number; readonly im: number } | undefined {
  return orUndefined(() => {
    if (countItems(cursor) !== 2) return undefined;
    const [re, im] = [float(cursor), float(cursor)];
    return re === undefined || im === undefined ? undefined : { re, im };
  });
}

/** Running out of bytes is one more way not to be as flax makes it. */
function orUndefined<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof StateglassError) return undefined;
    throw error;
  }
}

const headerOf = (cursor: Cursor): Header => readHeader(cursor, 0, Number.MAX_SAFE_INTEGER);

function countItems(cursor: Cursor): number | undefined {
  const header = headerOf(cursor);
  return header.kind === 'array' ? header.count : undefined;
}

function whole(cursor: Cursor): number | undefined {
  const header = headerOf(cursor);
  if (header.kind !== 'scalar' || header.node.kind !== 'int') return undefined;
  const value = Number(header.node.digits);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function float(cursor: Cursor): number | undefined {
  const header = headerOf(cursor);
  if (header.kind !== 'scalar') return undefined;
  if (header.node.kind === 'float') return header.node.value;
  return header.node.kind === 'int' ? Number(header.node.digits) : undefined;
}

/** Texts are byte strings in files of MessagePack's first version. */
function texted(cursor: Cursor): string | undefined {
  const header = headerOf(cursor);
  if (header.kind !== 'text' && header.kind !== 'bin') return undefined;
  return decodeText(cursor.take(header.payload));
}
