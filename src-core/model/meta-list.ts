import { StateglassError } from '../base/errors.ts';
import { decodeText } from '../bytes/wtf8.ts';
import type { JsonNode, MetaList, MetaNumber } from './state-dict.ts';

/** Items between two marks of a list of texts. */
export const MARK_STEP = 256;

/** Bytes of a number in metadata. */
export const NUMBER_BYTES: Readonly<Record<MetaNumber, number>> = {
  u8: 1,
  i8: 1,
  bool: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  u64: 8,
  i64: 8,
  f64: 8,
};

/** Most items read at once. */
const PAGE_MAX = 10_000;

export type ReadSlice = (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Items [from, from + count) of a list, fewer at its end. Reads their bytes, and of texts those up to the marks around them.
 *
 * @param read the bytes [start, end) of the list's file.
 * @throws `bad-input` for more than 10,000 items at once.
 */
export async function readMetaList(
  list: MetaList,
  read: ReadSlice,
  from: number,
  count: number,
): Promise<readonly JsonNode[]> {
  const first = Math.max(0, Math.min(from, list.count));
  const end = Math.min(first + count, list.count);
  if (end - first > PAGE_MAX)
    throw new StateglassError({ kind: 'bad-input', detail: `at most ${PAGE_MAX} items are read at once` });
  if (end <= first) return [];
  const { offset } = list.bytes;
  if (list.of !== 'text') {
    const width = NUMBER_BYTES[list.of];
    const bytes = await read(offset + first * width, offset + end * width);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: end - first }, (_, i) =>
      numberNode(view, i * width, list.of as MetaNumber, list.endian),
    );
  }
  const mark = Math.floor(first / MARK_STEP);
  const { bytes, texts } = await readTexts(list, read, mark, Math.ceil(end / MARK_STEP));
  const skip = first - mark * MARK_STEP;
  return texts
    .slice(skip, skip + end - first)
    .map(([start, stop]) => ({ kind: 'string', value: decodeText(bytes.subarray(start, stop)) }));
}

/** The texts between two marks, as ranges of the bytes read. */
async function readTexts(
  { bytes: slice, marks = [], count, lengthBytes = 8, endian }: MetaList,
  read: ReadSlice,
  from: number,
  to: number,
) {
  const start = marks[from] ?? 0;
  const bytes = await read(slice.offset + start, slice.offset + (marks[to] ?? slice.length));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = endian === 'little';
  const lowAt = lengthBytes === 8 && !little ? 4 : 0;
  const texts: (readonly [start: number, end: number])[] = [];
  for (let at = 0, n = from * MARK_STEP; n < Math.min(count, to * MARK_STEP); n++) {
    // Lengths were looked at when the list was walked over: none is past 32 bits.
    const begin = at + lengthBytes;
    at = begin + view.getUint32(at + lowAt, little);
    texts.push([begin, at]);
  }
  return { bytes, texts };
}

/** A number as it is stored: exact, floats as the shortest text that gives them again. */
export function numberNode(view: DataView, at: number, of: MetaNumber, endian: MetaList['endian']): JsonNode {
  const little = endian === 'little';
  switch (of) {
    case 'bool':
      return { kind: 'bool', value: view.getUint8(at) !== 0 };
    case 'u8':
      return lexeme(view.getUint8(at));
    case 'i8':
      return lexeme(view.getInt8(at));
    case 'u16':
      return lexeme(view.getUint16(at, little));
    case 'i16':
      return lexeme(view.getInt16(at, little));
    case 'u32':
      return lexeme(view.getUint32(at, little));
    case 'i32':
      return lexeme(view.getInt32(at, little));
    case 'u64':
      return lexeme(view.getBigUint64(at, little));
    case 'i64':
      return lexeme(view.getBigInt64(at, little));
    case 'f32':
      return floatNode(shortestFloat(view.getFloat32(at, little)));
    case 'f64':
      return floatNode(view.getFloat64(at, little));
  }
}

const lexeme = (value: number | bigint): JsonNode => ({ kind: 'number', lexeme: String(value) });

function floatNode(value: number): JsonNode {
  if (!Number.isFinite(value)) return { kind: 'literal', lexeme: String(value), what: 'float' };
  return {
    kind: 'number',
    lexeme: Object.is(value, -0) ? '-0.0' : Number.isInteger(value) ? floatText(value) : String(value),
  };
}

/** A whole float keeps its point, so that it is seen to be none of the integers. */
const floatText = (value: number): string => (Math.abs(value) < 1e16 ? value.toFixed(1) : String(value));

/** The number with the fewest digits that rounds to the same f32: 1e-5 for 0.000009999999747378752. */
export function shortestFloat(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
