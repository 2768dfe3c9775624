/**
 * Two tensors side by side, a block after the other. Where every value of both is an f32 (and WebAssembly is to be had) a block
 * goes through one loop of vectors, whatever the types are; equal ones are known by their bytes. What else there is, and blocks
 * with values that are not finite, go value by value.
 */
import { type CodeCounts, collectCounts, giveTables, takeTable } from './code-counts.ts';
import { BLOCK, BlockReader } from './compare-block.ts';
import { type CompareLoops, giveBackLoops, takeCompareLoops } from './compare-loops.ts';
import { areAlike, isSingle, pairScheme } from './compare-pairs.ts';
import type { ComparePartial } from './compare-partial.ts';
import { CompareTally } from './compare-tally.ts';
import type { BinScheme } from './distribution.ts';
import { bitsOf } from './dtype.ts';
import type { Numbers } from './stats-partial.ts';

/** Types that become f32 in a loop of their own. */
type Widened = 'f32' | 'bf16' | 'f16' | undefined;
/** Loops take whole vectors of any type. */
const VECTOR = 16;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Takes pieces of two runs of elements side by side, from a place in C order on, then says what it saw. It is used once. Types are
 * those that `decodeElements` takes; `loops` is null where there are none.
 */
export class PairKernel {
  readonly #reader: BlockReader;
  readonly #loops: CompareLoops | undefined;
  readonly #even: Uint32Array<ArrayBuffer>;
  readonly #odd: Uint32Array<ArrayBuffer>;
  readonly #tally: CompareTally;
  readonly #scheme: BinScheme;
  readonly #bits: readonly [number, number];
  readonly #widened: readonly [Widened, Widened];
  readonly #pairsOfRoom: number;
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
    this.#pairsOfRoom = loops ? Math.floor((loops.rooms[0].length * 8) / Math.max(...this.#bits)) : BLOCK;
    this.#isFast = isSingle(a) && isSingle(b);
    this.#isAlike = areAlike(a, b);
    this.#reader = new BlockReader(a, b);
    this.#tally = new CompareTally(this.#scheme, this.#isFast);
  }

  /** Where pieces are best put; undefined where it does not matter. */
  get rooms(): readonly [Bytes, Bytes] | undefined {
    return this.#loops?.rooms;
  }

  /** `count` densely packed elements of each side in this machine's byte order, at addresses aligned to eight bytes. */
  add(a: Bytes, b: Bytes, count: number): void {
    const each = this.#loops ? this.#pairsOfRoom : count;
    for (let from = 0; from < count; from += each) {
      const n = Math.min(each, count - from);
      const [x, y] = [cut(a, from, n, this.#bits[0]), cut(b, from, n, this.#bits[1])];
      if (this.#loops) this.#addBlocks(this.#loops.place(0, x), this.#loops.place(1, y), n);
      else this.#addBlocks(x, y, n);
    }
  }

  partial(): ComparePartial {
    const counts = this.#collectCounts();
    if (this.#loops) giveBackLoops(this.#loops);
    else giveTables(this.#even, this.#odd);
    return this.#tally.partial(counts);
  }

  #addBlocks(a: Bytes, b: Bytes, count: number): void {
    const loops = this.#isFast ? this.#loops : undefined;
    for (let from = 0; from < count; from += BLOCK) {
      const n = Math.min(BLOCK, count - from);
      const whole = loops ? n - (n % VECTOR) : 0;
      const done = loops && whole > 0 && this.#addVectors(loops, a, b, from, whole) ? whole : 0;
      if (done < n) this.#addPlain(a, b, from + done, n - done);
    }
  }

  #addPlain(a: Bytes, b: Bytes, from: number, n: number): void {
    const [x, y] = [cut(a, from, n, this.#bits[0]), cut(b, from, n, this.#bits[1])];
    this.#tally.addBlock(this.#reader.read(x, y, n, this.#from + this.#tally.count), this.#even);
  }

  /** False, and nothing was added, where not all values are finite. */
  #addVectors(loops: CompareLoops, a: Bytes, b: Bytes, from: number, n: number): boolean {
    const bytes = (n * this.#bits[0]) / 8;
    const isEqual =
      this.#isAlike &&
      bytes % VECTOR === 0 &&
      !loops.differ(a.byteOffset + (from * this.#bits[0]) / 8, b.byteOffset + (from * this.#bits[1]) / 8, bytes);
    const left = this.#toSingles(loops, 0, a, from, n);
    return isEqual
      ? this.#addEqual(loops, left, n)
      : this.#addSingles(loops, left, this.#toSingles(loops, 1, b, from, n), n);
  }

  /** Only the norms are left to be computed. */
  #addEqual(loops: CompareLoops, at: number, n: number): boolean {
    const squares = loops.squares(at, n);
    if (!Number.isFinite(squares)) return false;
    this.#even[0]! += n;
    this.#tally.addMin(0, this.#tally.count);
    this.#tally.addMax(0, this.#tally.count);
    this.#tally.addSums(n, 0, 0, 0, 0, squares, squares, squares);
    return true;
  }

  #addSingles(loops: CompareLoops, a: number, b: number, n: number): boolean {
    loops.compare(a, b, n);
    if (!Number.isFinite(loops.sum(2) + loops.sum(3))) {
      uncount(loops.viewSingles(a, n), loops.viewSingles(b, n), this.#even, this.#odd);
      return false;
    }
    const tally = this.#tally;
    const { min, max } = loops;
    const { top, count } = tally;
    if (min < tally.min || max > tally.max || Math.max(-min, max) > top.limit) {
      const [x, y] = [loops.viewSingles(a, n), loops.viewSingles(b, n)];
      if (min < tally.min) tally.addMin(min, count + findDelta(x, y, min));
      if (max > tally.max) tally.addMax(max, count + findDelta(x, y, max));
      const offer = (i: number) => top.offer({ at: count + i, a: x[i]!, b: y[i]!, delta: Math.fround(y[i]! - x[i]!) });
      loops.eachAbove(a, b, n, () => top.limit, offer);
    }
    tally.addSums(n, n - loops.same, loops.flips, loops.sum(0), loops.sum(1), loops.sum(2), loops.sum(3), loops.sum(4));
    return true;
  }

  /** Where values are as f32. */
  #toSingles(loops: CompareLoops, side: 0 | 1, bytes: Bytes, from: number, n: number): number {
    const type = this.#widened[side];
    const bits = this.#bits[side];
    if (type) return loops.widen(type, side, bytes.byteOffset + (from * bits) / 8, n);
    const singles = loops.singles[side];
    this.#reader.readSide(side, cut(bytes, from, n, bits), n, this.#from + this.#tally.count, singles);
    return singles.byteOffset;
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
