/** Tensors that are cut into equal boxes (chunks), by range: the boxes that a range touches are brought, and the others are not. */
import { throwIfAborted } from '../base/errors.ts';
import { cutRange } from './dense-range.ts';
import type { Maker } from './derive.ts';
import { countElements } from './dtype.ts';
import { contiguousStrides } from './layout.ts';
import type { Slice } from './slice.ts';

export interface Grid {
  readonly shape: readonly number[];
  /** Of every chunk, those at the edges too: what of them lies outside the shape means nothing. */
  readonly chunk: readonly number[];
  /** What stands where no chunk is: the bytes of an element. */
  readonly fill: Uint8Array;
}

/** The elements of a chunk in C order, little-endian; undefined for one that is not there. Its place counts in C order. */
export type ReadChunk = (place: number, signal?: AbortSignal) => Promise<Uint8Array<ArrayBuffer> | undefined>;

/** Chunks that were brought and stay at hand, in bytes: a range after another goes through the same row of chunks. */
const KEPT_BYTES = 2 ** 30;
/** Chunks on their way at once. */
const READERS = 4;

/** How many chunks there are along each axis. */
export const gridShape = ({ shape, chunk }: Pick<Grid, 'shape' | 'chunk'>): number[] =>
  shape.map((dim, axis) => Math.ceil(dim / Math.max(1, chunk[axis]!)));

export function gridMaker(grid: Grid, readChunk: ReadChunk): Maker {
  const { shape, fill } = grid;
  const width = fill.length;
  const isBlank = fill.every((byte) => byte === 0);
  const kept = keepChunks(readChunk);
  return {
    width,
    async make(from, to, signal) {
      const bytes = new Uint8Array((to - from) * width);
      if (!isBlank) for (let at = 0; at < bytes.length; at += width) bytes.set(fill, at);
      let at = 0;
      for (const slice of cutRange(shape, from, to)) {
        const box = boxOf(slice);
        await placeBox(grid, box, bytes.subarray(at), kept, signal);
        at += countElements(box.count) * width;
      }
      return bytes;
    },
  };
}

interface Box {
  readonly start: readonly number[];
  readonly count: readonly number[];
}

const boxOf = (slice: Slice): Box => ({
  start: slice.map((item) => (item.kind === 'index' ? item.at : item.start)),
  count: slice.map((item) => (item.kind === 'index' ? 1 : item.count)),
});

/** Copies what chunks have of a box to `into`, where the box lies densely. */
async function placeBox(
  grid: Grid,
  box: Box,
  into: Uint8Array,
  read: ReadChunk,
  signal: AbortSignal | undefined,
): Promise<void> {
  const places = listTouched(grid, box);
  await Promise.all(
    Array.from({ length: READERS }, async () => {
      for (const { place, corner } of places) {
        throwIfAborted(signal);
        const chunk = await read(place, signal);
        if (chunk) copyShared(grid, box, corner, chunk, into);
      }
    }),
  );
}

/** Chunks that share elements with a box, and the index of their first element. */
function* listTouched({ shape, chunk }: Grid, { start, count }: Box): Generator<{ place: number; corner: number[] }> {
  const steps = contiguousStrides(gridShape({ shape, chunk }));
  const first = start.map((at, axis) => Math.floor(at / chunk[axis]!));
  const last = start.map((at, axis) => Math.floor((at + count[axis]! - 1) / chunk[axis]!));
  if (count.includes(0)) return;
  const index = [...first];
  for (;;) {
    yield {
      place: index.reduce((sum, i, axis) => sum + i * steps[axis]!, 0),
      corner: index.map((i, axis) => i * chunk[axis]!),
    };
    let axis = index.length - 1;
    while (axis >= 0 && index[axis] === last[axis]) index[axis] = first[axis--]!;
    if (axis < 0) return;
    index[axis]!++;
  }
}

function copyShared(
  { chunk, fill }: Grid,
  box: Box,
  corner: readonly number[],
  from: Uint8Array,
  into: Uint8Array,
): void {
  const width = fill.length;
  const rank = corner.length;
  const low = corner.map((at, axis) => Math.max(at, box.start[axis]!));
  const size = corner.map((at, axis) => Math.min(at + chunk[axis]!, box.start[axis]! + box.count[axis]!) - low[axis]!);
  const steps = contiguousStrides(chunk);
  const boxSteps = contiguousStrides(box.count);
  let source = low.reduce((sum, at, axis) => sum + (at - corner[axis]!) * steps[axis]!, 0);
  let target = low.reduce((sum, at, axis) => sum + (at - box.start[axis]!) * boxSteps[axis]!, 0);
  // Axes that are whole on both sides make one run with those before them.
  let inner = rank;
  let run = 1;
  while (inner > 0 && steps[inner - 1] === run && boxSteps[inner - 1] === run) run *= size[--inner]!;
  const index = new Array<number>(inner).fill(0);
  for (;;) {
    into.set(from.subarray(source * width, (source + run) * width), target * width);
    let axis = inner - 1;
    for (; axis >= 0; axis--) {
      source += steps[axis]!;
      target += boxSteps[axis]!;
      if (++index[axis]! < size[axis]!) break;
      source -= size[axis]! * steps[axis]!;
      target -= size[axis]! * boxSteps[axis]!;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** Remembers the chunks used last. One that fails is asked for again. */
function keepChunks(read: ReadChunk): ReadChunk {
  const kept = new Map<number, Promise<Uint8Array<ArrayBuffer> | undefined>>();
  const sizes = new Map<number, number>();
  let total = 0;
  const forget = (place: number) => {
    kept.delete(place);
    total -= sizes.get(place) ?? 0;
    sizes.delete(place);
  };
  return (place, signal) => {
    const found = kept.get(place);
    if (found) {
      kept.delete(place);
      kept.set(place, found);
      return found;
    }
    const pending = read(place, signal);
    kept.set(place, pending);
    pending.then(
      (bytes) => {
        if (kept.get(place) !== pending) return;
        sizes.set(place, bytes?.length ?? 0);
        total += bytes?.length ?? 0;
        for (const oldest of kept.keys()) {
          if (total <= KEPT_BYTES) break;
          if (oldest !== place && sizes.has(oldest)) forget(oldest);
        }
      },
      () => kept.get(place) === pending && forget(place),
    );
    return pending;
  };
}
