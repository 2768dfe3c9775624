import { ByteWriter } from './byte-writer.ts';

const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;
const encoder = new TextEncoder();

/** Writes one protobuf message. Fields that are left out have their default. */
export class MessageWriter {
  private readonly to = new ByteWriter(256);

  get done(): Uint8Array<ArrayBuffer> {
    return this.to.done;
  }

  int(field: number, value: number): this {
    this.tag(field, VARINT);
    this.varint(value);
    return this;
  }

  ints(field: number, values: readonly number[]): this {
    const packed = new MessageWriter();
    for (const value of values) packed.varint(value);
    return this.bytes(field, packed.done);
  }

  float(field: number, value: number): this {
    this.tag(field, FIXED32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.to.bytes(bytes);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  message(field: number, write: (inner: MessageWriter) => void): this {
    const inner = new MessageWriter();
    write(inner);
    return this.bytes(field, inner.done);
  }

  bytes(field: number, value: Uint8Array): this {
    this.tag(field, LENGTH);
    this.varint(value.length);
    this.to.bytes(value);
    return this;
  }

  private tag(field: number, wire: number): void {
    this.varint(field * 8 + wire);
  }

  /** A negative int64 takes ten bytes. */
  private varint(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.to.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.to.u8(Number(rest));
  }
}
