import { LIMITS } from '../../base/limits.ts';
import type { ByteSource, FileId } from '../../bytes/source.ts';
import type { MetaItem } from '../../model/state-dict.ts';
import { HeaderCursor, lengthText } from './header-cursor.ts';
import { readText, readValue } from './read-value.ts';
import { countBytes, type Encoding, METADATA } from './value-types.ts';

/** What the specification allows. */
const KEY_BYTES = 65_535;
const MAGIC_BYTES = 4;
/** Where tensors begin unless `general.alignment` says otherwise. */
export const ALIGNMENT = 32;

/** A tensor as the header declares it. */
export interface TensorInfo {
  readonly name: string;
  /** Bytes of the name. */
  readonly nameBytes: number;
  /** Fastest first, as they are stored; Infinity past 2^53. */
  readonly dims: readonly number[];
  readonly type: number;
  /** Bytes from the start of the data; Infinity past 2^53. */
  readonly offset: number;
  /** Its record in the file. */
  readonly place: Place;
}

/** Bytes [start, end) of the file. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface Header {
  readonly encoding: Encoding;
  readonly items: readonly MetaItem[];
  /** Where each item is, its key included. */
  readonly places: readonly Place[];
  readonly tensors: readonly TensorInfo[];
  /** Undefined for one that no program could mean. */
  readonly alignment: number | undefined;
  /** Offset of the end of the last record. */
  readonly end: number;
  /** Offset of the data. */
  readonly dataStart: number;
}

/**
 * The header of a file: reads windows of it until it ends, at most one window more than it has.
 *
 * @throws `malformed` where the header breaks, `unsupported` for later versions, `limit` for counts past the caps.
 */
export async function readHeader(source: ByteSource, file: FileId, signal?: AbortSignal): Promise<Header> {
  const cursor = new HeaderCursor(source, signal);
  await cursor.fill(MAGIC_BYTES + 4, 'its first 8 bytes');
  cursor.take(MAGIC_BYTES);
  cursor.encoding = readEncoding(cursor);
  await cursor.fill(2 * countBytes(cursor.encoding), 'its counts');
  const [tensorCount, itemCount] = [cursor.count(), cursor.count()];
  checkCount(cursor, itemCount, 'items of metadata', 'ggufItems', countBytes(cursor.encoding) + 5);
  checkCount(cursor, tensorCount, 'tensors', 'ggufTensors', 2 * countBytes(cursor.encoding) + 8);

  const items: MetaItem[] = [];
  const places: Place[] = [];
  for (let i = 0; i < itemCount; i++) {
    const start = cursor.place;
    const key = await readText(cursor, `the key of item ${i + 1} of ${itemCount}`, KEY_BYTES);
    items.push({ section: METADATA, key, ...(await readValue(cursor, file, key)) });
    places.push({ start, end: cursor.place });
  }
  const tensors: TensorInfo[] = [];
  for (let i = 0; i < tensorCount; i++) tensors.push(await readInfo(cursor, `tensor ${i + 1} of ${tensorCount}`));
  const alignment = alignmentOf(items);
  const end = cursor.place;
  return {
    encoding: cursor.encoding,
    items,
    places,
    tensors,
    alignment,
    end,
    dataStart: alignUp(end, alignment ?? ALIGNMENT),
  };
}

/** Versions are small: one that is not was written in the other byte order. */
function readEncoding(cursor: HeaderCursor): Encoding {
  const start = cursor.place;
  const stored = cursor.u32();
  const isBig = (stored & 0xffff) === 0 && stored !== 0;
  const version = isBig ? swapBytes(stored) : stored;
  if (version < 1 || version > 3) throw cursor.fail(`there is no version ${version} of GGUF: 1 to 3 are known`, start);
  return { version, endian: isBig ? 'big' : 'little' };
}

const swapBytes = (n: number): number => ((n >>> 24) | ((n >>> 8) & 0xff00) | ((n << 8) & 0xff0000) | (n << 24)) >>> 0;

function checkCount(
  cursor: HeaderCursor,
  count: number,
  what: string,
  limit: 'ggufItems' | 'ggufTensors',
  smallest: number,
): void {
  if (!(count * smallest <= cursor.left))
    throw cursor.fail(`it should have ${lengthText(count)} ${what}, more than fit into the file`);
  if (count > LIMITS[limit]) throw cursor.exceed(limit, count, `there are more ${what} than in any real file`);
}

async function readInfo(cursor: HeaderCursor, what: string): Promise<TensorInfo> {
  const start = cursor.place;
  const name = await readText(cursor, `the name of ${what}`, KEY_BYTES);
  const nameBytes = cursor.place - start - countBytes(cursor.encoding);
  await cursor.fill(4, what);
  const rankAt = cursor.place;
  const rank = cursor.u32();
  if (rank > LIMITS.ggufRank) throw cursor.fail(`${what} should have ${rank} dimensions; there are up to 4`, rankAt);
  // Offsets have 64 bits in every version.
  await cursor.fill(rank * countBytes(cursor.encoding) + 4 + 8, what);
  const dims: number[] = [];
  for (let i = 0; i < rank; i++) dims.push(cursor.count());
  const type = cursor.u32();
  const offset = cursor.long();
  return { name, nameBytes, dims, type, offset, place: { start, end: cursor.place } };
}

/** Undefined for zero, and for what is not a whole number of 32 bits. */
export function alignmentOf(items: readonly MetaItem[]): number | undefined {
  const item = items.findLast(({ key }) => key === 'general.alignment');
  if (!item) return ALIGNMENT;
  const said = item.value.kind === 'number' && item.type === 'u32' ? Number(item.value.lexeme) : 0;
  return said > 0 ? said : undefined;
}

export const alignUp = (at: number, alignment: number): number => Math.ceil(at / alignment) * alignment;
