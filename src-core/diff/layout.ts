/**
 * Orders of axes in which systems keep the same weight. Each row: axes of one that make it look like the other, and the way
 * back is in the table too. Linear [out, in] and [in, out]; convolutions OIW and WIO, OIHW and HWIO, IOHW.
 */
const LAYOUTS: Readonly<Record<number, readonly (readonly number[])[]>> = {
  2: [[1, 0]],
  3: [
    [2, 1, 0],
    [1, 0, 2],
  ],
  4: [
    [3, 2, 0, 1],
    [2, 3, 1, 0],
    [1, 0, 2, 3],
  ],
  5: [
    [4, 3, 0, 1, 2],
    [2, 3, 4, 1, 0],
    [1, 0, 2, 3, 4],
  ],
};

/** Orders of axes that a tensor of this rank may have elsewhere. */
export const layoutsOf = (rank: number): readonly (readonly number[])[] => LAYOUTS[rank] ?? [];

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i]);

/** Axes of a `b` that make it look like an `a`, the likeliest first; not the order that it has. */
export function layoutsBetween(a: readonly number[], b: readonly number[]): readonly (readonly number[])[] {
  if (a.length !== b.length) return [];
  const fitting = layoutsOf(a.length).filter((axes) => axes.every((axis, i) => b[axis] === a[i]));
  // [8, 8, 3, 3] against [3, 3, 8, 8]: windows are smaller than channels, so the first is OIHW.
  return a.length > 3 && a[0]! < a.at(-1)! ? fitting.toReversed() : fitting;
}
