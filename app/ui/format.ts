/** How numbers are written everywhere: short, tabular, decimal units. */

const SHORT = ['', 'k', 'M', 'B', 'T'] as const;

/** Counts at a glance: `288`, `18.8k`, `85.1M`, `6.74B`. Below 10,000 they are exact. */
export function shortCount(count: number): string {
  if (!Number.isFinite(count)) return '∞';
  return count < 10_000 ? exactCount(count) : scaled(count, 1000, SHORT, '');
}

/** Every digit: `1,115,394`. */
/** By hand: the first number through Intl costs 20 ms of a first paint. */
export const exactCount = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');

/** Decimal units, as disks and hubs count: `416 B`, `1.13 kB`, `13.5 GB`. */
export function bytesText(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB'], ' ');
}

/** Both for reading and for counting: `1,130 (1.13 kB)`. */
export const exactBytes = (bytes: number): string =>
  bytes < 1000 ? bytesText(bytes) : `${exactCount(bytes)} (${bytesText(bytes)})`;

function scaled(value: number, base: number, units: readonly string[], space: string): string {
  let unit = 0;
  let rest = value;
  // 999.95 would print as 1000.0: it belongs to the next unit.
  while (rest >= base * 0.99995 && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  const digits = rest >= 100 ? 1 : rest >= 10 ? 1 : 2;
  return `${rest.toFixed(digits)}${space}${units[unit]}`;
}

/** `32×1×3×3`; `scalar` for no dimensions. */
export const shapeText = (shape: readonly number[]): string => (shape.length === 0 ? 'scalar' : shape.join('×'));

/** A share for people: `<0.1 %`, `12.5 %`. */
export function percentText(share: number): string {
  if (share > 0 && share < 0.001) return '<0.1 %';
  return `${(share * 100).toFixed(share >= 0.9995 || share === 0 ? 0 : 1)} %`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${exactCount(count)} ${count === 1 ? one : many}`;
