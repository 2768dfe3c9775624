import { latin1 } from '../latin1.ts';
import { decodeText } from './scalars.ts';

/** Thrown inside the machine alone: whoever started it knows whether more bytes can be had. */
export class OutOfBytes extends Error {}

/** The bytes of a pickle and the place reached in them. Little-endian unless the name says otherwise. */
export class Tape {
  at: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly view: DataView;

  constructor(bytes: Uint8Array<ArrayBuffer>, start: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    if (this.at >= this.bytes.length) throw new OutOfBytes();
    return this.bytes[this.at++]!;
  }
  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }
  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }
  i32(): number {
    return this.view.getInt32(this.take(4), true);
  }
  /** Lengths past 2^53 are past every file, so their lost low bits do not matter. */
  u64(): number {
    return Number(this.view.getBigUint64(this.take(8), true));
  }
  f64be(): number {
    return this.view.getFloat64(this.take(8), false);
  }

  /** A view, not a copy. */
  slice(length: number): Uint8Array<ArrayBuffer> {
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  /** The bytes up to the next newline, one character each. */
  line(): string {
    return latin1(this.lineBytes());
  }

  /** The same as UTF-8; undefined when it is not. */
  utf8Line(): string | undefined {
    return decodeText(this.lineBytes());
  }

  /** Throws unless so many bytes are left. A negative length is none that any file has. */
  need(length: number): void {
    if (!(length >= 0 && length <= this.left)) throw new OutOfBytes();
  }

  private lineBytes(): Uint8Array<ArrayBuffer> {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new OutOfBytes();
    const start = this.at;
    this.at = end + 1;
    return this.bytes.subarray(start, this.bytes[end - 1] === 0x0d && end > start ? end - 1 : end);
  }

  private take(length: number): number {
    this.need(length);
    const start = this.at;
    this.at += length;
    return start;
  }
}
