import { throwIfAborted } from '../../../base/errors.ts';
import type { SliceItem } from '../../../tensor/slice.ts';
import type { Document } from '../../document.ts';
import { readValues } from '../../values.ts';

/** Elements looked at in one go: 8 MB as doubles. */
const BLOCK = 1 << 20;

/** Place in C order of the first value of a tensor that is NaN or infinite. Reads block after block, up to that value. */
export async function locateNotFinite(
  document: Document,
  row: number,
  shape: readonly number[],
  signal?: AbortSignal,
): Promise<number | undefined> {
  for (const { slice, start } of eachBlock(shape)) {
    throwIfAborted(signal);
    const { values, complex } = await readValues(document, row, slice, signal);
    const at = Array.prototype.findIndex.call(values, (value: number | bigint) => !Number.isFinite(Number(value)));
    if (at >= 0) return start + Math.floor(at / (complex ? 2 : 1));
  }
  return undefined;
}

/** Slices of at most BLOCK elements that cover a tensor in C order: indexes, one range, then whole dimensions. */
function* eachBlock(shape: readonly number[]): Iterable<{ slice: readonly SliceItem[]; start: number }> {
  let split = shape.length - 1;
  let inner = 1;
  while (split > 0 && inner * shape[split]! <= BLOCK) inner *= shape[split--]!;
  if (split < 0) return yield { slice: [], start: 0 };
  const rest = shape.slice(split + 1).map((count): SliceItem => ({ kind: 'range', start: 0, count, step: 1 }));
  const step = Math.max(1, Math.floor(BLOCK / inner));
  const size = shape[split]!;
  const outer = shape.slice(0, split).reduce((n, dim) => n * dim, 1);
  for (let o = 0; o < outer; o++) {
    const indexes: SliceItem[] = [];
    for (let left = o, i = split - 1; i >= 0; i--) {
      indexes.unshift({ kind: 'index', at: left % shape[i]! });
      left = Math.floor(left / shape[i]!);
    }
    for (let start = 0; start < size; start += step) {
      const range: SliceItem = { kind: 'range', start, count: Math.min(step, size - start), step: 1 };
      yield { slice: [...indexes, range, ...rest], start: (o * size + start) * inner };
    }
  }
}
