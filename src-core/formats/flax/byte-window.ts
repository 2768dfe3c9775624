import { throwIfAborted } from '../../base/errors.ts';
import type { ByteSource } from '../../bytes/source.ts';

/** Behind a payload that was skipped stands little: a key and the next header. */
const LEAST_BYTES = 4 * 1024;
const MOST_BYTES = 2 ** 20;

/** A part of a file in memory that follows its reader: small behind a leap, larger and larger as long as it reads on. */
export class ByteWindow {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  /** Of `bytes` in the file. */
  start = 0;
  private readonly source: ByteSource;
  private readonly signal: AbortSignal | undefined;
  private next = LEAST_BYTES;

  constructor(source: ByteSource, signal: AbortSignal | undefined) {
    this.source = source;
    this.signal = signal;
  }

  /** Whether bytes [at, at + length) are here, or as many of them as the file has. */
  holds(at: number, length: number): boolean {
    const end = Math.min(this.source.size, at + length);
    return at >= this.start && end <= this.start + this.bytes.length;
  }

  /** Brings them. */
  async fetch(at: number, length: number): Promise<void> {
    throwIfAborted(this.signal);
    const isLeap = at > this.start + this.bytes.length;
    this.next = isLeap ? LEAST_BYTES : Math.min(MOST_BYTES, this.next * 2);
    const end = Math.min(this.source.size, at + Math.max(length, this.next));
    this.bytes = await this.source.read(Math.min(at, end), end, this.signal);
    this.start = Math.min(at, end);
  }
}
