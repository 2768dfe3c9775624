/** Two runs of stored elements as numbers and their differences: a block, which is small enough for the first cache. */
import { goByBits, hasWideInteger, isWhole64 } from './compare-pairs.ts';
import { componentsOf, decodeElements, isWideInteger } from './decode.ts';
import { dequantiseByTensor, dequantiseRun } from './dequantise.ts';
import { bitsOf } from './dtype.ts';
import type { Numbers } from './stats-partial.ts';

/** Pairs of a block. */
export const BLOCK = 2048;

export interface PairBlock {
  readonly n: number;
  /** Values; magnitudes of complex ones. */
  readonly a: Float64Array<ArrayBuffer>;
  readonly b: Float64Array<ArrayBuffer>;
  /** b - a; of complex values its magnitude. */
  readonly delta: Float64Array<ArrayBuffer>;
  /** a × b; of complex values the real part of the product with the conjugate. */
  readonly dot: Float64Array<ArrayBuffer>;
  /** Pairs that are not the same. */
  readonly changed: number;
}

/** One block is looked at after the other, whosever it is, and ten thousand small tensors would each need memory. */
const memory = {
  a: new Float64Array(BLOCK),
  b: new Float64Array(BLOCK),
  delta: new Float64Array(BLOCK),
  dot: new Float64Array(BLOCK),
  parts: [new Float64Array(2 * BLOCK), new Float64Array(2 * BLOCK)] as const,
};

/** Reads blocks, always into the same memory. */
export class BlockReader {
  readonly #numbers: readonly [Numbers, Numbers];
  readonly #room = memory.parts;
  readonly #a = memory.a;
  readonly #b = memory.b;
  readonly #delta = memory.delta;
  readonly #dot = memory.dot;
  readonly #goesByBits: boolean;
  readonly #isComplex: boolean;
  readonly #isWide: boolean;

  constructor(a: Numbers, b: Numbers) {
    this.#numbers = [a, b];
    this.#goesByBits = goByBits(a, b);
    this.#isComplex = componentsOf(a.dtype) === 2 || componentsOf(b.dtype) === 2;
    this.#isWide = hasWideInteger(a, b) && !this.#isComplex;
  }

  /** The first `n` elements of both; `place` is the first one's, which tells its channel. */
  read(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>, n: number, place: number): PairBlock {
    if (this.#isComplex) {
      this.#readPairs(0, a, n, place);
      this.#readPairs(1, b, n, place);
    } else {
      readValues(this.#numbers[0], a, n, place, this.#a);
      readValues(this.#numbers[1], b, n, place, this.#b);
    }
    const byValue = this.#isComplex
      ? this.#subtractComplex(n)
      : this.#isWide
        ? this.#subtractWide(a, b, n)
        : this.#subtract(n);
    const changed = this.#goesByBits ? countOthers(a, b, n, bitsOf(this.#numbers[0].dtype) ?? 8) : byValue;
    return { n, a: this.#a, b: this.#b, delta: this.#delta, dot: this.#dot, changed };
  }

  /** The values of one side alone, single: they are all there is to an f32. */
  readSide(side: 0 | 1, bytes: Uint8Array<ArrayBuffer>, n: number, place: number, into: Float32Array): void {
    const values = side === 0 ? this.#a : this.#b;
    readValues(this.#numbers[side], bytes, n, place, values);
    into.set(values.subarray(0, n));
  }

  #subtract(n: number): number {
    const [a, b, delta, dot] = [this.#a, this.#b, this.#delta, this.#dot];
    let changed = 0;
    for (let i = 0; i < n; i++) {
      const x = a[i]!;
      const y = b[i]!;
      delta[i] = y - x;
      dot[i] = x * y;
      if (!Object.is(x, y)) changed++;
    }
    return changed;
  }

  /** In two parts, so that nothing is lost before they are put together. */
  #subtractWide(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>, n: number): number {
    const [x, y] = this.#room;
    const areBoth = this.#numbers.every(isWhole64);
    splitWide(this.#numbers[0], a, this.#a, n, areBoth, x);
    splitWide(this.#numbers[1], b, this.#b, n, areBoth, y);
    let changed = 0;
    for (let i = 0; i < n; i++) {
      const delta = y[2 * i]! - x[2 * i]! + (y[2 * i + 1]! - x[2 * i + 1]!);
      this.#delta[i] = delta;
      this.#dot[i] = this.#a[i]! * this.#b[i]!;
      if (delta !== 0 || Object.is(this.#a[i], -0) !== Object.is(this.#b[i], -0)) changed++;
    }
    return changed;
  }

  #readPairs(side: 0 | 1, bytes: Uint8Array<ArrayBuffer>, n: number, place: number): void {
    const numbers = this.#numbers[side];
    const into = this.#room[side];
    if (componentsOf(numbers.dtype) === 2) {
      decodeElements(numbers.dtype, bytes, 'little', n, into);
      const [re, im] = [numbers.negative, (numbers.negative ?? false) !== (numbers.conjugate ?? false)];
      for (let i = 0; i < 2 * n; i++) if (i % 2 === 0 ? re : im) into[i] = -into[i]!;
      return;
    }
    readValues(numbers, bytes, n, place, this.#a);
    for (let i = 0; i < n; i++) {
      into[2 * i] = this.#a[i]!;
      into[2 * i + 1] = 0;
    }
  }

  #subtractComplex(n: number): number {
    const [x, y] = this.#room;
    let changed = 0;
    for (let i = 0; i < n; i++) {
      const ar = x[2 * i]!;
      const ai = x[2 * i + 1]!;
      const br = y[2 * i]!;
      const bi = y[2 * i + 1]!;
      this.#a[i] = magnitude(ar, ai);
      this.#b[i] = magnitude(br, bi);
      this.#delta[i] = magnitude(br - ar, bi - ai);
      this.#dot[i] = ar * br + ai * bi;
      if (!Object.is(ar, br) || !Object.is(ai, bi)) changed++;
    }
    return changed;
  }
}

function readValues(
  { dtype, affine, channels, negative }: Numbers,
  bytes: Uint8Array<ArrayBuffer>,
  n: number,
  place: number,
  into: Float64Array<ArrayBuffer>,
): void {
  if (isWideInteger(dtype)) readWide(dtype, bytes, n, into);
  else decodeElements(dtype, bytes, 'little', n, into);
  if (channels) dequantiseRun(into.subarray(0, n), place, channels);
  if (affine) for (let i = 0; i < n; i++) into[i] = dequantiseByTensor(into[i]!, affine.zeroPoint, affine.scale);
  if (negative) for (let i = 0; i < n; i++) into[i] = -into[i]!;
}

/** As `decodeElements`, which makes a BigInt of each and takes ten times as long. */
function readWide(dtype: 'i64' | 'u64', bytes: Uint8Array<ArrayBuffer>, n: number, into: Float64Array): void {
  const low = new Uint32Array(bytes.buffer, bytes.byteOffset, 2 * n);
  const high = dtype === 'i64' ? new Int32Array(bytes.buffer, bytes.byteOffset, 2 * n) : low;
  for (let i = 0; i < n; i++) into[i] = high[2 * i + 1]! * 2 ** 32 + low[2 * i]!;
}

/** A NaN in either part makes the whole one, as numpy's `isnan` has it. */
function magnitude(re: number, im: number): number {
  if (Number.isNaN(re) || Number.isNaN(im)) return Number.NaN;
  const plain = Math.sqrt(re * re + im * im);
  return plain > 1e-150 && plain < 1e150 ? plain : Math.hypot(re, im);
}

/**
 * Each element as the sum of two numbers: of 64-bit integers their upper and lower 32 bits when both sides are such; beside
 * others, whose fractions count, the nearest number and what it is off by.
 */
function splitWide(
  numbers: Numbers,
  bytes: Uint8Array<ArrayBuffer>,
  values: Float64Array,
  n: number,
  areBoth: boolean,
  into: Float64Array,
): void {
  if (!isWhole64(numbers)) {
    for (let i = 0; i < n; i++) {
      into[2 * i] = values[i]!;
      into[2 * i + 1] = 0;
    }
    return;
  }
  const low = new Uint32Array(bytes.buffer, bytes.byteOffset, 2 * n);
  const high = numbers.dtype === 'i64' ? new Int32Array(bytes.buffer, bytes.byteOffset, 2 * n) : low;
  const sign = numbers.negative ? -1 : 1;
  for (let i = 0; i < n; i++) {
    const upper = sign * high[2 * i + 1]! * 2 ** 32;
    const lower = sign * low[2 * i]!;
    into[2 * i] = areBoth ? upper : values[i]!;
    into[2 * i + 1] = areBoth ? lower : upper - values[i]! + lower;
  }
}

/** Elements of whole bytes that are not the same bytes. */
function countOthers(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>, n: number, bits: number): number {
  let changed = 0;
  if (bits <= 16) {
    const Codes = bits === 8 ? Uint8Array : Uint16Array;
    const [x, y] = [new Codes(a.buffer, a.byteOffset, n), new Codes(b.buffer, b.byteOffset, n)];
    for (let i = 0; i < n; i++) if (x[i] !== y[i]) changed++;
    return changed;
  }
  const words = bits / 32;
  const [x, y] = [
    new Uint32Array(a.buffer, a.byteOffset, n * words),
    new Uint32Array(b.buffer, b.byteOffset, n * words),
  ];
  for (let i = 0; i < n; i++) {
    for (let word = i * words; word < (i + 1) * words; word++) {
      if (x[word] === y[word]) continue;
      changed++;
      break;
    }
  }
  return changed;
}
