import type { CodeCounts } from './code-counts.ts';
import { BLOCK, type PairBlock } from './compare-block.ts';
import type { ComparePartial } from './compare-partial.ts';
import { TopCells } from './compare-top.ts';
import type { BinScheme } from './distribution.ts';
import { Sum } from './sum.ts';

interface Sides {
  onlyA: number;
  onlyB: number;
  both: number;
}

/** The differences of a block, whosever it is. */
const singles = new Float32Array(BLOCK);
const singleWords = new Uint32Array(singles.buffer);

/** What a kernel has seen so far: everything of it but the counts by bin, which are the kernel's. */
export class CompareTally {
  readonly top = new TopCells();
  readonly #sums = { abs: new Sum(), squares: new Sum(), a: new Sum(), b: new Sum(), dot: new Sum() };
  readonly #nan: Sides = { onlyA: 0, onlyB: 0, both: 0 };
  readonly #notFinite: Sides = { onlyA: 0, onlyB: 0, both: 0 };
  readonly #scheme: BinScheme;
  readonly #rounds: boolean;
  #notFiniteAt = -1;
  #changed = 0;
  #flips = 0;
  #minAt = -1;
  #maxAt = -1;
  /** Pairs so far: the place of the next. */
  count = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  /** `rounds`: differences are told as f32. Sums are of what they were before. */
  constructor(scheme: BinScheme, rounds: boolean) {
    this.#scheme = scheme;
    this.#rounds = rounds;
  }

  /** The pairs of a block; the sums are of those that are finite. */
  addSums(
    n: number,
    changed: number,
    flips: number,
    abs: number,
    squares: number,
    a: number,
    b: number,
    dot: number,
  ): void {
    this.#sums.abs.add(abs);
    this.#sums.squares.add(squares);
    this.#sums.a.add(a);
    this.#sums.b.add(b);
    this.#sums.dot.add(dot);
    this.#changed += changed;
    this.#flips += flips;
    this.count += n;
  }

  /** A difference at a place, where it is the smallest so far. */
  addMin(delta: number, at: number): void {
    if (!(delta < this.min)) return;
    this.min = delta;
    this.#minAt = at;
  }

  /** A difference at a place, where it is the largest so far. */
  addMax(delta: number, at: number): void {
    if (!(delta > this.max)) return;
    this.max = delta;
    this.#maxAt = at;
  }

  /** A block of any pairs. */
  addBlock({ n, a, b, delta, dot, changed }: PairBlock, bins: Uint32Array): void {
    const rounds = this.#rounds;
    const isFine = this.#scheme === 'f64';
    const words = isFine ? new Uint32Array(delta.buffer) : singleWords;
    const { top, count } = this;
    let [abs, squares, aa, bb, ab, flips] = [0, 0, 0, 0, 0, 0];
    let [min, max] = [this.min, this.max];
    let limit = top.limit;
    for (let i = 0; i < n; i++) {
      const x = a[i]!;
      const y = b[i]!;
      if (x - x !== 0 || y - y !== 0) {
        this.#addSpecial(x, y, i);
        continue;
      }
      const d = delta[i]!;
      singles[i] = d;
      const shown = rounds ? singles[i]! : d;
      bins[words[isFine ? 2 * i + 1 : i]! >>> 16]!++;
      abs += Math.abs(d);
      squares += d * d;
      aa += x * x;
      bb += y * y;
      const product = dot[i]!;
      ab += product;
      // Asked first: signs alone are a matter of chance, which no processor foresees. A product may vanish.
      if (product <= 0 && ((x < 0 && y > 0) || (x > 0 && y < 0))) flips++;
      if (shown < min) {
        min = shown;
        this.addMin(shown, count + i);
      }
      if (shown > max) {
        max = shown;
        this.addMax(shown, count + i);
      }
      if (Math.abs(shown) > limit) {
        top.offer({ at: count + i, a: x, b: y, delta: shown });
        limit = top.limit;
      }
    }
    this.addSums(n, changed, flips, abs, squares, aa, bb, ab);
  }

  partial(counts: CodeCounts): ComparePartial {
    const { abs, squares, a, b, dot } = this.#sums;
    return {
      count: this.count,
      changed: this.#changed,
      nan: this.#nan,
      notFinite: this.#notFinite,
      notFiniteAt: this.#notFiniteAt,
      signFlips: this.#flips,
      // Adding nothing turns -0 into 0.
      min: this.min + 0,
      max: this.max + 0,
      minAt: this.#minAt,
      maxAt: this.#maxAt,
      sums: { abs: abs.value, squares: squares.value, a: a.value, b: b.value, dot: dot.value },
      counts,
      top: this.top.list(),
    };
  }

  #addSpecial(x: number, y: number, i: number): void {
    const side = sideOf(!Number.isFinite(x), !Number.isFinite(y)) as keyof Sides;
    this.#notFinite[side]++;
    const nan = sideOf(Number.isNaN(x), Number.isNaN(y));
    if (nan) this.#nan[nan]++;
    if (side !== 'both' && this.#notFiniteAt < 0) this.#notFiniteAt = this.count + i;
  }
}

const sideOf = (a: boolean, b: boolean): keyof Sides | undefined =>
  a && b ? 'both' : a ? 'onlyA' : b ? 'onlyB' : undefined;
