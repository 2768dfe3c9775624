/**
 * Two tensors side by side, a block after the other. Where every value of both is an f32 (and WebAssembly is to be had) a block
 * goes through one loop of vectors, whatever the types are; equal ones are known by their bytes. What else there is, and blocks
 * with values that are not finite, go value by value.
 */
import { type CodeCounts, collectCounts, giveTables, takeTable } from './code-counts.ts';
import { BLOCK, BlockReader } from './compare-block.ts';
import { type CompareLoops, giveBackLoops, takeCompareLoops } from './compare-loops.ts';
import { areAlike, isSingle, pairScheme } from './compare-pairs.ts';
import type { CompareKernel, ComparePartial } from './compare-partial.ts';
import { CompareTally } from './compare-tally.ts';
import type { BinScheme } from './distribution.ts';
import { bitsOf } from './dtype.ts';
import type { Numbers } from './stats-partial.ts';

/** Types that become f32 in a loop of their own. */
type Widened = 'f32' | 'bf16' | 'f16' | undefined;
/** Loops take whole vectors of any type. */
const VECTOR = 16;

type Bytes = Uint8Array<ArrayBuffer>;

/** The kernel for pairs of two types that `decodeElements` takes, from a place in C order on. `loops` is null where there are none. */
export class PairKernel implements CompareKernel {
  readonly #reader: BlockReader;
  readonly #loops: CompareLoops | undefined;
  readonly #even: Uint32Array<ArrayBuffer>;
  readonly #odd: Uint32Array<ArrayBuffer>;
  readonly #tally: CompareTally;
  readonly #scheme: BinScheme;
  readonly #bits: readonly [number, number];
  readonly #widened: readonly [Widened, Widened];
  readonly #isFast: boolean;
  readonly #isAlike: boolean;
  readonly #from: number;

  constructor(a: Numbers, b: Numbers, from = 0, loops: CompareLoops | null = takeCompareLoops() ?? null) {
    this.#from = from;
    this.#loops = loops ?? undefined;
    this.#even = loops?.even ?? takeTable();
    this.#odd = loops?.odd ?? takeTable();
    this.#scheme = pairScheme(a, b);
    this.#bits = [bitsOf(a.dtype) ?? 8, bitsOf(b.dtype) ?? 8];
    this.#widened = [widenedOf(a), widenedOf(b)];
    this.#isFast = isSingle(a) && isSingle(b);
    this.#isAlike = areAlike(a, b);
    this.#reader = new BlockReader(a, b);
    this.#tally = new CompareTally(this.#scheme, this.#isFast);
  }

  /** Where pieces are best put, for `count` pairs at a time; undefined where it does not matter. */
  get rooms(): readonly [Bytes, Bytes] | undefined {
    return this.#loops?.rooms;
  }

  add(a: Bytes, b: Bytes, count: number): void {
    for (let from = 0; from < count; from += BLOCK) {
      const n = Math.min(BLOCK, count - from);
      const [x, y] = [cut(a, from, n, this.#bits[0]), cut(b, from, n, this.#bits[1])];
      const whole = this.#loops ? n - (n % VECTOR) : 0;
      if (whole === 0) this.#addPlain(x, y, n);
      else {
        this.#addVectors(this.#loops as CompareLoops, x, y, whole);
        if (whole < n)
          this.#addPlain(cut(x, whole, n - whole, this.#bits[0]), cut(y, whole, n - whole, this.#bits[1]), n - whole);
      }
    }
  }

  partial(): ComparePartial {
    const counts = this.#collectCounts();
    if (this.#loops) giveBackLoops(this.#loops);
    else giveTables(this.#even, this.#odd);
    return this.#tally.partial(counts);
  }

  #addPlain(a: Bytes, b: Bytes, n: number): void {
    this.#tally.addBlock(this.#reader.read(a, b, n, this.#from + this.#tally.count), this.#even);
  }

  #addVectors(loops: CompareLoops, a: Bytes, b: Bytes, n: number): void {
    const [x, y] = loops.place(a, b);
    const isEqual = this.#isAlike && (n * this.#bits[0]) % (8 * VECTOR) === 0 && !loops.differ(x, y);
    if (isEqual && this.#isFast) {
      const squares = loops.squares(this.#toSingles(loops, 0, x, n));
      if (Number.isFinite(squares)) {
        this.#even[0]! += n;
        this.#tally.addMin(0, this.#tally.count);
        this.#tally.addMax(0, this.#tally.count);
        this.#tally.addSums(n, 0, 0, { abs: 0, squares: 0, a: squares, b: squares, dot: squares });
        return;
      }
    } else if (
      this.#isFast &&
      this.#addSingles(loops, this.#toSingles(loops, 0, x, n), this.#toSingles(loops, 1, y, n), n)
    )
      return;
    this.#addPlain(a, b, n);
  }

  /** False, and nothing was added, where not all values are finite. */
  #addSingles(loops: CompareLoops, a: Float32Array, b: Float32Array, n: number): boolean {
    const { min, max, same, flips, ...sums } = loops.compare(a, b);
    if (!Number.isFinite(sums.a + sums.b)) {
      uncount(a, b, this.#even, this.#odd);
      return false;
    }
    const { top, count } = this.#tally;
    if (Math.max(-min, max) > top.limit) {
      loops.eachAbove(
        a,
        b,
        () => top.limit,
        (i) => top.offer({ at: count + i, a: a[i]!, b: b[i]!, delta: Math.fround(b[i]! - a[i]!) }),
      );
    }
    if (min < this.#tally.min) this.#tally.addMin(min, count + findDelta(a, b, min));
    if (max > this.#tally.max) this.#tally.addMax(max, count + findDelta(a, b, max));
    this.#tally.addSums(n, n - same, flips, sums);
    return true;
  }

  #toSingles(loops: CompareLoops, side: 0 | 1, bytes: Bytes, n: number): Float32Array {
    const type = this.#widened[side];
    if (type) return loops.widen(type, side, bytes, n);
    const singles = loops.singles[side].subarray(0, n);
    this.#reader.readSide(side, bytes, n, this.#from + this.#tally.count, singles);
    return singles;
  }

  #collectCounts(): CodeCounts {
    const [even, odd] = [this.#even, this.#odd];
    for (const table of [even, odd]) {
      table[0]! += table[0x8000]!;
      table[0x8000] = 0;
      // Differences past the largest number count as the largest; those of what is not finite are nobody's.
      const infinite = this.#scheme === 'f32' ? 0x7f80 : 0x7ff0;
      for (const sign of [0, 0x8000]) {
        table[sign + infinite - 1]! += table[sign + infinite]!;
        table.fill(0, sign + infinite, sign + 0x8000);
      }
    }
    return this.#loops ? this.#loops.collectCounts() : collectCounts(even, odd);
  }
}

function widenedOf({ dtype, negative, affine, channels }: Numbers): Widened {
  const isPlain = !negative && !affine && !channels;
  return isPlain && (dtype === 'f32' || dtype === 'bf16' || dtype === 'f16') ? dtype : undefined;
}

const cut = (bytes: Bytes, from: number, n: number, bits: number): Bytes =>
  bytes.subarray((from * bits) / 8, Math.ceil(((from + n) * bits) / 8));

function findDelta(a: Float32Array, b: Float32Array, delta: number): number {
  let i = 0;
  while (i < a.length && Math.fround(b[i]! - a[i]!) !== delta) i++;
  return i;
}

const single = new Float32Array(1);
const word = new Uint32Array(single.buffer);

/** Takes back what the loop counted. NaN are left: their sign is anybody's guess, and they are dropped in the end. */
function uncount(a: Float32Array, b: Float32Array, even: Uint32Array, odd: Uint32Array): void {
  for (let i = 0; i < a.length; i++) {
    single[0] = b[i]! - a[i]!;
    if (!Number.isNaN(single[0])) (i % 2 === 0 ? even : odd)[word[0]! >>> 16]!--;
  }
}
