import type { StatisticName } from '../../src-core/index.ts';
import { valueText } from './chart-scale.ts';
import { exactCount, percentText } from './format.ts';

/** How a statistic is written in a column. Nothing is known: `·`; there is none: `—`. */
export function statisticText(name: StatisticName, value: number | undefined): string {
  if (value === undefined) return '·';
  if (Number.isNaN(value)) return '—';
  if (name === 'zeros') return percentText(value);
  if (name === 'nan' || name === 'inf' || name === 'count') return exactCount(value);
  return valueText(value, 4);
}

/** Titles of columns. */
export const STATISTIC_TITLES = {
  min: 'Min',
  max: 'Max',
  mean: 'Mean',
  std: 'Std',
  absmax: 'Max |x|',
  l2: 'L2',
  zeros: 'Zeros',
  nan: 'NaN',
  inf: 'Inf',
} as const satisfies Partial<Record<StatisticName, string>>;
