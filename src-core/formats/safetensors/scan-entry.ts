import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { JsonReader } from '../../model/json-reader.ts';
import type { TensorRows } from './tensor-rows.ts';

const OPEN = 0x7b;
const CLOSE = 0x7d;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const QUOTE = 0x22;

const DTYPE = ascii('dtype"');
const SHAPE = ascii('shape"');
const OFFSETS = ascii('data_offsets"');
const PLAIN_DTYPE = ascii('{"dtype":"');
const PLAIN_SHAPE = ascii('","shape":[');
const PLAIN_OFFSETS = ascii(',"data_offsets":[');

/** Reads the values of one header. Holds what is reused from row to row. */
export class EntryScan {
  private readonly dims = new Float64Array(LIMITS.tensorRank);
  private rank = 0;
  private elements = 1;
  private tag = new Uint8Array(64);
  private tagLength = 0;
  private tagCode = 0;
  /** Where the last number ended. */
  private next = 0;
  /** The value read last has a shape of more than 2^53 - 1 elements. */
  isOverflow = false;
  private readonly reader: JsonReader;
  private readonly rows: TensorRows;

  constructor(reader: JsonReader, rows: TensorRows) {
    this.reader = reader;
    this.rows = rows;
  }

  /**
   * The value as the library writes it: these three members in this order, no white space, the dtype of the row before. Half a million
   * of them take half the time here. False, with nothing read, for any other, good or bad.
   */
  readPlainEntry(row: number): boolean {
    const { reader, rows, dims, tagLength } = this;
    const { bytes } = reader;
    let at = reader.at;
    if (tagLength === 0 || !matches(bytes, at, PLAIN_DTYPE)) return false;
    at += PLAIN_DTYPE.length;
    if (!matches(bytes, at, this.tag, tagLength)) return false;
    at += tagLength;
    if (!matches(bytes, at, PLAIN_SHAPE)) return false;
    at += PLAIN_SHAPE.length;
    let rank = 0;
    let elements = 1;
    if (bytes[at] === CLOSE_LIST) at++;
    else {
      for (;;) {
        const dim = this.readDigits(at);
        if (dim < 0 || rank === dims.length) return false;
        dims[rank++] = dim;
        elements *= dim;
        if (elements > Number.MAX_SAFE_INTEGER) return false;
        at = this.next + 1;
        const after = bytes[at - 1];
        if (after === CLOSE_LIST) break;
        if (after !== COMMA) return false;
      }
    }
    if (!matches(bytes, at, PLAIN_OFFSETS)) return false;
    const begin = this.readDigits(at + PLAIN_OFFSETS.length);
    if (begin < 0 || bytes[this.next] !== COMMA) return false;
    const end = this.readDigits(this.next + 1);
    if (end < 0 || bytes[this.next] !== CLOSE_LIST || bytes[this.next + 1] !== CLOSE) return false;
    reader.at = this.next + 2;
    rows.dtype[row] = this.tagCode;
    rows.shape[row] = rows.shapes.idOf(dims, rank, elements);
    rows.begin[row] = begin;
    rows.end[row] = end;
    return true;
  }

  /** A number at `at`, its end in `next`; -1 when none is there, or none that is plain and exact. */
  private readDigits(at: number): number {
    const { bytes } = this.reader;
    let value = 0;
    let next = at;
    for (let digit = bytes[next]! - 0x30; digit >= 0 && digit <= 9; digit = bytes[next]! - 0x30) {
      value = value * 10 + digit;
      next++;
    }
    this.next = next;
    const isPlain = next > at && (next === at + 1 || bytes[at] !== 0x30) && value <= Number.MAX_SAFE_INTEGER;
    return isPlain ? value : -1;
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

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

export function matches(bytes: Uint8Array, at: number, wanted: Uint8Array, length = wanted.length): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
