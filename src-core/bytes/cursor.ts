import { malformed, StateglassError } from '../base/errors.ts';

/** Where the bytes of a cursor come from, for its errors. */
export interface CursorPlace {
  readonly file: string;
  readonly format: string;
  /** Offset of the first byte in `file`; 0 when not given. */
  readonly base?: number;
}

/**
 * Reads numbers and bytes one after the other and never past the end: running out is a `malformed` error that names the
 * offset in the file. Little-endian unless the name says otherwise.
 */
export class Cursor {
  /** Next byte, from the start of `bytes`. */
  at = 0;
  readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly place: CursorPlace;
  private readonly view: DataView;

  constructor(bytes: Uint8Array<ArrayBuffer>, place: CursorPlace) {
    this.bytes = bytes;
    this.place = place;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    return this.view.getUint8(this.advance(1));
  }
  u16(): number {
    return this.view.getUint16(this.advance(2), true);
  }
  u32(): number {
    return this.view.getUint32(this.advance(4), true);
  }
  i32(): number {
    return this.view.getInt32(this.advance(4), true);
  }
  /** Exact, or a `limit` error past 2^53 - 1. */
  u64(): number {
    return this.whole(this.view.getBigUint64(this.advance(8), true));
  }
  /** Exact, or a `limit` error outside ±(2^53 - 1). */
  i64(): number {
    return this.whole(this.view.getBigInt64(this.advance(8), true));
  }
  f64(): number {
    return this.view.getFloat64(this.advance(8), true);
  }
  u16be(): number {
    return this.view.getUint16(this.advance(2), false);
  }
  u32be(): number {
    return this.view.getUint32(this.advance(4), false);
  }
  f64be(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  /** A view of the next `length` bytes, not a copy. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }
  skip(length: number): void {
    this.advance(length);
  }

  private advance(length: number): number {
    const start = this.at;
    if (!(length >= 0 && length <= this.left)) {
      throw this.fail(`${length} bytes are needed and ${Math.max(0, this.left)} are left`);
    }
    this.at = start + length;
    return start;
  }

  /** A `malformed` error that points here, or at a byte of `bytes`. */
  fail(detail: string, at = this.at): StateglassError {
    return malformed(this.place.file, this.place.format, detail, (this.place.base ?? 0) + at);
  }

  private whole(value: bigint): number {
    if (value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(-Number.MAX_SAFE_INTEGER)) return Number(value);
    throw new StateglassError({
      kind: 'limit',
      file: this.place.file,
      limit: 'offset',
      value: Number(value),
      max: Number.MAX_SAFE_INTEGER,
      detail: `a 64-bit number at byte ${(this.place.base ?? 0) + this.at - 8} is past what can be counted exactly`,
    });
  }
}
