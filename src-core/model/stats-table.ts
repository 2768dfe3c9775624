import type { TensorStats } from '../tensor/stats.ts';
import type { EntryId } from './state-dict.ts';

/** What a table, a filter or a rule asks of a tensor. `zeros` is a share of the elements, `nan` and `inf` are counts. */
export const STATISTICS = ['count', 'min', 'max', 'mean', 'std', 'absmax', 'l2', 'zeros', 'nan', 'inf'] as const;
export type StatisticName = (typeof STATISTICS)[number];

/** Statistics by row. NaN: not known, or there is none (the mean of a tensor without a finite value). */
export interface StatisticColumns {
  numberOf(row: EntryId, name: StatisticName): number;
  /** Whether somebody looked, whatever came of it. */
  has(row: EntryId): boolean;
}

/** Statistics of some rows as columns: what crosses between threads. Plain data. */
export interface StatsBatch {
  readonly rows: Uint32Array<ArrayBuffer>;
  /** A number for each of `STATISTICS`, row after row; all NaN for a row that gives none. */
  readonly values: Float64Array<ArrayBuffer>;
}

const FIELDS = STATISTICS.length;
const PLACES = Object.fromEntries(STATISTICS.map((name, place) => [name, place])) as Record<StatisticName, number>;

/** Rows of a block: a look at what is on screen costs some 300 kB, whatever the document's size. */
const BLOCK = 4096;

/** Ten numbers a row, kept for rows that were computed. Not a cache: what is in it stays. */
export class StatsTable implements StatisticColumns {
  readonly #blocks = new Map<number, { readonly values: Float64Array; readonly known: Uint8Array }>();
  #size = 0;

  /** Rows known. */
  get size(): number {
    return this.#size;
  }

  has(row: EntryId): boolean {
    return this.#blocks.get(Math.floor(row / BLOCK))?.known[row % BLOCK] === 1;
  }

  numberOf(row: EntryId, name: StatisticName): number {
    const block = this.#blocks.get(Math.floor(row / BLOCK));
    return block?.known[row % BLOCK] === 1 ? block.values[(row % BLOCK) * FIELDS + PLACES[name]]! : Number.NaN;
  }

  /** Without `stats`: somebody looked, and there are none. */
  set(row: EntryId, stats: TensorStats | undefined): void {
    const at = this.#place(row);
    at.values.set(stats ? numbersOf(stats) : new Float64Array(FIELDS).fill(Number.NaN), at.start);
  }

  add({ rows, values }: StatsBatch): void {
    rows.forEach((row, i) => {
      const at = this.#place(row);
      at.values.set(values.subarray(i * FIELDS, (i + 1) * FIELDS), at.start);
    });
  }

  /** The rows of a list that are known. */
  batchOf(rows: Iterable<EntryId>): StatsBatch {
    const known = Uint32Array.from(rows).filter((row) => this.has(row));
    const values = new Float64Array(known.length * FIELDS);
    known.forEach((row, i) => {
      const { values: from, start } = this.#place(row);
      values.set(from.subarray(start, start + FIELDS), i * FIELDS);
    });
    return { rows: known, values };
  }

  #place(row: EntryId): { values: Float64Array; start: number } {
    const number = Math.floor(row / BLOCK);
    let block = this.#blocks.get(number);
    if (!block) {
      block = { values: new Float64Array(BLOCK * FIELDS), known: new Uint8Array(BLOCK) };
      this.#blocks.set(number, block);
    }
    if (block.known[row % BLOCK] === 0) this.#size++;
    block.known[row % BLOCK] = 1;
    return { values: block.values, start: (row % BLOCK) * FIELDS };
  }
}

function numbersOf(stats: TensorStats): readonly number[] {
  const numbers: Record<StatisticName, number> = {
    count: stats.count,
    min: stats.min ?? Number.NaN,
    max: stats.max ?? Number.NaN,
    mean: stats.mean ?? Number.NaN,
    std: stats.std ?? Number.NaN,
    absmax: stats.absmax ?? Number.NaN,
    l2: stats.l2,
    zeros: stats.count === 0 ? 0 : stats.zeros / stats.count,
    nan: stats.nan,
    inf: stats.posInf + stats.negInf,
  };
  return STATISTICS.map((name) => numbers[name]);
}
