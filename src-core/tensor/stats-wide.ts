import { collectCounts, takeTable } from './code-counts.ts';
import { componentsOf, decodeElements, isWideInteger } from './decode.ts';
import { type BinScheme, binOf } from './distribution.ts';
import { joinMoments, noMoments, shiftedMoments } from './moments.ts';
import { binSchemeOf, type Numbers, type StatsPartial } from './stats.ts';
import type { StatsKernel } from './stats-kernel.ts';

/** Values that are summed before sums are joined; their doubles fit the first cache. */
const BLOCK = 4096;

/** Types wider than 16 bits, value by value. */
export class WideKernel implements StatsKernel {
  readonly #numbers: Numbers;
  readonly #scheme: BinScheme;
  readonly #bins = takeTable();
  readonly #parts: 1 | 2;
  readonly #values: Float64Array<ArrayBuffer>;
  readonly #moments = noMoments();
  readonly #special = { nan: 0, posInf: 0, negInf: 0, zeros: 0 };
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #minAt = -1;
  #maxAt = -1;
  #minExact: bigint | undefined;
  #maxExact: bigint | undefined;

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
    this.#scheme = binSchemeOf(numbers.dtype);
    this.#parts = componentsOf(numbers.dtype);
    this.#values = new Float64Array(BLOCK * this.#parts);
  }

  add(bytes: Uint8Array<ArrayBuffer>, count: number): void {
    const width = bytes.length / count;
    for (let from = 0; from < count; from += BLOCK) {
      const n = Math.min(BLOCK, count - from);
      const part = bytes.subarray(from * width, (from + n) * width);
      const values = this.#decode(part, n);
      if (isWideInteger(this.#numbers.dtype) && !this.#numbers.negative) this.#addExtremes(part, n);
      else this.#addRange(values);
      this.#addValues(values);
      this.#count += n;
    }
  }

  partial(): StatsPartial {
    return {
      count: this.#count,
      min: this.#min,
      max: this.#max,
      minAt: this.#minAt,
      maxAt: this.#maxAt,
      ...(this.#minExact !== undefined && { minDigits: String(this.#minExact) }),
      ...(this.#maxExact !== undefined && { maxDigits: String(this.#maxExact) }),
      counts: collectCounts(this.#bins, takeTable()),
      wide: { ...this.#moments, ...this.#special },
    };
  }

  #decode(bytes: Uint8Array<ArrayBuffer>, n: number): Float64Array {
    const { dtype, affine, negative } = this.#numbers;
    decodeElements(dtype, bytes, 'little', n, this.#values);
    const values = this.#values.subarray(0, n);
    if (this.#parts === 2) {
      for (let i = 0; i < n; i++) values[i] = magnitude(this.#values[2 * i]!, this.#values[2 * i + 1]!);
    } else if (affine || negative) {
      const { scale, zeroPoint } = affine ?? { scale: 1, zeroPoint: 0 };
      const sign = negative ? -scale : scale;
      for (let i = 0; i < n; i++) values[i] = (values[i]! - zeroPoint) * sign;
    }
    return values;
  }

  #addRange(values: Float64Array): void {
    for (let i = 0; i < values.length; i++) {
      const x = values[i]!;
      if (x < this.#min && x !== Number.NEGATIVE_INFINITY) {
        this.#min = x;
        this.#minAt = this.#count + i;
      }
      if (x > this.#max && x !== Number.POSITIVE_INFINITY) {
        this.#max = x;
        this.#maxAt = this.#count + i;
      }
    }
  }

  /** 64-bit integers are compared whole: neighbours past 2^53 are one number. */
  #addExtremes(bytes: Uint8Array<ArrayBuffer>, n: number): void {
    const Wide = this.#numbers.dtype === 'i64' ? BigInt64Array : BigUint64Array;
    const wide = new Wide(bytes.buffer, bytes.byteOffset, n);
    let low = 0;
    let high = 0;
    for (let i = 1; i < n; i++) {
      if (wide[i]! < wide[low]!) low = i;
      if (wide[i]! > wide[high]!) high = i;
    }
    if (this.#minExact === undefined || wide[low]! < this.#minExact) {
      this.#minExact = wide[low]!;
      this.#min = Number(wide[low]!);
      this.#minAt = this.#count + low;
    }
    if (this.#maxExact === undefined || wide[high]! > this.#maxExact) {
      this.#maxExact = wide[high]!;
      this.#max = Number(wide[high]!);
      this.#maxAt = this.#count + high;
    }
  }

  #addValues(values: Float64Array): void {
    const bins = this.#bins;
    const special = this.#special;
    let [n, shift, sum, squares, l1] = [0, 0, 0, 0, 0];
    for (let i = 0; i < values.length; i++) {
      const x = values[i]!;
      if (x - x !== 0) {
        if (x > 0) special.posInf++;
        else if (x < 0) special.negInf++;
        else special.nan++;
        continue;
      }
      if (n === 0) shift = x;
      const d = x - shift;
      n++;
      sum += d;
      squares += d * d;
      l1 += Math.abs(x);
      if (x === 0) special.zeros++;
      bins[binOf(this.#scheme, x)]!++;
    }
    if (n > 0) joinMoments(this.#moments, shiftedMoments(n, shift, sum, squares, l1));
  }
}

/** As C's `hypot` for NaN and infinities: an infinite part makes the whole infinite. */
function magnitude(re: number, im: number): number {
  const plain = Math.sqrt(re * re + im * im);
  return plain > 1e-150 && plain < 1e150 ? plain : Math.hypot(re, im);
}
