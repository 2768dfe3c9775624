/**
 * Mean and spread without cancellation: each block sums distances from its own first value, and blocks are joined by the
 * formula of Chan, Golub and LeVeque ("Updating formulae and a pairwise algorithm for computing sample variances", 1979).
 */
export interface Moments {
  /** Finite values only. */
  n: number;
  mean: number;
  /** Sum of squared distances from the mean. */
  m2: number;
  /** Sum of magnitudes. */
  l1: number;
}

export const noMoments = (): Moments => ({ n: 0, mean: 0, m2: 0, l1: 0 });

/** Joins a block into a whole. The result depends on the order of blocks in its last bits: keep to one order. */
export function joinMoments(into: Moments, block: Readonly<Moments>): void {
  if (block.n === 0) return;
  const n = into.n + block.n;
  const delta = block.mean - into.mean;
  if (into.n === 0) into.mean = block.mean;
  else into.mean += (delta * block.n) / n;
  into.m2 += block.m2 + (into.n === 0 ? 0 : delta * delta * ((into.n * block.n) / n));
  into.l1 += block.l1;
  into.n = n;
}

/** From sums of `n` distances `d = x - shift`, of their squares, and of magnitudes. */
export function shiftedMoments(n: number, shift: number, sum: number, squares: number, l1: number): Moments {
  const offset = sum / n;
  const m2 = squares - sum * offset;
  // Infinity less infinity: squares past the largest double, or a value that is not finite.
  return { n, mean: shift + offset, m2: Number.isNaN(m2) ? Number.POSITIVE_INFINITY : Math.max(0, m2), l1 };
}
