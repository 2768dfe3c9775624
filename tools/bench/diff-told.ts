import type { TensorComparison } from '../../src-core/index.ts';

/** What every side of the benchmark tells of a pair of tensors. */
export type Told = Readonly<Record<Whole | Near, number>> & {
  /** Places of the largest differences, largest first. */
  readonly top: readonly number[];
  /** How many differences lie in each bin that has some, ascending. */
  readonly bins: readonly number[];
};
export const WHOLE = ['count', 'changed', 'signFlips', 'onlyA', 'onlyB', 'both', 'maxAbsAt', 'minAt', 'maxAt'] as const;
export const NEAR = ['maxAbs', 'meanAbs', 'rms', 'relativeL2', 'cosine', 'l2A', 'l2B', 'min', 'max'] as const;
type Whole = (typeof WHOLE)[number];
type Near = (typeof NEAR)[number];

export function tell(found: TensorComparison): Told {
  const { count, changed, signFlips, maxAbsAt = -1, maxAbs, meanAbs, rms, relativeL2, cosine = 0, top, read } = found;
  if (!read) throw new Error('nothing was read');
  const { l2A, l2B, min = 0, max = 0, minAt = -1, maxAt = -1, notFinite, distribution } = read;
  return {
    ...{ count, changed, signFlips, ...notFinite, maxAbsAt, minAt, maxAt },
    ...{ maxAbs, meanAbs, rms, relativeL2, cosine, l2A, l2B, min, max },
    top: top.map(({ at }) => at),
    bins: [...distribution.counts],
  };
}

/** What two sides tell differently of a tensor; sums may be off by a millionth. */
export function differences(a: Told, b: Told): readonly string[] {
  const isNear = (x: number, y: number) => Math.abs(x - y) <= 1e-6 * Math.abs(x);
  return [
    ...WHOLE.filter((name) => a[name] !== b[name]),
    ...NEAR.filter((name) => !isNear(a[name], b[name])),
    ...(['top', 'bins'] as const).filter((name) => String(a[name]) !== String(b[name])),
  ];
}
