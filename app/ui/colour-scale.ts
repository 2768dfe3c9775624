import { LEVELS, type Ramp } from './colour-ramps.ts';

/** `full`: from the least to the greatest. `percentile`: without the outer 1 % on either side. `symmetric`: as far down as up. */
export type RangeKind = 'symmetric' | 'full' | 'percentile';

export interface ColourScale {
  readonly ramp: Ramp;
  readonly low: number;
  readonly high: number;
}

const OUTER = 0.01;

export interface ScaleChoice {
  readonly ramp: Ramp | 'auto';
  readonly range: RangeKind;
}

/** A scale for a sample. Its own ramp is diverging where the numbers have both signs. What is not finite has no part in it. */
export function scaleFor(sample: Float64Array, choice: ScaleChoice): ColourScale {
  const sorted = sample.filter(Number.isFinite).sort();
  const last = sorted.length - 1;
  const [least, most] = [sorted[0] ?? 0, sorted[last] ?? 0];
  const ramp = choice.ramp === 'auto' ? (least < 0 && most > 0 ? 'diverging' : 'sequential') : choice.ramp;
  const [low, high] =
    choice.range === 'percentile'
      ? [sorted[Math.floor(last * OUTER)] ?? 0, sorted[Math.ceil(last * (1 - OUTER))] ?? 0]
      : [least, most];
  if (choice.range === 'full' || (choice.range === 'percentile' && ramp === 'sequential')) return { ramp, low, high };
  const size = Math.max(Math.abs(low), Math.abs(high));
  return { ramp, low: -size, high: size };
}

/** 0 to LEVELS - 1, cut at the ends; LEVELS for what is not finite. The middle of a diverging scale is 0, whatever its ends. */
export function levelOf({ ramp, low, high }: ColourScale, value: number): number {
  if (!Number.isFinite(value)) return LEVELS;
  return Math.round(shareOf(ramp, low, high, value) * (LEVELS - 1));
}

function shareOf(ramp: Ramp, low: number, high: number, value: number): number {
  if (ramp === 'sequential') return high > low ? clamp((value - low) / (high - low)) : 0.5;
  if (value === 0) return 0.5;
  if (value > 0) return 0.5 + 0.5 * clamp(high > 0 ? value / high : 1);
  return 0.5 - 0.5 * clamp(low < 0 ? value / low : 1);
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share));

/** Steps of the colour behind a number, faint enough for its text to be read. */
const TINTS = 24;
const STRONGEST = 0.4;
const TINT = { below: '52 122 196', above: '226 132 44', amount: '33 145 140' } as const;

/** A CSS colour to lie behind the text of a number; undefined where there is nothing to tell. */
export function tintOf(scale: ColourScale, value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  const share = shareOf(scale.ramp, scale.low, scale.high, value);
  const [hue, strength] =
    scale.ramp === 'sequential'
      ? [TINT.amount, share]
      : [share < 0.5 ? TINT.below : TINT.above, Math.abs(share - 0.5) * 2];
  const step = Math.round(strength * TINTS);
  return step === 0 ? undefined : `rgb(${hue} / ${((step / TINTS) * STRONGEST).toFixed(3)})`;
}
