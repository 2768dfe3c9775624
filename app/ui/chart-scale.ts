/** Places on the axes of charts: round numbers that people read, a handful of them. */

export interface Tick {
  /** 0 at the start of the axis, 1 at its end. */
  readonly at: number;
  readonly text: string;
}

/** 1, 2 or 5 times a power of ten, at least as large as `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const times = rough / power;
  return (times <= 1.0001 ? 1 : times <= 2.0001 ? 2 : times <= 5.0001 ? 5 : 10) * power;
}

/** Ticks at round numbers in [from, to], about `wanted` of them. */
export function linearTicks(from: number, to: number, wanted: number, write = valueText): readonly Tick[] {
  const span = to - from;
  if (!(span > 0) || !Number.isFinite(span)) return [{ at: 0.5, text: write(from) }];
  const step = roundStep(span / wanted);
  const ticks: Tick[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
    // 3 × 0.1 is 0.30000000000000004.
    const value = Number((i * step).toPrecision(12));
    ticks.push({ at: (value - from) / span, text: write(value) });
  }
  return ticks;
}

/** Height of a count on a logarithmic axis up to `most`, 0 to 1. One stands visibly above none. */
export const logHeight = (count: number, most: number): number =>
  count <= 0 ? 0 : Math.max(0.012, Math.log(Math.max(count, 0.5) * 2) / Math.log(Math.max(most, 1) * 2));

/** Powers of ten up to `most`. */
export function logTicks(most: number, wanted: number, write = valueText): readonly Tick[] {
  const powers = Math.floor(Math.log10(Math.max(1, most)) + 1e-9);
  const step = Math.max(1, Math.ceil(powers / wanted));
  const ticks: Tick[] = [{ at: 0, text: '0' }];
  for (let power = 0; power <= powers; power += step) {
    ticks.push({ at: logHeight(10 ** power, most), text: write(10 ** power) });
  }
  return ticks;
}

/** A number as people compare it: up to `digits` significant, a power of ten where it is very large or small. */
export function valueText(value: number, digits = 5): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
  if (size >= 1e7 || size < 10 ** (1 - digits))
    return value.toExponential(Math.min(3, digits - 1)).replace(/\.?0*e\+?/, 'e');
  const text = value.toPrecision(digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
