import type { Problem } from '../../../model/state-dict.ts';
import { quantileOf } from '../../../tensor/distribution.ts';
import { dtypeLabel } from '../../../tensor/dtype.ts';
import { type CheckedTensor, placeText, rangeOf } from './checked-tensor.ts';

/** Weights are around one; what a flipped bit of the exponent makes of one is a million times all others. */
const HUGE = 1e6;
const COUNT_MIN = 16;

/** One value that all others disown: a flipped bit, or bytes read as the wrong type. */
export function* findHugeValues({ isWeight, shape, stats, key, row }: CheckedTensor): Iterable<Problem> {
  const { absmax, count, distribution, max, maxAt, minAt } = stats;
  if (!isWeight || shape.length < 2 || count < COUNT_MIN || absmax === undefined || absmax < HUGE) return;
  const usual = Math.max(...[0.25, 0.75].map((q) => Math.abs(quantileOf(distribution, q) ?? 0)));
  if (absmax < HUGE * usual) return;
  const place = max === absmax ? maxAt : minAt;
  yield {
    code: 'huge-value',
    severity: 'warning',
    message: `${key} holds ${(max === absmax ? absmax : -absmax).toPrecision(3)}${place === undefined ? '' : ` at ${placeText(place, shape)}`}; half of its values lie within ${usual.toPrecision(3)}.`,
    advice:
      'One such value ruins every result. A bit may have flipped when the file was copied: compare its hash with the original.',
    entry: row,
  };
}

/** Half precision ends at 65,504. */
export function* findNearOverflow({ isWeight, dtype, stats, key, row }: CheckedTensor): Iterable<Problem> {
  const { absmax } = stats;
  if (!isWeight || dtype !== 'f16' || absmax === undefined || absmax < 32_768) return;
  yield {
    code: 'near-overflow',
    severity: 'note',
    message: `${key} reaches ${absmax.toLocaleString('en')}; f16 ends at 65,504.`,
    advice: 'The next product may overflow to Inf. Compute with it in bf16 or f32.',
    entry: row,
  };
}

/** Values too small for their type, kept with fewer and fewer digits. */
export function* findDenormals({ isWeight, dtype, shape, stats, key, row }: CheckedTensor): Iterable<Problem> {
  const range = rangeOf(dtype);
  if (!isWeight || !range || shape.length < 2) return;
  const { low, high, counts } = stats.distribution;
  let some = 0;
  let small = 0;
  for (let i = 0; i < counts.length; i++) {
    if (low[i] === 0 && high[i] === 0) continue;
    some += counts[i]!;
    if (Math.max(Math.abs(low[i]!), Math.abs(high[i]!)) <= range.tiny) small += counts[i]!;
  }
  if (some < COUNT_MIN || small * 2 < some) return;
  yield {
    code: 'denormal',
    severity: 'note',
    message: `${Math.round((100 * small) / some)} % of the values of ${key} that are not zero are too small for ${dtypeLabel(dtype)} to hold in full (denormal).`,
    advice: 'They have lost digits, and some processors compute with them slowly. Keep this tensor in bf16 or f32.',
    entry: row,
  };
}
