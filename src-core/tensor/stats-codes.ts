import { collectCounts, giveTables, takeTable } from './code-counts.ts';
import { codeOrder, codeValues } from './code-values.ts';
import { readSubByte } from './decode.ts';
import { bitsOf } from './dtype.ts';
import { findUsed } from './extremes.ts';
import type { Numbers, StatsKernel, StatsPartial } from './stats-partial.ts';

/** Pieces of fewer elements are looked through for their extremes; of larger ones the table is. */
const LOOK_THROUGH = 65_536;

/** Counts codes of up to 16 bits. Two tables, since adding twice to one place waits for the first to be written. */
export class CodeKernel implements StatsKernel {
  readonly #bits: number;
  readonly #values: Float64Array;
  readonly #order: Uint16Array;
  readonly #even = takeTable();
  readonly #odd = takeTable();
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #minAt = -1;
  #maxAt = -1;

  constructor(numbers: Numbers) {
    this.#bits = bitsOf(numbers.dtype) ?? 8;
    this.#values = codeValues(numbers);
    this.#order = codeOrder(numbers);
  }

  add(bytes: Uint8Array<ArrayBuffer>, count: number): void {
    const codes = this.#readCodes(bytes, count);
    if (codes instanceof Uint16Array) countShorts(codes, this.#even, this.#odd);
    else countBytes(codes, this.#even, this.#odd);
    if (count < LOOK_THROUGH) this.#lookThrough(codes);
    else this.#lookAtTables(codes);
    this.#count += count;
  }

  partial(): StatsPartial {
    const counts = collectCounts(this.#even, this.#odd);
    giveTables(this.#even, this.#odd);
    return {
      count: this.#count,
      min: this.#min + 0,
      max: this.#max + 0,
      minAt: this.#minAt,
      maxAt: this.#maxAt,
      counts,
    };
  }

  #readCodes(bytes: Uint8Array<ArrayBuffer>, count: number): Uint8Array | Uint16Array {
    if (this.#bits === 16) return new Uint16Array(bytes.buffer, bytes.byteOffset, count);
    if (this.#bits === 8) return bytes.subarray(0, count);
    const codes = new Uint8Array(count);
    for (let i = 0; i < count; i++) codes[i] = readSubByte(bytes, i, this.#bits);
    return codes;
  }

  #lookThrough(codes: Uint8Array | Uint16Array): void {
    for (let i = 0; i < codes.length; i++) {
      const value = this.#values[codes[i] as number] as number;
      // One comparison turns NaN and both infinities away.
      if (value - value !== 0) continue;
      if (value < this.#min) {
        this.#min = value;
        this.#minAt = this.#count + i;
      }
      if (value > this.#max) {
        this.#max = value;
        this.#maxAt = this.#count + i;
      }
    }
  }

  /** A new extreme shows in the tables as a code beyond the last one: only then is its place looked for. */
  #lookAtTables(codes: Uint8Array | Uint16Array): void {
    const order = this.#order;
    const low = findUsed(order, 0, order.length, this.#even, this.#odd);
    if (low < 0) return;
    const high = findUsed(order, order.length - 1, -1, this.#even, this.#odd);
    const [min, max] = [this.#values[order[low]!]!, this.#values[order[high]!]!];
    if (min < this.#min) {
      this.#min = min;
      this.#minAt = this.#count + this.#placeOf(codes, min);
    }
    if (max > this.#max) {
      this.#max = max;
      this.#maxAt = this.#count + this.#placeOf(codes, max);
    }
  }

  /** The first code of a value: both zeros are one, and every code of a bool but one. */
  #placeOf(codes: Uint8Array | Uint16Array, value: number): number {
    const valueAt = (rank: number) => this.#values[this.#order[rank]!]!;
    let rank = 0;
    for (let end = this.#order.length; rank < end; ) {
      const middle = (rank + end) >> 1;
      if (valueAt(middle) < value) rank = middle + 1;
      else end = middle;
    }
    let first = codes.length;
    for (; valueAt(rank) === value; rank++) {
      const place = codes.indexOf(this.#order[rank]!);
      if (place >= 0 && place < first) first = place;
    }
    return first;
  }
}

/** Four words of two codes at a time: a loop of single codes runs at a third of the rate. */
function countShorts(codes: Uint16Array, even: Uint32Array, odd: Uint32Array): void {
  const words = new Uint32Array(codes.buffer, codes.byteOffset, codes.length >> 1);
  const whole = words.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    const a = words[i]!;
    const b = words[i + 1]!;
    const c = words[i + 2]!;
    const d = words[i + 3]!;
    even[a & 0xffff]!++;
    odd[a >>> 16]!++;
    even[b & 0xffff]!++;
    odd[b >>> 16]!++;
    even[c & 0xffff]!++;
    odd[c >>> 16]!++;
    even[d & 0xffff]!++;
    odd[d >>> 16]!++;
  }
  for (let i = whole * 2; i < codes.length; i++) even[codes[i]!]!++;
}

function countBytes(codes: Uint8Array, even: Uint32Array, odd: Uint32Array): void {
  const words = new Uint32Array(codes.buffer, codes.byteOffset, codes.length >> 2);
  for (let i = 0; i < words.length; i++) {
    const a = words[i]!;
    // Bytes one place further on have a table of their own: 256 codes leave room for four.
    even[a & 0xff]!++;
    odd[(a >>> 8) & 0xff]!++;
    even[256 + ((a >>> 16) & 0xff)]!++;
    odd[256 + (a >>> 24)]!++;
  }
  for (let code = 0; code < 256; code++) {
    even[code]! += even[256 + code]!;
    odd[code]! += odd[256 + code]!;
    even[256 + code] = 0;
    odd[256 + code] = 0;
  }
  for (let i = words.length * 4; i < codes.length; i++) even[codes[i]!]!++;
}
