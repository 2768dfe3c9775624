import { collectCounts, takeTable } from './code-counts.ts';
import { codeOrder, codeValues } from './code-values.ts';
import { readSubByte } from './decode.ts';
import { bitsOf } from './dtype.ts';
import { findUsed } from './extremes.ts';
import type { Numbers, StatsPartial } from './stats.ts';
import type { StatsKernel } from './stats-kernel.ts';

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
  /** Places in the order from which on nothing new is looked for. */
  #minRank: number;
  #maxRank = -1;

  constructor(numbers: Numbers) {
    this.#bits = bitsOf(numbers.dtype) ?? 8;
    this.#values = codeValues(numbers);
    this.#order = codeOrder(numbers);
    this.#minRank = this.#order.length;
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
    return {
      count: this.#count,
      min: this.#min,
      max: this.#max,
      minAt: this.#minAt,
      maxAt: this.#maxAt,
      counts: collectCounts(this.#even, this.#odd),
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
    const low = findUsed(order, 0, this.#minRank, this.#even, this.#odd);
    if (low >= 0 && this.#valueAt(low) < this.#min) {
      this.#min = this.#valueAt(low);
      this.#minRank = low;
      this.#minAt = this.#count + this.#placeOf(codes, this.#min, low, 1);
    }
    const high = findUsed(order, order.length - 1, this.#maxRank, this.#even, this.#odd);
    if (high >= 0 && this.#valueAt(high) > this.#max) {
      this.#max = this.#valueAt(high);
      this.#maxRank = high;
      this.#maxAt = this.#count + this.#placeOf(codes, this.#max, high, -1);
    }
  }

  #valueAt(rank: number): number {
    return this.#values[this.#order[rank] as number] as number;
  }

  #isUsed(rank: number): boolean {
    const code = this.#order[rank] as number;
    return (this.#even[code] as number) + (this.#odd[code] as number) > 0;
  }

  /** Both zeros are one value, and every code of a bool but one. */
  #placeOf(codes: Uint8Array | Uint16Array, value: number, from: number, step: 1 | -1): number {
    let first = codes.length;
    for (let rank = from; this.#valueAt(rank) === value; rank += step) {
      const place = this.#isUsed(rank) ? codes.indexOf(this.#order[rank] as number) : -1;
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
