/** Places of the first smallest and largest finite values beyond those known; -1 where there are none. */
export interface Places {
  readonly low: number;
  readonly high: number;
}

export function findExtremes(values: Float64Array, min: number, max: number): Places {
  let low = -1;
  let high = -1;
  let least = min;
  let most = max;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    // Rare, so what is not finite is turned away only here.
    if (x < least && x - x === 0) {
      least = x;
      low = i;
    }
    if (x > most && x - x === 0) {
      most = x;
      high = i;
    }
  }
  return { low, high };
}

/** The first of the places in `order` from `from` up to `to` (down, when that is less) whose code was counted; -1 when none was. */
export function findUsed(order: Uint16Array, from: number, to: number, even: Uint32Array, odd: Uint32Array): number {
  const step = from <= to ? 1 : -1;
  for (let rank = from; rank !== to; rank += step) {
    const code = order[rank]!;
    if (even[code]! !== 0 || odd[code]! !== 0) return rank;
  }
  return -1;
}
