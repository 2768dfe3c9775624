/** Bytes that are put one after the other, little-endian; grows as it needs. */
export class ByteWriter {
  private held: Uint8Array<ArrayBuffer>;
  private view: DataView;
  at = 0;

  constructor(capacity = 1024) {
    this.held = new Uint8Array(capacity);
    this.view = new DataView(this.held.buffer);
  }

  /** What was put so far; a view. */
  get done(): Uint8Array<ArrayBuffer> {
    return this.held.subarray(0, this.at);
  }

  u8(value: number): void {
    const at = this.room(1);
    this.held[at] = value;
  }

  u16(value: number): void {
    const at = this.room(2);
    this.view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.room(4);
    this.view.setUint32(at, value, true);
  }

  i32(value: number): void {
    const at = this.room(4);
    this.view.setInt32(at, value, true);
  }

  u64(value: number): void {
    const at = this.room(8);
    this.view.setBigUint64(at, BigInt(value), true);
  }

  f64be(value: number): void {
    const at = this.room(8);
    this.view.setFloat64(at, value, false);
  }

  bytes(value: Uint8Array): void {
    const at = this.room(value.length);
    this.held.set(value, at);
  }

  fill(byte: number, count: number): void {
    const at = this.room(count);
    this.held.fill(byte, at, at + count);
  }

  private room(bytes: number): number {
    const start = this.at;
    this.at += bytes;
    if (this.at > this.held.length) {
      const grown = new Uint8Array(Math.max(this.at, 2 * this.held.length));
      grown.set(this.held);
      this.held = grown;
      this.view = new DataView(grown.buffer);
    }
    return start;
  }
}
