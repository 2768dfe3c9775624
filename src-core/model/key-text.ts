import type { PathPart } from './keys/key.ts';
import { type EntryColumns, PART_INT } from './state-dict.ts';

// A byte-order mark inside a key is part of the key.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const DOT = 0x2e;

/** The parts of a row's path, outermost first; none for the root. An integer too large to be exact is left as text. */
export function pathOfRow(columns: EntryColumns, row: number): PathPart[] {
  const { paths, pathStart } = columns;
  const stop = pathStart[row + 1]!;
  const parts: PathPart[] = [];
  for (let at = pathStart[row]!; at < stop; ) {
    let to = at + 1;
    while (to < stop && paths[to]! < PART_INT) to++;
    const text = decoder.decode(paths.subarray(at + 1, to));
    const isInt = paths[at] === PART_INT && Number.isSafeInteger(Number(text));
    parts.push(isInt ? Number(text) : text);
    at = to;
  }
  return parts;
}

/** The parts of a row's path joined by dots. */
export function keyOfRow(columns: EntryColumns, row: number): string {
  const start = columns.pathStart[row]!;
  const stop = columns.pathStart[row + 1]!;
  return start === stop ? '' : decoder.decode(withDots(columns.paths.slice(start + 1, stop)));
}

/** Turns the tag byte of every part into a dot, in place. */
function withDots(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! >= PART_INT) bytes[i] = DOT;
  return bytes;
}

/** Keys of rows [first, first + rows) as one text, so that a search is one native scan and half a million keys no objects. */
export interface KeyChunk {
  readonly first: number;
  readonly rows: number;
  readonly text: string;
  readonly starts: Uint32Array;
  /** Small letters, with offsets of its own: a capital may be longer or shorter than its small letter. Made when asked for. */
  readonly lower: string;
  readonly lowerStarts: Uint32Array;
}

/** Rows in a chunk: a few milliseconds of work, which is how often a long search may stop. */
export const CHUNK_ROWS = 1 << 15;

const cache = new WeakMap<EntryColumns, (KeyChunk | undefined)[]>();

export const chunkCount = (columns: EntryColumns): number => Math.ceil(columns.count / CHUNK_ROWS);

/** A chunk of keys; made at the first call and kept as long as the columns are. */
export function keyChunk(columns: EntryColumns, index: number): KeyChunk {
  let chunks = cache.get(columns);
  if (!chunks) {
    chunks = new Array<KeyChunk | undefined>(chunkCount(columns));
    cache.set(columns, chunks);
  }
  chunks[index] ??= makeChunk(columns, index * CHUNK_ROWS);
  return chunks[index];
}

/** Row `i` of the chunk, as written. */
export const chunkKey = (chunk: KeyChunk, i: number): string =>
  chunk.text.slice(chunk.starts[i]! + 1, chunk.starts[i + 1]!);

/** Row `i` of the chunk in small letters. */
export const lowerChunkKey = (chunk: KeyChunk, i: number): string =>
  chunk.lower.slice(chunk.lowerStarts[i]! + 1, chunk.lowerStarts[i + 1]!);

function makeChunk(columns: EntryColumns, first: number): KeyChunk {
  const { paths, pathStart } = columns;
  const rows = Math.min(CHUNK_ROWS, columns.count - first);
  // Every key is written with a dot in front, the tag of its first part; the root entry gets one too, to be no shorter.
  const base = pathStart[first]!;
  const size = pathStart[first + rows]! - base;
  let hasRoot = false;
  for (let i = first; i < first + rows; i++) hasRoot ||= pathStart[i] === pathStart[i + 1];
  const whole = hasRoot ? undefined : decoder.decode(withDots(paths.slice(base, base + size)));
  if (whole?.length === size) {
    // Every byte is a character: offsets are those of the paths.
    const starts = pathStart.slice(first, first + rows + 1).map((start) => start - base);
    let lower: string | undefined;
    return {
      first,
      rows,
      text: whole,
      starts,
      get lower() {
        lower ??= whole.toLowerCase();
        return lower;
      },
      lowerStarts: starts,
    };
  }
  const keys: string[] = [];
  for (let i = 0; i < rows; i++) keys.push(`.${keyOfRow(columns, first + i)}`);
  const lowerKeys = keys.map((key) => key.toLowerCase());
  return {
    first,
    rows,
    text: keys.join(''),
    starts: offsets(keys),
    lower: lowerKeys.join(''),
    lowerStarts: offsets(lowerKeys),
  };
}

function offsets(texts: readonly string[]): Uint32Array {
  const starts = new Uint32Array(texts.length + 1);
  texts.forEach((text, i) => {
    starts[i + 1] = starts[i]! + text.length;
  });
  return starts;
}

/**
 * Calls `found` for every row of the chunk whose key contains `needle` (small letters), in order; `at` is the first place in
 * the key. A match never reaches from one key into the next.
 */
export function findInChunk(chunk: KeyChunk, needle: string, found: (i: number, at: number) => void): void {
  const { lower, lowerStarts, rows } = chunk;
  let i = 0;
  for (let at = lower.indexOf(needle); at >= 0; ) {
    i = rowAt(lowerStarts, at, i, rows);
    const from = lowerStarts[i]! + 1;
    const to = lowerStarts[i + 1]!;
    // At the dot in front of the key, or into the next one: look again from the next character.
    const inside = at >= from && at + needle.length <= to;
    if (inside) found(i, at - from);
    at = lower.indexOf(needle, inside ? to : at + 1);
  }
}

/** The row whose key holds offset `at`, at or after row `from`. */
function rowAt(starts: Uint32Array, at: number, from: number, rows: number): number {
  if (starts[from + 1]! > at) return from;
  let low = from;
  let high = rows - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
