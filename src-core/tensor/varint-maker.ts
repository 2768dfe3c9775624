/** Elements that are kept as packed varints. They have no places of their own: one is found by going through those before it. */
import { StateglassError, throwIfAborted } from '../base/errors.ts';
import { readVarints } from '../bytes/varints.ts';
import type { OpenInput } from './dense-range.ts';
import type { Maker } from './derive.ts';
import { countElements } from './dtype.ts';

/** Bytes of varints gone through at once, and what a place is remembered for. */
const STEP = 256 * 1024;

/** The input is bytes. What was gone through once is remembered, so that walking forward is not going back to the start. */
export function varintMaker(width: 1 | 2 | 4 | 8, input: OpenInput): Maker {
  const length = countElements(input.layout.shape);
  /** Elements that begin before byte `at`. */
  const places: { at: number; count: number }[] = [{ at: 0, count: 0 }];
  return {
    width,
    async make(from, to, signal) {
      const out = new Uint8Array((to - from) * width);
      let { at, count } = places.findLast((place) => place.count <= from) as { at: number; count: number };
      while (count < to && at < length) {
        throwIfAborted(signal);
        const bytes = await input.read(at, Math.min(length, at + STEP), signal);
        const done = readVarints(bytes, width, out, { skip: from - count, count: to - count });
        if (done.bytes === 0) break;
        at += done.bytes;
        count += done.count;
        if (count > (places.at(-1)?.count ?? 0)) places.push({ at, count });
      }
      if (count < to) {
        const detail = `it holds ${count} numbers, and number ${to} was asked for`;
        throw new StateglassError({ kind: 'malformed', file: 'tensor', format: 'varint', detail });
      }
      return out;
    },
  };
}
