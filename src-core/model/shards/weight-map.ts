import { malformed, StateglassError } from '../../base/errors.ts';
import { LIMITS, type LimitName } from '../../base/limits.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { decodeText } from '../../bytes/wtf8.ts';
import { CUT_AT_DOTS, JsonReader } from '../json-reader.ts';
import { type MetaItem, PART_TEXT } from '../state-dict.ts';

const CLOSE = 0x7d;
const QUOTE = 0x22;
const DOT = 0x2e;
/** Longer names of files are not looked at. */
const FILE_NAME_MAX = 4096;

/** `weight_map` of an index: which shard holds which name. Half a million names are bytes here, not texts. */
export interface WeightMap {
  /** In source order. */
  readonly count: number;
  /** Cut at dots, as rows have them. */
  readonly names: Uint8Array<ArrayBuffer>;
  /** count + 1 offsets into `names`. */
  readonly start: Uint32Array<ArrayBuffer>;
  /** Position in `files` of each name. */
  readonly file: Uint16Array<ArrayBuffer>;
  readonly files: readonly string[];
  /** What the index says beside the map. */
  readonly metadata: readonly MetaItem[];
  readonly totalSize: number | undefined;
}

/**
 * The whole of an index file whose first bytes are `start`.
 *
 * @throws `limit` for an index longer than the cap named, in bytes.
 */
export async function readIndex(
  source: ByteSource,
  start: Uint8Array,
  limit: LimitName,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { name, size } = source;
  if (size > LIMITS[limit]) {
    const detail = 'the index is longer than any real one';
    throw new StateglassError({ kind: 'limit', file: name, limit, value: size, max: LIMITS[limit], detail });
  }
  if (start.length === size) return start;
  const json = new Uint8Array(size);
  json.set(start);
  json.set(await source.read(start.length, size, signal), start.length);
  return json;
}

/** Whether a file that begins like this is text that opens an object: an index, not a shard. */
export function isIndexText(start: Uint8Array): boolean {
  const skip = start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf ? 3 : 0;
  return start.subarray(skip).find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) === 0x7b;
}

/**
 * Reads a whole index. `format` names it in errors.
 *
 * @throws `malformed` with the byte offset where the JSON breaks, or when no weight_map is there; `limit` for too many files or names.
 */
export function scanIndex(json: Uint8Array, file: string, format: string): WeightMap {
  const reader = new JsonReader(json, file, format, 0);
  // Some editors put a byte order mark in front.
  if (json[0] === 0xef && json[1] === 0xbb && json[2] === 0xbf) reader.at = 3;
  const metadata: MetaItem[] = [];
  let map: ReturnType<typeof readMap> | undefined;
  reader.expect(0x7b);
  for (let first = true; reader.more(CLOSE, first); first = false) {
    const key = reader.readString();
    reader.expect(0x3a);
    if (key === 'weight_map' && !map) {
      map = readMap(reader, json.length);
      continue;
    }
    const node = reader.readNode();
    if (key === 'metadata' && node.kind === 'object') {
      for (const [name, value] of node.members) metadata.push({ section: 'index', key: name, value });
    } else {
      metadata.push({ section: 'index', key, value: node });
    }
  }
  if (reader.peek() !== -1) reader.fail('something follows the end of the index');
  if (!map) throw malformed(file, format, 'the index has no weight_map');
  const total = metadata.find((item) => item.key === 'total_size')?.value;
  return { ...map, metadata, totalSize: total?.kind === 'number' ? Number(total.lexeme) : undefined };
}

function readMap(reader: JsonReader, room: number): Pick<WeightMap, 'count' | 'names' | 'start' | 'file' | 'files'> {
  const names = new Uint8Array(room);
  const files: string[] = [];
  const ids = new Map<string, number>();
  let start = new Uint32Array(1025);
  let file = new Uint16Array(1024);
  let count = 0;
  let last = -1;
  const text = new Uint8Array(FILE_NAME_MAX);
  let textLength = 0;
  const next = new Uint8Array(FILE_NAME_MAX);

  reader.expect(0x7b);
  for (let first = true; reader.more(CLOSE, first); first = false) {
    if (reader.bytes[reader.at] !== QUOTE) reader.fail('a tensor name has to stand in quotes');
    const end = reader.copyString(names, start[count]!, CUT_AT_DOTS);
    reader.expect(0x3a);
    if (reader.peek() !== QUOTE) reader.fail('weight_map has to give the name of a file');
    if (reader.stringSpan() > FILE_NAME_MAX) reader.fail('the name of a file is too long');
    const length = reader.copyString(next, 0);
    if (last < 0 || length !== textLength || !isSame(next, text, length)) {
      text.set(next.subarray(0, length));
      textLength = length;
      const name = decodeText(next.subarray(0, length));
      last = ids.get(name) ?? -1;
      if (last < 0) {
        last = files.push(name) - 1;
        ids.set(name, last);
        if (files.length > LIMITS.shards) reader.exceed('shards', files.length, 'the index names too many files');
      }
    }
    if (count === file.length) {
      const wider = Math.ceil(count * 1.5);
      start = copyInto(start, new Uint32Array(wider + 1));
      file = copyInto(file, new Uint16Array(wider));
    }
    file[count++] = last;
    start[count] = end;
    if (count > LIMITS.entries) reader.exceed('entries', count, 'there are too many tensors for one document');
  }
  return { count, names, start, file, files };
}

/** A name of the map as text. */
export function nameAt(map: WeightMap, position: number): string {
  const bytes = map.names.slice(map.start[position]!, map.start[position + 1]!);
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === PART_TEXT) bytes[i] = DOT;
  return decodeText(bytes);
}

/** Rows of the map, file after file, each in source order. */
export function sortByFile(map: WeightMap): { readonly order: Uint32Array; readonly fileStart: Uint32Array } {
  const fileStart = new Uint32Array(map.files.length + 1);
  for (let i = 0; i < map.count; i++) fileStart[map.file[i]! + 1]!++;
  for (let f = 0; f < map.files.length; f++) fileStart[f + 1]! += fileStart[f]!;
  const next = fileStart.slice();
  const order = new Uint32Array(map.count);
  for (let i = 0; i < map.count; i++) order[next[map.file[i]!]!++] = i;
  return { order, fileStart };
}

function isSame(a: Uint8Array, b: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function copyInto<T extends Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>(from: T, to: T): T {
  to.set(from);
  return to;
}
