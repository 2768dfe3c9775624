import { malformed, StateglassError, throwIfAborted } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { type MetaItem, PART_TEXT, ROW_FLAG } from '../../model/state-dict.ts';
import { CUT_AT_DOTS, JsonReader } from './json-reader.ts';
import type { ProblemList } from './problem-list.ts';
import { keyText, type RowFile, type TensorRows } from './tensor-rows.ts';

const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const COLON = 0x3a;
/** How often a scan looks whether it was called off: every 8192 rows, some 5 ms. */
const ABORT_MASK = 8191;

const METADATA = ascii('__metadata__');
const DTYPE = ascii('dtype"');
const SHAPE = ascii('shape"');
const OFFSETS = ascii('data_offsets"');

/**
 * Reads one header's JSON into rows, in the order it is written. Strict about JSON; a value that describes no tensor becomes a
 * row that shows what stands there. Returns the file's metadata, in source order.
 *
 * @throws `malformed` with the byte offset where the JSON breaks, or when no tensor can be read; `limit` for offsets past 2^53 - 1.
 */
export function scanHeader(
  json: Uint8Array,
  jsonStart: number,
  rows: TensorRows,
  file: RowFile,
  problems: ProblemList,
  signal?: AbortSignal,
): readonly MetaItem[] {
  const reader = new JsonReader(json, file.name, jsonStart);
  const scan = new EntryScan(reader, rows);
  const metadata: MetaItem[] = [];
  // A key is two quotes shorter than in the header, which leaves room for its tag.
  rows.reserveKeys(json.length, file.name);
  reader.expect(OPEN);
  for (let first = true; reader.more(CLOSE, first); first = false) {
    if ((rows.count & ABORT_MASK) === 0) throwIfAborted(signal);
    if (reader.peek() !== QUOTE) reader.fail('a tensor name has to stand in quotes');
    const nameAt = reader.at;
    const start = rows.keyStart[rows.count]!;
    rows.keys[start] = PART_TEXT;
    const end = reader.copyString(rows.keys, start + 1, CUT_AT_DOTS);
    const isCut = reader.sawLoneSurrogate;
    reader.expect(COLON);
    if (end - start - 1 === METADATA.length && matches(rows.keys, start + 1, METADATA)) {
      readMetadata(reader, metadata, problems, file, jsonStart);
      continue;
    }
    const row = rows.addRow(end);
    if (isCut) {
      flag(
        rows,
        row,
        problems,
        'lone-surrogate',
        'warning',
        file,
        jsonStart + nameAt,
        (key) => `The name ${key} has half a character (a lone surrogate).`,
      );
    }
    const valueAt = reader.at;
    if (!scan.readEntry(row)) {
      const code = scan.isOverflow ? 'shape-overflow' : 'not-a-tensor';
      const why = scan.isOverflow
        ? 'has a shape of more elements than any file can hold'
        : 'has no dtype, shape and data_offsets as a tensor must';
      reader.at = valueAt;
      rows.odd.set(row, reader.readNode());
      flag(rows, row, problems, code, 'error', file, jsonStart + valueAt, (key) => `${key} ${why}.`);
    }
  }
  if (reader.peek() !== -1) reader.fail('something follows the end of the header');
  const tensors = rows.count - file.firstRow;
  if (tensors > 0 && rows.odd.size > 0) refuseIfNone(rows, file, jsonStart);
  return metadata;
}

/** A file opens as far as it can be read; when that is nowhere, it is refused. */
function refuseIfNone(rows: TensorRows, file: RowFile, jsonStart: number): void {
  for (let row = file.firstRow; row < file.endRow; row++) if (!rows.odd.has(row)) return;
  const detail = `no tensor of the header can be read: ${keyText(rows, file.firstRow)} has no dtype, shape and data_offsets that make sense`;
  throw malformed(file.name, 'safetensors', detail, jsonStart);
}

function flag(
  rows: TensorRows,
  row: number,
  problems: ProblemList,
  code: string,
  severity: 'error' | 'warning',
  file: RowFile,
  at: number,
  say: (key: string) => string,
): void {
  rows.flags[row]! |= ROW_FLAG.problem;
  problems.add({ code, severity, message: say(keyText(rows, row)), entry: row, file: file.id, at });
}

function readMetadata(
  reader: JsonReader,
  into: MetaItem[],
  problems: ProblemList,
  file: RowFile,
  jsonStart: number,
): void {
  reader.peek();
  const at = jsonStart + reader.at;
  const node = reader.readNode();
  const warn = (message: string) =>
    problems.add({
      code: 'metadata-type',
      severity: 'warning',
      message,
      file: file.id,
      at,
      advice: 'The reference library refuses such a file.',
    });
  if (node.kind !== 'object') {
    warn('__metadata__ is not an object of texts.');
    into.push({ section: '__metadata__', key: '', value: node });
    return;
  }
  for (const [key, value] of node.members) {
    if (value.kind !== 'string') warn(`The metadata value of ${JSON.stringify(key)} is not a text.`);
    into.push({ section: '__metadata__', key, value });
  }
}

/** Reads the values of one header. Holds what is reused from row to row. */
class EntryScan {
  private readonly dims = new Float64Array(LIMITS.tensorRank);
  private rank = 0;
  private elements = 1;
  private tag = new Uint8Array(64);
  private tagLength = 0;
  private tagCode = 0;
  /** The value read last has a shape of more than 2^53 - 1 elements. */
  isOverflow = false;
  private readonly reader: JsonReader;
  private readonly rows: TensorRows;

  constructor(reader: JsonReader, rows: TensorRows) {
    this.reader = reader;
    this.rows = rows;
  }

  /** False, having read some of it, when the value is not `{dtype, shape, data_offsets}`. */
  readEntry(row: number): boolean {
    const { reader, rows } = this;
    if (reader.peek() !== OPEN) return false;
    reader.at++;
    this.isOverflow = false;
    let seen = 0;
    let begin = 0;
    let end = 0;
    for (let first = true; reader.more(CLOSE, first); first = false) {
      const member = this.readMember();
      if ((seen & member) !== 0) return false;
      seen |= member;
      if (member === 1) {
        if (!this.readDType()) return false;
      } else if (member === 2) {
        if (!this.readShape()) return false;
      } else if (member === 4) {
        if (!this.startsArray()) return false;
        begin = reader.readCount();
        if (begin < 0 || reader.peek() !== 0x2c) return false;
        reader.at++;
        end = reader.readCount();
        if (end < 0 || reader.peek() !== 0x5d) return false;
        reader.at++;
      } else {
        reader.readNode();
      }
    }
    if (seen !== 7) return false;
    if (begin > Number.MAX_SAFE_INTEGER || end > Number.MAX_SAFE_INTEGER)
      this.tooLarge(Math.max(begin, end), 'an offset');
    rows.dtype[row] = this.tagCode;
    rows.shape[row] = rows.shapes.idOf(this.dims, this.rank, this.elements);
    rows.begin[row] = begin;
    rows.end[row] = end;
    return true;
  }

  /** 1 dtype, 2 shape, 4 data_offsets, 0 anything else (which the reference ignores too). Reads the colon. */
  private readMember(): number {
    const { reader } = this;
    if (reader.bytes[reader.at] !== QUOTE) reader.fail('a member name has to stand in quotes');
    const at = reader.at + 1;
    let member = 0;
    if (matches(reader.bytes, at, DTYPE)) {
      member = 1;
      reader.at = at + DTYPE.length;
    } else if (matches(reader.bytes, at, SHAPE)) {
      member = 2;
      reader.at = at + SHAPE.length;
    } else if (matches(reader.bytes, at, OFFSETS)) {
      member = 4;
      reader.at = at + OFFSETS.length;
    } else {
      const name = reader.readString();
      if (name === 'dtype') member = 1;
      else if (name === 'shape') member = 2;
      else if (name === 'data_offsets') member = 4;
    }
    reader.expect(COLON);
    return member;
  }

  /** Leaves the code in `tagCode`. The text is looked up only when it differs from the last row's. */
  private readDType(): boolean {
    const { reader, rows } = this;
    if (reader.peek() !== QUOTE) return false;
    const from = reader.at + 1;
    const last = this.tagLength;
    if (last > 0 && reader.bytes[from + last] === QUOTE && matches(reader.bytes, from, this.tag, last)) {
      reader.at = from + last + 1;
      return true;
    }
    const tag = reader.readString();
    this.tagCode = rows.dtypes.codeOf(tag);
    if (rows.dtypes.unknown > LIMITS.safetensorsDTypes) {
      reader.exceed('safetensorsDTypes', rows.dtypes.unknown, 'the header names too many element types');
    }
    this.tagLength = /^[A-Z0-9_]{1,64}$/.test(tag) ? tag.length : 0;
    for (let i = 0; i < this.tagLength; i++) this.tag[i] = tag.charCodeAt(i);
    return true;
  }

  private readShape(): boolean {
    const { reader, dims } = this;
    if (!this.startsArray()) return false;
    let rank = 0;
    let elements = 1;
    for (let first = true; reader.more(0x5d, first); first = false) {
      const dim = reader.readCount();
      if (dim < 0) return false;
      if (rank === dims.length) reader.exceed('tensorRank', rank + 1, 'a shape has too many dimensions');
      dims[rank++] = dim;
      elements *= dim;
      // Also when a later 0 would make it none: the reference multiplies in order and refuses.
      if (dim > Number.MAX_SAFE_INTEGER || elements > Number.MAX_SAFE_INTEGER) {
        this.isOverflow = true;
        return false;
      }
    }
    this.rank = rank;
    this.elements = elements;
    return true;
  }

  private startsArray(): boolean {
    if (this.reader.peek() !== 0x5b) return false;
    this.reader.at++;
    return true;
  }

  private tooLarge(value: number, what: string): never {
    const { file } = this.reader;
    throw new StateglassError({
      kind: 'limit',
      file,
      limit: 'safeInteger',
      value,
      max: Number.MAX_SAFE_INTEGER,
      detail: `${what} is larger than any file can be`,
    });
  }
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function matches(bytes: Uint8Array, at: number, wanted: Uint8Array, length = wanted.length): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
