import { malformed, StateglassError } from '../base/errors.ts';
import { LIMITS, type LimitName } from '../base/limits.ts';
import { decodeText, sequenceLength, writeCodePoint } from '../bytes/wtf8.ts';
import { type JsonNode, PART_TEXT } from './state-dict.ts';

/** A number is shown as it is written; longer ones are no numbers anybody meant. */
const NUMBER_MAX = 4096;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What a byte of a text is written as; 0 where it ends the run of plain ones: a quote, an escape, control, not ASCII. */
export type ByteMap = Uint8Array;

const PLAIN: ByteMap = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte >= 0x80 || byte === QUOTE || byte === BACKSLASH ? 0 : byte,
);
/** Keys with a PART_TEXT tag for each dot, as paths have them. */
export const CUT_AT_DOTS: ByteMap = PLAIN.map((byte) => (byte === 0x2e ? PART_TEXT : byte));

function writeMapped(out: Uint8Array, to: number, byte: number): number {
  out[to] = byte;
  return to + 1;
}

/**
 * Walks JSON (RFC 8259, strictly) in UTF-8 bytes without making a text of it. Whoever walks says what comes next, so a header of
 * 64 MB costs no objects. Errors are `malformed` with the byte offset in the file.
 */
export class JsonReader {
  readonly bytes: Uint8Array;
  at = 0;
  /** Whether the last string had a surrogate without its other half, which Unicode does not allow. */
  sawLoneSurrogate = false;
  private readonly end: number;
  readonly file: string;
  private readonly format: string;
  private readonly base: number;
  private nodes = 0;
  private scratch = new Uint8Array(256);

  /** `format` names the file's format in errors; `base` is the offset of `bytes` in the file. */
  constructor(bytes: Uint8Array, file: string, format: string, base: number) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.file = file;
    this.format = format;
    this.base = base;
  }

  fail(detail: string, at = this.at): never {
    throw malformed(this.file, this.format, detail, this.base + at);
  }

  /** The next byte that is not white space, unread; -1 at the end. */
  peek(): number {
    const { bytes, end } = this;
    let at = this.at;
    while (at < end) {
      const byte = bytes[at]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      at++;
    }
    this.at = at;
    return at < end ? bytes[at]! : -1;
  }

  /** Reads the one byte that has to come here. */
  expect(byte: number): void {
    if (this.peek() !== byte) this.fail(`expected ${quoteByte(byte)}, found ${this.found()}`);
    this.at++;
  }

  /** After `[` or `{` (`first`) or a member: whether another member follows; reads the comma or the closing byte. */
  more(close: number, first: boolean): boolean {
    const byte = this.peek();
    if (byte === close) {
      this.at++;
      return false;
    }
    if (first) return true;
    if (byte !== 0x2c) this.fail(`expected "," or ${quoteByte(close)}, found ${this.found()}`);
    this.at++;
    if (this.peek() === close) this.fail(`a member has to follow the comma, found ${quoteByte(close)}`);
    return true;
  }

  /**
   * Writes the text of the string that comes here to `out`, which has room for it (its length in the file is enough), each byte
   * as `map` has it. Returns the end.
   */
  copyString(out: Uint8Array, start: number, map: ByteMap = PLAIN): number {
    this.expect(QUOTE);
    const { bytes, end } = this;
    let at = this.at;
    let to = start;
    this.sawLoneSurrogate = false;
    for (;;) {
      let mapped = 0;
      while (at < end) {
        mapped = map[bytes[at]!]!;
        if (mapped === 0) break;
        out[to++] = mapped;
        at++;
      }
      const byte = at < end ? bytes[at]! : 0;
      if (byte === QUOTE) break;
      if (byte < 0x20) this.fail(at < end ? 'a control character inside a text' : 'a text without its end', at);
      if (byte === BACKSLASH) {
        this.at = at;
        const code = this.readEscape();
        to = code < 0x80 && map[code] !== 0 ? writeMapped(out, to, map[code]!) : writeCodePoint(out, to, code);
        at = this.at;
        continue;
      }
      const length = sequenceLength(bytes, at, end);
      if (length === 0) this.fail('bytes that are not UTF-8', at);
      for (let i = 0; i < length; i++) out[to++] = bytes[at++]!;
    }
    this.at = at + 1;
    return to;
  }

  readString(): string {
    if (this.peek() !== QUOTE) this.fail(`expected a text, found ${this.found()}`);
    const room = this.stringSpan();
    if (this.scratch.length < room) this.scratch = new Uint8Array(room);
    return decodeText(this.scratch.subarray(0, this.copyString(this.scratch, 0)));
  }

  /**
   * A whole number without sign, fraction or exponent, as `usize` is read; -1, with nothing read, when something else comes here.
   * Past 2^53 - 1 the result is not exact: whoever needs it to be compares with MAX_SAFE_INTEGER.
   */
  readCount(): number {
    const start = this.at;
    let byte = this.peek();
    let at = this.at;
    let value = 0;
    while (byte >= 0x30 && byte <= 0x39) {
      value = value * 10 + (byte - 0x30);
      byte = ++at < this.end ? this.bytes[at]! : -1;
    }
    const digits = at - this.at;
    const zeroLed = digits > 1 && this.bytes[this.at] === 0x30;
    if (digits === 0 || zeroLed || byte === 0x2e || byte === 0x65 || byte === 0x45) {
      this.at = start;
      return -1;
    }
    this.at = at;
    return value;
  }

  /** Any value, kept as it is. */
  readNode(depth = 0): JsonNode {
    if (depth > LIMITS.textDepth) this.exceed('textDepth', depth, 'the header nests too deep');
    if (++this.nodes > LIMITS.headerNodes)
      this.exceed('headerNodes', this.nodes, 'most of the header is no list of tensors');
    const byte = this.peek();
    if (byte === QUOTE) return { kind: 'string', value: this.readString() };
    if (byte === 0x7b) return this.readObject(depth);
    if (byte === 0x5b) return this.readArray(depth);
    if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return this.readNumber();
    for (const word of ['true', 'false', 'null'] as const) {
      if (byte !== word.charCodeAt(0) || this.textAt(word.length) !== word) continue;
      this.at += word.length;
      return word === 'null' ? { kind: 'null' } : { kind: 'bool', value: word === 'true' };
    }
    return this.fail(`expected a value, found ${this.found()}`);
  }

  private readObject(depth: number): JsonNode {
    const members: (readonly [string, JsonNode])[] = [];
    this.at++;
    while (this.more(0x7d, members.length === 0)) {
      const key = this.readString();
      this.expect(0x3a);
      members.push([key, this.readNode(depth + 1)]);
    }
    return { kind: 'object', members };
  }

  private readArray(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.at++;
    while (this.more(0x5d, items.length === 0)) items.push(this.readNode(depth + 1));
    return { kind: 'array', items };
  }

  private readNumber(): JsonNode {
    let stop = this.at;
    while (stop < this.end && /[-+.0-9eE]/.test(String.fromCharCode(this.bytes[stop]!))) stop++;
    if (stop - this.at > NUMBER_MAX) this.fail(`a number of more than ${NUMBER_MAX} characters`);
    const lexeme = this.textAt(stop - this.at);
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(lexeme)) this.fail('this is not how JSON writes a number');
    this.at = stop;
    return { kind: 'number', lexeme };
  }

  /** The code point of the escape that comes here. */
  private readEscape(): number {
    const at = this.at;
    const kind = this.bytes[at + 1];
    if (kind !== 0x75) {
      const plain = kind === undefined ? undefined : ESCAPES.get(kind);
      if (plain === undefined) this.fail('an escape that JSON does not have');
      this.at = at + 2;
      return plain;
    }
    let code = this.hexAt(at + 2);
    this.at = at + 6;
    if (code >= 0xd800 && code < 0xe000) {
      const paired = code < 0xdc00 && this.bytes[at + 6] === BACKSLASH && this.bytes[at + 7] === 0x75;
      const low = paired ? this.hexAt(at + 8) : 0;
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        this.at = at + 12;
      } else {
        this.sawLoneSurrogate = true;
      }
    }
    return code;
  }

  private hexAt(at: number): number {
    const text = String.fromCharCode(...this.bytes.subarray(at, at + 4));
    if (!/^[0-9a-fA-F]{4}$/.test(text)) this.fail('a \\u escape needs four hexadecimal digits', at);
    return Number.parseInt(text, 16);
  }

  /** Bytes from the quote here to its closing one, escapes counted as written. */
  stringSpan(): number {
    let at = this.at + 1;
    while (at < this.end && this.bytes[at] !== QUOTE) at += this.bytes[at] === BACKSLASH ? 2 : 1;
    return at - this.at;
  }

  private textAt(length: number): string {
    return String.fromCharCode(...this.bytes.subarray(this.at, this.at + length));
  }

  private found(): string {
    return this.at < this.end ? quoteByte(this.bytes[this.at]!) : 'the end';
  }

  exceed(limit: LimitName, value: number, detail: string): never {
    throw new StateglassError({ kind: 'limit', file: this.file, limit, value, max: LIMITS[limit], detail });
  }
}

const ESCAPES: ReadonlyMap<number, number> = new Map(
  [...'"\\/']
    .map((char) => [char.charCodeAt(0), char.charCodeAt(0)] as const)
    .concat([
      [0x62, 0x08],
      [0x66, 0x0c],
      [0x6e, 0x0a],
      [0x72, 0x0d],
      [0x74, 0x09],
    ]),
);

const quoteByte = (byte: number): string =>
  byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, '0')}`;
