import { giveBack, type HotLoops } from './hot-loops.ts';
import { joinMoments, noMoments, shiftedMoments } from './moments.ts';
import type { StatsKernel, StatsPartial } from './stats-partial.ts';

/** Values that are summed before sums are joined. */
const BLOCK = 16_384;

/** f32, most of what there is: blocks go through a loop of vectors, and only what is not finite through another. */
export class SingleKernel implements StatsKernel {
  readonly room: Uint8Array<ArrayBuffer>;
  readonly #loops: HotLoops;
  readonly #moments = noMoments();
  readonly #special = { nan: 0, posInf: 0, negInf: 0, zeros: 0 };
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #minAt = -1;
  #maxAt = -1;

  constructor(loops: HotLoops) {
    this.#loops = loops;
    this.room = loops.piece;
  }

  add(bytes: Uint8Array<ArrayBuffer>): void {
    this.#loops.eachPiece(bytes, (piece) => {
      const singles = new Float32Array(piece.buffer, piece.byteOffset, piece.length / 4);
      for (let at = 0; at < singles.length; at += BLOCK) this.#addBlock(singles.subarray(at, at + BLOCK), at);
    });
  }

  partial(): StatsPartial {
    const counts = this.#loops.collectCounts();
    giveBack(this.#loops);
    return {
      count: this.#count,
      min: this.#min,
      max: this.#max,
      minAt: this.#minAt,
      maxAt: this.#maxAt,
      counts,
      wide: { ...this.#moments, ...this.#special },
    };
  }

  #addBlock(block: Float32Array, at: number): void {
    const n = block.length & ~3;
    if (n > 0) {
      const shift = block[0]!;
      const { sum, squares, l1, min, max, zeros } = this.#loops.sum(at, at + n, shift);
      // A NaN or an infinity shows in the sum of squares.
      if (Number.isFinite(squares)) {
        joinMoments(this.#moments, shiftedMoments(n, shift, sum, squares, l1));
        this.#special.zeros += zeros;
        this.#addExtremes(block, min, max);
      } else this.#addFinite(block.subarray(0, n));
    }
    if (n < block.length) this.#addRest(block, n);
    this.#count += block.length;
  }

  /** Fewer values than a vector holds, at the end of a tensor. */
  #addRest(block: Float32Array, from: number): void {
    const words = new Uint32Array(block.buffer, block.byteOffset, block.length);
    for (let i = from; i < words.length; i++) this.#loops.even[words[i]! >>> 16]!++;
    this.#addFinite(block.subarray(from), from);
  }

  #addExtremes(block: Float32Array, min: number, max: number, skipped = 0): void {
    if (min < this.#min) {
      this.#min = min;
      this.#minAt = this.#count + skipped + block.indexOf(min);
    }
    if (max > this.#max) {
      this.#max = max;
      this.#maxAt = this.#count + skipped + block.indexOf(max);
    }
  }

  /** One value at a time, past those that are not finite; their bins are counted already. */
  #addFinite(values: Float32Array, skipped = 0): void {
    const special = this.#special;
    let n = 0;
    let shift = 0;
    let sum = 0;
    let squares = 0;
    let l1 = 0;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
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
      if (x < min) min = x;
      if (x > max) max = x;
      if (x === 0) special.zeros++;
    }
    if (n === 0) return;
    joinMoments(this.#moments, shiftedMoments(n, shift, sum, squares, l1));
    this.#addExtremes(values, min, max, skipped);
  }
}
