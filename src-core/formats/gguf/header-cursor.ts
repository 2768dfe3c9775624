import { malformed, StateglassError, throwIfAborted } from '../../base/errors.ts';
import { LIMITS, type LimitName } from '../../base/limits.ts';
import { crc32 } from '../../bytes/crc32.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { MARK_STEP, NUMBER_BYTES, numberNode } from '../../model/meta-list.ts';
import type { JsonNode, MetaNumber } from '../../model/state-dict.ts';
import { countBytes, type Encoding } from './value-types.ts';

const FIRST_WINDOW = 2 ** 20;
const LARGEST_WINDOW = 2 ** 22;

/**
 * Walks a header whose length nobody knows: it holds a window of the file, which moves on, and grows while the header goes on. What is
 * read has to be in the window: `fill` before.
 */
export class HeaderCursor {
  encoding: Encoding = { version: 3, endian: 'little' };
  private bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  private view = new DataView(this.bytes.buffer);
  /** Next byte in `bytes`. */
  private at = 0;
  /** Offset of the first byte of `bytes` in the file. */
  private base = 0;
  private window = FIRST_WINDOW;
  private readonly source: ByteSource;
  private readonly signal: AbortSignal | undefined;

  constructor(source: ByteSource, signal?: AbortSignal) {
    this.source = source;
    this.signal = signal;
  }

  /** Offset in the file of the next byte. */
  get place(): number {
    return this.base + this.at;
  }

  /** Bytes of the file that follow. */
  get left(): number {
    return this.source.size - this.place;
  }

  /** Has so many bytes in the window. `what` ends the sentence "the file ends inside …". */
  fill(bytes: number, what: string): Promise<void> | undefined {
    return bytes <= this.bytes.length - this.at ? undefined : this.read(bytes, what);
  }

  private async read(bytes: number, what: string): Promise<void> {
    if (!(bytes <= this.left)) throw this.fail(`the file ends inside ${what}`);
    if (this.place > LIMITS.ggufHeaderBytes)
      throw this.exceed('ggufHeaderBytes', this.place, 'the header is longer than any real one');
    throwIfAborted(this.signal);
    const kept = this.bytes.subarray(this.at);
    const start = this.place;
    const end = Math.min(this.source.size, start + Math.max(bytes, this.window));
    this.window = Math.min(this.window * 2, LARGEST_WINDOW);
    const read = await this.source.read(start + kept.length, end, this.signal);
    if (kept.length === 0) this.bytes = read;
    else {
      this.bytes = new Uint8Array(end - start);
      this.bytes.set(kept);
      this.bytes.set(read, kept.length);
    }
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    this.base = start;
    this.at = 0;
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), this.isLittle);
  }

  /** A count, a length or a dimension; Infinity past 2^53. */
  count(): number {
    return countBytes(this.encoding) === 4 ? this.u32() : this.long();
  }

  /** 64 bits; Infinity past 2^53. */
  long(): number {
    return this.longAt(this.advance(8));
  }

  number(of: MetaNumber): JsonNode {
    return numberNode(this.view, this.advance(NUMBER_BYTES[of]), of, this.encoding.endian);
  }

  /** A view, good until the next `fill`. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const at = this.advance(length);
    return this.bytes.subarray(at, at + length);
  }

  /** Walks over so many numbers of so many bytes each; gives their check sum, little-endian. */
  async passNumbers(count: number, width: number, what: string): Promise<number> {
    let sum = 0;
    for (let left = count * width; left > 0; ) {
      await this.fill(width, what);
      const room = this.bytes.length - this.at;
      const bytes = this.take(Math.min(left, room - (room % width)));
      sum = crc32(this.isLittle ? bytes : swapNumbers(bytes, width), sum);
      left -= bytes.length;
    }
    return sum;
  }

  /** Walks over so many texts; gives their check sum, with lengths as version 3 has them. `marks` are where each MARK_STEPth begins. */
  async passTexts(count: number, what: string): Promise<{ readonly sum: number; readonly marks: number[] }> {
    const start = this.place;
    const marks: number[] = [];
    let sum = 0;
    for (let done = 0; done < count; ) {
      if (done === marks.length * MARK_STEP) marks.push(this.place - start);
      const from = this.at;
      const passed = this.passWhole(Math.min(count - done, marks.length * MARK_STEP - done));
      sum = this.sumTexts(from, passed, sum);
      done += passed;
      if (passed > 0) continue;
      const width = countBytes(this.encoding);
      await this.fill(width, what);
      await this.fill(width + this.checkText(this.countAt(this.at), what), what);
    }
    return { sum, marks };
  }

  /** The check sum of texts before `at`, the first of them at `from`. */
  private sumTexts(from: number, count: number, before: number): number {
    if (this.encoding.version > 1 && this.isLittle) return crc32(this.bytes.subarray(from, this.at), before);
    const length = new DataView(new ArrayBuffer(8));
    let sum = before;
    for (let i = 0, at = from; i < count; i++) {
      const bytes = this.countAt(at);
      length.setUint32(0, bytes, true);
      const start = at + countBytes(this.encoding);
      at = start + bytes;
      sum = crc32(this.bytes.subarray(start, at), crc32(new Uint8Array(length.buffer), sum));
    }
    return sum;
  }

  /** Walks over texts that are wholly in the window, `most` at most; says how many. */
  private passWhole(most: number): number {
    const { view, isLittle } = this;
    const width = countBytes(this.encoding);
    const end = this.bytes.length;
    const lowAt = width === 8 && !isLittle ? 4 : 0;
    let at = this.at;
    let passed = 0;
    for (; passed < most && at + width <= end; passed++) {
      // No text has 4 GiB.
      if (width === 8 && view.getUint32(at + 4 - lowAt, isLittle) !== 0) break;
      const length = view.getUint32(at + lowAt, isLittle);
      if (length > end - at - width) break;
      at += width + length;
    }
    this.at = at;
    return passed;
  }

  /** The length of a text, when it is one. */
  checkText(length: number, what: string): number {
    if (length > this.left)
      throw this.fail(`${what} has a text of ${lengthText(length)} bytes, past the end of the file`);
    if (length > LIMITS.ggufTextBytes)
      throw this.exceed('ggufTextBytes', length, `${what} has a text longer than any real one`);
    return length;
  }

  fail(detail: string, at = this.place): StateglassError {
    return malformed(this.source.name, 'GGUF', detail, at);
  }

  exceed(limit: LimitName, value: number, detail: string): StateglassError {
    return new StateglassError({ kind: 'limit', file: this.source.name, limit, value, max: LIMITS[limit], detail });
  }

  private get isLittle(): boolean {
    return this.encoding.endian === 'little';
  }

  private countAt(at: number): number {
    return countBytes(this.encoding) === 4 ? this.view.getUint32(at, this.isLittle) : this.longAt(at);
  }

  private longAt(at: number): number {
    const little = this.isLittle;
    const value =
      this.view.getUint32(at + (little ? 0 : 4), little) + this.view.getUint32(at + (little ? 4 : 0), little) * 2 ** 32;
    return value <= Number.MAX_SAFE_INTEGER ? value : Number.POSITIVE_INFINITY;
  }

  private advance(length: number): number {
    const at = this.at;
    this.at = at + length;
    return at;
  }
}

export const lengthText = (length: number): string =>
  length === Number.POSITIVE_INFINITY ? 'more than 2^53' : String(length);

function swapNumbers(bytes: Uint8Array<ArrayBuffer>, width: number): Uint8Array<ArrayBuffer> {
  const swapped = bytes.slice();
  if (width > 1) for (let at = 0; at < swapped.length; at += width) swapped.subarray(at, at + width).reverse();
  return swapped;
}
