import type { Problem } from '../../../model/state-dict.ts';
import { type CheckedTensor, placeText } from './checked-tensor.ts';

/** Names of limits, which are infinite where there is none. */
const LIMIT = /min|max|bound|limit|clip|range/i;

/** Whether a tensor holds what no arithmetic comes back from. A mask of -Inf and one other value is meant so, and so is a limit. */
export function isNotFinite({ label, stats }: Pick<CheckedTensor, 'label' | 'stats'>): boolean {
  const { nan, posInf, negInf, count, min, max } = stats;
  if (nan > 0) return true;
  if (posInf + negInf === count && LIMIT.test(label)) return false;
  return posInf > 0 || (negInf > 0 && min !== max);
}

/** `first`: place of the first such value in C order, where it was looked for. */
export function describeNotFinite({ row, key, shape, stats }: CheckedTensor, first: number | undefined): Problem {
  const { nan, posInf, negInf, count } = stats;
  const found = [nan > 0 && `${n(nan)} NaN`, posInf > 0 && `${n(posInf)} Inf`, negInf > 0 && `${n(negInf)} -Inf`];
  const where = first === undefined || nan === count ? '' : `, the first at ${placeText(first, shape)}`;
  const all =
    nan === count ? 'is NaN throughout' : `holds ${found.filter(Boolean).join(', ')} among ${n(count)} values`;
  return {
    code: nan > 0 ? 'nan' : 'infinite',
    severity: 'error',
    message: `${key} ${all}${where}.`,
    advice:
      nan > 0
        ? 'Whatever is computed with it becomes NaN. Go back to a checkpoint before the training diverged, or copy the file again if it was whole once.'
        : 'Products with it become Inf or NaN. If it was converted to a narrower type, values overflowed: convert again from the original, to bf16 or f32.',
    entry: row,
  };
}

const n = (count: number): string => count.toLocaleString('en');
