/** Columns of a histogram. */
export interface Counted {
  readonly counts: Float64Array;
  readonly from: number;
  readonly to: number;
}

const MOST_COLUMNS = 100;
const LEAST_COLUMNS = 20;

/** How often finite values fall into equal columns between the least and the greatest; undefined when there are none. */
export function countValues(data: ArrayLike<number | bigint>): Counted | undefined {
  let [low, high, total] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    total++;
  }
  if (total === 0) return undefined;
  const margin = low === high ? Math.max(Math.abs(low) * 0.5, 0.5) : 0;
  const [from, to] = [low - margin, high + margin];
  const columns = Math.round(Math.min(MOST_COLUMNS, Math.max(LEAST_COLUMNS, 2 * Math.sqrt(total))));
  const counts = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (Number.isFinite(value)) counts[Math.min(columns - 1, Math.floor(((value - from) / (to - from)) * columns))]!++;
  }
  return { counts, from, to };
}
