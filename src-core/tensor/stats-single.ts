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
      } else this.#addFinite(block.subarray(0, n), at);
    }
    if (n < block.length) this.#addRest(block, n);
    this.#count += block.length;
  }

  /** Once more, past values that are not finite; their bins are counted already. */
  #addFinite(block: Float32Array, at: number): void {
    const shift = block.find(Number.isFinite) ?? 0;
    const { n, sum, squares, l1, min, max, zeros, nan, posInf, negInf } = this.#loops.sumFinite(
      at,
      at + block.length,
      shift,
    );
    this.#special.nan += nan;
    this.#special.posInf += posInf;
    this.#special.negInf += negInf;
    this.#special.zeros += zeros;
    if (n === 0) return;
    joinMoments(this.#moments, shiftedMoments(n, shift, sum, squares, l1));
    this.#addExtremes(block, min, max);
  }

  /** Fewer values than a vector holds, at the end of a tensor, one by one. */
  #addRest(block: Float32Array, from: number): void {
    const words = new Uint32Array(block.buffer, block.byteOffset, block.length);
    for (let i = from; i < block.length; i++) {
      const x = block[i]!;
      this.#loops.even[words[i]! >>> 16]!++;
      if (Number.isFinite(x)) {
        joinMoments(this.#moments, { n: 1, mean: x, m2: 0, l1: Math.abs(x) });
        if (x === 0) this.#special.zeros++;
        this.#addExtremes(block, x, x, i);
      } else if (Number.isNaN(x)) this.#special.nan++;
      else if (x > 0) this.#special.posInf++;
      else this.#special.negInf++;
    }
  }

  /** Looked for from a place in the block on. */
  #addExtremes(block: Float32Array, min: number, max: number, from = 0): void {
    if (min < this.#min) {
      this.#min = min;
      this.#minAt = this.#count + block.indexOf(min, from);
    }
    if (max > this.#max) {
      this.#max = max;
      this.#maxAt = this.#count + block.indexOf(max, from);
    }
  }
}
