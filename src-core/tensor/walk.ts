/**
 * The order in which elements of a tensor are visited. Statistics do not care for order, so they go as the bytes lie: a
 * transposed matrix is then one run. What depends on order (rows, digests) goes in C order.
 */
export interface Walk {
  /** Elements from the start of the storage to the first one visited. */
  readonly start: number;
  /** Slowest first; neighbours that continue each other are one. No dimensions: one element, or none when `count` is 0. */
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  /** Elements visited. */
  readonly count: number;
  /** How often each stands in the tensor: an expanded dimension is visited once. */
  readonly repeat: number;
}

interface View {
  readonly shape: readonly number[];
  /** Elements, per dimension; absent: contiguous in C order. */
  readonly strides?: readonly number[];
  /** Elements. */
  readonly offset: number;
}

export function planWalk({ shape, strides, offset }: View, order: 'storage' | 'logical'): Walk {
  const count = shape.reduce((product, dim) => product * dim, 1);
  if (count === 0) return { start: offset, sizes: [], strides: [], count: 0, repeat: 1 };
  if (!strides) return { start: offset, sizes: [count], strides: [1], count, repeat: 1 };
  let start = offset;
  let repeat = 1;
  let dims = shape.map((size, i) => ({ size, stride: strides[i] ?? 1 })).filter((dim) => dim.size > 1);
  if (order === 'storage') {
    for (const dim of dims) {
      if (dim.stride === 0) repeat *= dim.size;
      if (dim.stride < 0) start += dim.stride * (dim.size - 1);
    }
    dims = dims
      .filter((dim) => dim.stride !== 0)
      .map(({ size, stride }) => ({ size, stride: Math.abs(stride) }))
      .sort((a, b) => b.stride - a.stride || b.size - a.size);
  }
  const merged: { size: number; stride: number }[] = [];
  for (const dim of dims) {
    const last = merged.at(-1);
    if (last && last.stride === dim.stride * dim.size)
      merged[merged.length - 1] = { ...dim, size: last.size * dim.size };
    else merged.push(dim);
  }
  return {
    start,
    sizes: merged.map((dim) => dim.size),
    strides: merged.map((dim) => dim.stride),
    count: count / repeat,
    repeat,
  };
}

/** Whether the elements lie side by side, in the order they are visited. */
export const isDense = ({ sizes, strides }: Walk): boolean =>
  sizes.length === 0 || (sizes.length === 1 && strides[0] === 1);

/** Whether the walk never goes back, so that what lies between runs is read once at most. */
export const isAscending = ({ sizes, strides }: Walk): boolean =>
  strides.every((stride, i) => stride > 0 && (i === 0 || strides[i - 1]! >= stride * sizes[i]!));

/** Whether elements are whole bytes, or lie side by side from the start of a byte on. */
export const hasWholeBytes = (walk: Walk, bits: number): boolean =>
  bits % 8 === 0 || (isDense(walk) && (walk.start * bits) % 8 === 0);

/** First and one past the last element of the storage that the walk touches. */
export function spanOf({ start, sizes, strides, count }: Walk): readonly [number, number] {
  if (count === 0) return [start, start];
  let [low, high] = [start, start];
  sizes.forEach((size, i) => {
    const reach = (size - 1) * strides[i]!;
    if (reach < 0) low += reach;
    else high += reach;
  });
  return [low, high + 1];
}

/** Runs of elements visited from place `from` to `to`: where each begins in the storage, and its length. */
export function* eachRun(walk: Walk, from: number, to: number): Generator<{ at: number; length: number }> {
  const { sizes, strides } = walk;
  const inner = sizes.length - 1;
  const hasRuns = inner >= 0 && strides[inner] === 1;
  const outer = hasRuns ? inner : sizes.length;
  const runLength = hasRuns ? sizes[inner]! : 1;
  const index = new Array<number>(outer).fill(0);
  let left = Math.floor(from / runLength);
  for (let dim = outer - 1; dim >= 0; dim--) {
    index[dim] = left % sizes[dim]!;
    left = Math.floor(left / sizes[dim]!);
  }
  let at = index.reduce((sum, i, dim) => sum + i * strides[dim]!, walk.start);
  // One object for all runs: there may be as many as elements.
  const run = { at: 0, length: 0 };
  for (let place = from; place < to; ) {
    const skipped = place % runLength;
    run.at = at + skipped;
    run.length = Math.min(runLength - skipped, to - place);
    yield run;
    place += run.length;
    for (let dim = outer - 1; dim >= 0; dim--) {
      at += strides[dim]!;
      index[dim] = index[dim]! + 1;
      if (index[dim]! < sizes[dim]!) break;
      at -= strides[dim]! * sizes[dim]!;
      index[dim] = 0;
    }
  }
}

/** Elements that an ascending walk visits before it comes to `at` in the storage. */
export function countBefore({ start, sizes, strides, count }: Walk, at: number): number {
  let left = at - start;
  let [before, inner] = [0, count];
  for (let dim = 0; dim < sizes.length && left > 0; dim++) {
    inner /= sizes[dim]!;
    const steps = Math.floor(left / strides[dim]!);
    if (steps >= sizes[dim]!) return before + sizes[dim]! * inner;
    before += steps * inner;
    left -= steps * strides[dim]!;
  }
  return left > 0 ? before + inner : before;
}

/** The index of the element at a place of a walk over `view`; undefined where several indices share it. */
export function indexOfPlace({ shape, strides, offset }: View, walk: Walk, place: number): number[] | undefined {
  if (!strides) return unravel(place, shape);
  const [run] = eachRun(walk, place, place + 1);
  if (!run) return undefined;
  const low = shape.reduce((at, size, dim) => at + Math.min(0, (size - 1) * strides[dim]!), offset);
  let left = run.at - low;
  const index = shape.map(() => 0);
  const dims = shape.map((_, dim) => dim).sort((a, b) => Math.abs(strides[b]!) - Math.abs(strides[a]!));
  for (const dim of dims) {
    const [size, stride] = [shape[dim]!, strides[dim]!];
    if (size === 1 || stride === 0) continue;
    const steps = Math.min(size - 1, Math.floor(left / Math.abs(stride)));
    left -= steps * Math.abs(stride);
    index[dim] = stride > 0 ? steps : size - 1 - steps;
  }
  return left === 0 ? index : undefined;
}

/** The index of the element at a place of a shape in C order. */
export function unravel(place: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  let left = place;
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    index[dim] = left % shape[dim]!;
    left = Math.floor(left / shape[dim]!);
  }
  return index;
}
