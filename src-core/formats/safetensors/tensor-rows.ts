import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { FileId } from '../../bytes/source.ts';
import { decodeText } from '../../bytes/wtf8.ts';
import { type JsonNode, NO_SHAPE, PART_TEXT } from '../../model/state-dict.ts';
import { DTypeCodes } from './dtype-tags.ts';
import { ShapeList } from './shape-list.ts';

/** One file whose tensors are rows [firstRow, endRow). */
export interface RowFile {
  readonly id: FileId;
  readonly name: string;
  /** Bytes; undefined for a shard that is named but not here. */
  readonly size: number | undefined;
  /** Offset of the first data byte; offsets of rows count from here. */
  readonly dataStart: number;
  readonly firstRow: number;
  endRow: number;
}

/** A state to go back to when a file turns out to be unreadable. */
export interface RowMark {
  readonly count: number;
  readonly files: number;
}

/** Offset of a row whose place is not known: its shard is not here. */
export const NOWHERE = -1;

const DOT = 0x2e;
/** Most bytes of all keys together; starts of keys are 32 bits wide. */
const KEY_BYTES_MAX = 2 ** 31;

type Column = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** What headers declare, as growing columns: 29 bytes and the key for a tensor, and no object. Files are added one after the other. */
export class TensorRows {
  count = 0;
  /** Keys one after the other, a PART_TEXT byte before each and in place of each dot: the path of a dotted key. */
  keys: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Where each row's PART_TEXT byte is; one more than rows. */
  keyStart = new Uint32Array(1);
  dtype = new Uint16Array(0);
  shape = new Uint32Array(0);
  /** Bytes from the file's `dataStart`; NOWHERE for what is not here. */
  begin = new Float64Array(0);
  end = new Float64Array(0);
  file = new Uint16Array(0);
  flags = new Uint8Array(0);
  readonly dtypes = new DTypeCodes();
  readonly shapes = new ShapeList();
  readonly files: RowFile[] = [];
  /** Rows whose value describes no tensor, with what stands there. */
  readonly odd = new Map<number, JsonNode>();
  /** For rows with the very bytes of an earlier one: that row. */
  readonly owner = new Map<number, number>();

  openFile(file: Pick<RowFile, 'id' | 'name' | 'size' | 'dataStart'>): RowFile {
    const opened: RowFile = { ...file, firstRow: this.count, endRow: this.count };
    this.files.push(opened);
    return opened;
  }

  mark(): RowMark {
    return { count: this.count, files: this.files.length };
  }

  /** Forgets the rows and files added since the mark. */
  rollBack(mark: RowMark): void {
    for (const map of [this.odd, this.owner]) for (const row of map.keys()) if (row >= mark.count) map.delete(row);
    this.flags.fill(0, mark.count);
    this.dtype.fill(0, mark.count);
    this.count = mark.count;
    this.files.length = mark.files;
  }

  /** Makes room for keys that take at most `bytes` in all, tags included. */
  reserveKeys(bytes: number, file: string): void {
    const used = this.keyStart[this.count]!;
    if (used + bytes <= this.keys.length) return;
    if (used + bytes > KEY_BYTES_MAX) throw tooMany(file, used + bytes, KEY_BYTES_MAX);
    // The first file's room is exact; names that come one by one must not copy everything each time.
    const keys = new Uint8Array(Math.max(used + bytes, used === 0 ? 0 : Math.ceil(this.keys.length * 1.5)));
    keys.set(this.keys.subarray(0, used));
    this.keys = keys;
  }

  /** Adds a row whose key ends at `keyEnd` of `keys`, to the file opened last. Its other columns are set by the caller. */
  addRow(keyEnd: number): number {
    const row = this.count;
    if (row >= LIMITS.entries) throw tooMany(this.files.at(-1)?.name ?? '', row + 1, LIMITS.entries);
    if (row === this.dtype.length) this.reserveRows(1024);
    this.count = row + 1;
    this.keyStart[row + 1] = keyEnd;
    this.shape[row] = NO_SHAPE;
    this.begin[row] = NOWHERE;
    this.end[row] = NOWHERE;
    const last = this.files.length - 1;
    this.file[row] = last;
    this.files[last]!.endRow = row + 1;
    return row;
  }

  /** The key as written, escapes read. */
  key(row: number): string {
    const text = this.keys.slice(this.keyStart[row]! + 1, this.keyStart[row + 1]!);
    for (let i = 0; i < text.length; i++) if (text[i] === PART_TEXT) text[i] = DOT;
    return decodeText(text);
  }

  fileOf(row: number): RowFile {
    return this.files[this.file[row]!]!;
  }

  /** Whether a row's bytes are all inside its file. */
  isInside(row: number): boolean {
    const { size, dataStart } = this.fileOf(row);
    const begin = this.begin[row]!;
    const end = this.end[row]!;
    return size !== undefined && begin >= 0 && begin <= end && dataStart + end <= size;
  }

  /** Makes room for so many more rows. */
  reserveRows(more: number): void {
    if (this.count + more <= this.dtype.length) return;
    const length = Math.max(this.count + more, Math.ceil(this.dtype.length * 1.5));
    this.keyStart = widen(this.keyStart, new Uint32Array(length + 1));
    this.dtype = widen(this.dtype, new Uint16Array(length));
    this.shape = widen(this.shape, new Uint32Array(length));
    this.begin = widen(this.begin, new Float64Array(length));
    this.end = widen(this.end, new Float64Array(length));
    this.file = widen(this.file, new Uint16Array(length));
    this.flags = widen(this.flags, new Uint8Array(length));
  }
}

/** A row's key in quotes, for sentences. */
export function keyText(rows: TensorRows, row: number): string {
  return JSON.stringify(rows.key(row));
}

function widen<T extends Column>(from: T, to: T): T {
  to.set(from);
  return to;
}

const tooMany = (file: string, value: number, max: number): StateglassError =>
  new StateglassError({
    kind: 'limit',
    file,
    limit: 'entries',
    value,
    max,
    detail: 'there are too many tensors for one document',
  });
