/** What two sequences have in common, by Myers' greedy algorithm (1986): the fewest things taken out and put in. */
export interface Run {
  readonly kind: 'same' | 'removed' | 'added';
  /** [from, to) of the first sequence; empty for what was added. */
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
}

/** Past so many differences the middle is told as one: memory goes with the square, and nobody reads them. */
const MOST_DIFFERENCES = 4000;

export function diffSequences(a: readonly string[], b: readonly string[]): Run[] {
  const codes = new Map<string, number>();
  const codeOf = (item: string) => {
    const known = codes.get(item) ?? codes.size;
    if (known === codes.size) codes.set(item, known);
    return known;
  };
  const [x, y] = [Int32Array.from(a, codeOf), Int32Array.from(b, codeOf)];
  let start = 0;
  while (start < x.length && start < y.length && x[start] === y[start]) start++;
  let end = 0;
  while (end < x.length - start && end < y.length - start && x[x.length - 1 - end] === y[y.length - 1 - end]) end++;
  const [endA, endB] = [x.length - end, y.length - end];
  const runs = new RunList();
  runs.same(start);
  for (const { keptA, keptB, length } of commonParts(x.subarray(start, endA), y.subarray(start, endB))) {
    runs.differ(start + keptA, start + keptB);
    runs.same(length);
  }
  runs.differ(endA, endB);
  runs.same(end);
  return runs.list;
}

class RunList {
  readonly list: Run[] = [];
  #a = 0;
  #b = 0;

  same(length: number): void {
    this.#put('same', this.#a + length, this.#b + length);
  }

  /** Up to these places nothing is common. */
  differ(toA: number, toB: number): void {
    this.#put('removed', toA, this.#b);
    this.#put('added', this.#a, toB);
  }

  #put(kind: Run['kind'], toA: number, toB: number): void {
    if (toA > this.#a || toB > this.#b) this.list.push({ kind, fromA: this.#a, toA, fromB: this.#b, toB });
    this.#a = toA;
    this.#b = toB;
  }
}

/** Runs of equal items, in order. None when the sequences differ too much to be told apart in time. */
function commonParts(x: Int32Array, y: Int32Array): { keptA: number; keptB: number; length: number }[] {
  const most = Math.min(x.length + y.length, MOST_DIFFERENCES);
  /** Furthest place in x on each diagonal, after each number of differences. */
  const trace: Int32Array[] = [];
  let furthest = new Int32Array(3);
  for (let d = 0; d <= most; d++) {
    // Diagonals −d … d at 1 … 2d + 1, with room on both sides.
    const here = new Int32Array(2 * d + 3);
    trace.push(here);
    for (let k = -d; k <= d; k += 2) {
      let at = d === 0 ? 0 : stepsDown(furthest, d, k) ? before(furthest, d, k + 1) : before(furthest, d, k - 1) + 1;
      while (at < x.length && at - k < y.length && x[at] === y[at - k]) at++;
      here[k + d + 1] = at;
      if (at >= x.length && at - k >= y.length) return walkBack(trace, d, k);
    }
    furthest = here;
  }
  return [];
}

const before = (furthest: Int32Array, d: number, k: number): number => furthest[k + d] ?? 0;
const stepsDown = (furthest: Int32Array, d: number, k: number): boolean =>
  k === -d || (k !== d && before(furthest, d, k - 1) < before(furthest, d, k + 1));

function walkBack(trace: readonly Int32Array[], last: number, lastK: number) {
  const parts: { keptA: number; keptB: number; length: number }[] = [];
  for (let d = last, k = lastK; d >= 0; d--) {
    const end = (trace[d] as Int32Array)[k + d + 1]!;
    const furthest = trace[d - 1];
    const down = furthest !== undefined && stepsDown(furthest, d, k);
    const start = furthest === undefined ? 0 : down ? before(furthest, d, k + 1) : before(furthest, d, k - 1) + 1;
    if (end > start) parts.push({ keptA: start, keptB: start - k, length: end - start });
    k += down ? 1 : -1;
  }
  return parts.reverse();
}
