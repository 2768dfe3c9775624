import { codeToNumber } from './decode.ts';
import { type DType, familyOf } from './dtype.ts';
import { type CodeRange, giveBack, type HotLoops } from './hot-loops.ts';
import type { Numbers, StatsKernel, StatsPartial } from './stats-partial.ts';

/** Magnitudes from here on are infinities and NaN. */
const FIRST_SPECIAL: Partial<Record<DType, number>> = { f16: 0x7c00, bf16: 0x7f80 };

/**
 * Types of 16 bits, by code, in a loop of its own. Extremes are compared as ranks: integers in the order of the values, equal
 * for equal values (both zeros).
 */
export class ShortKernel implements StatsKernel {
  readonly room: Uint8Array<ArrayBuffer>;
  readonly #numbers: Numbers;
  readonly #loops: HotLoops;
  readonly #order: 'float' | 'signed' | 'unsigned';
  readonly #firstSpecial: number;
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #minAt = -1;
  #maxAt = -1;

  constructor(numbers: Numbers, loops: HotLoops) {
    this.#numbers = numbers;
    this.#loops = loops;
    this.room = loops.piece;
    const family = familyOf(numbers.dtype);
    this.#order = family === 'half' ? 'float' : family === 'int' ? 'signed' : 'unsigned';
    this.#firstSpecial = FIRST_SPECIAL[numbers.dtype] ?? Number.POSITIVE_INFINITY;
  }

  add(bytes: Uint8Array<ArrayBuffer>): void {
    this.#loops.eachPiece(bytes, (piece) => {
      const codes = new Uint16Array(piece.buffer, piece.byteOffset, piece.length / 2);
      const whole = codes.length & ~7;
      if (whole > 0) this.#addVectors(codes.subarray(0, whole));
      const rest = codes.subarray(whole);
      for (const code of rest) this.#loops.even[code]!++;
      this.#lookThrough(rest);
    });
  }

  partial(): StatsPartial {
    const counts = this.#loops.collectCounts();
    giveBack(this.#loops);
    const [min, max] = [this.#valueOf(this.#min), this.#valueOf(this.#max)];
    const least = { min, max, minAt: this.#minAt, maxAt: this.#maxAt };
    const turned = { min: -max + 0, max: -min + 0, minAt: this.#maxAt, maxAt: this.#minAt };
    return { count: this.#count, ...(this.#numbers.negative ? turned : least), counts };
  }

  #addVectors(codes: Uint16Array): void {
    let [low, high] = this.#ranksOf(this.#loops.count(codes.length));
    if (low <= -this.#firstSpecial || high >= this.#firstSpecial) {
      const finite = this.#loops.findFinite(codes.length, this.#firstSpecial);
      [low, high] = finite
        ? [this.#rankOf(finite[0]), this.#rankOf(finite[1])]
        : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    }
    if (low < this.#min) {
      this.#min = low;
      this.#minAt = this.#count + this.#placeOf(low, codes.length);
    }
    if (high > this.#max) {
      this.#max = high;
      this.#maxAt = this.#count + this.#placeOf(high, codes.length);
    }
    this.#count += codes.length;
  }

  /** Smallest and largest rank. Of floats, whose codes are sign and magnitude, signs decide which extreme code is which. */
  #ranksOf({ minSigned, maxSigned, minUnsigned, maxUnsigned }: CodeRange): readonly [number, number] {
    if (this.#order === 'signed') return [minSigned, maxSigned];
    if (this.#order === 'unsigned') return [minUnsigned, maxUnsigned];
    return [
      this.#rankOf(maxUnsigned >= 0x8000 ? maxUnsigned : minUnsigned),
      this.#rankOf(maxSigned >= 0 ? maxSigned : minUnsigned),
    ];
  }

  #rankOf(code: number): number {
    if (this.#order === 'unsigned' || code < 0x8000) return code;
    return this.#order === 'signed' ? code - 0x10000 : 0x8000 - code;
  }

  #codeOf(rank: number): number {
    if (rank >= 0) return rank;
    return this.#order === 'signed' ? rank + 0x10000 : 0x8000 - rank;
  }

  #valueOf(rank: number): number {
    return Number.isFinite(rank) ? codeToNumber(this.#numbers.dtype, this.#codeOf(rank)) : rank;
  }

  #placeOf(rank: number, n: number): number {
    const place = this.#loops.find(this.#codeOf(rank), n);
    return rank === 0 && this.#order === 'float' ? Math.min(place, this.#loops.find(0x8000, n)) : place;
  }

  /** One code at a time, past those that are not finite. */
  #lookThrough(codes: Uint16Array): void {
    for (let i = 0; i < codes.length; i++) {
      const rank = this.#rankOf(codes[i]!);
      if (Math.abs(rank) >= this.#firstSpecial) continue;
      if (rank < this.#min) {
        this.#min = rank;
        this.#minAt = this.#count + i;
      }
      if (rank > this.#max) {
        this.#max = rank;
        this.#maxAt = this.#count + i;
      }
    }
    this.#count += codes.length;
  }
}
