import { StateglassError } from '../base/errors.ts';
import type { EntryId, TensorValue } from '../model/state-dict.ts';
import { constantRows, deadRows, duplicateRows, joinRows, type RowStats } from '../tensor/stats-rows.ts';
import type { Document } from './document.ts';
import { permuteAxes } from './permute-axes.ts';
import { planEntry } from './plan-entry.ts';
import type { Pool } from './ports.ts';
import { type Job, runJobs, sumProgress } from './run-plan.ts';
import type { ScanOptions } from './scan.ts';

export interface EntryRows {
  readonly id: EntryId;
  /** Elements of a row. */
  readonly rowLength: number;
  readonly stats: RowStats;
  /** Rows of zeros alone (dead channels). */
  readonly dead: readonly number[];
  /** Rows of one other value. */
  readonly constant: readonly number[];
  /** Groups of rows with equal content. */
  readonly duplicates: readonly (readonly number[])[];
}

/**
 * Statistics of every row (all elements with the same first index) of one tensor of at least one dimension; with `axis`, of
 * all elements with the same index of that axis. Against the grain of memory that is one task, and slower.
 *
 * @throws `not-found` for what is no tensor or has no data, `unsupported` for elements that are no numbers, `cancelled`.
 */
export async function scanRows(
  document: Document,
  row: number,
  pool: Pool,
  { axis = 0, ...options }: ScanOptions & { readonly axis?: number } = {},
): Promise<EntryRows> {
  const entry = document.state.entries.at(row);
  if (entry.value.type !== 'tensor' || entry.value.shape.length === 0) {
    throw new StateglassError({ kind: 'not-found', what: entry.key, detail: 'it is no tensor with rows' });
  }
  const value = putAxisFirst(entry.value, axis);
  const plan = await planEntry('rows', document, entry, value);
  const parts: RowStats[] = [];
  await runJobs<'rows', Job<'rows'>>(
    [plan],
    pool,
    (_, part) => parts.push(part),
    () => undefined,
    { signal: options.signal, onProgress: sumProgress(plan.bytes, options.onProgress) },
  );
  const stats = joinRows(parts);
  const rowLength = value.shape.slice(1).reduce((n, dim) => n * dim, 1);
  return {
    id: entry.id,
    rowLength,
    stats,
    dead: deadRows(stats, rowLength),
    constant: constantRows(stats, rowLength),
    duplicates: duplicateRows(stats, rowLength),
  };
}

/** The same elements with another axis as their rows. */
function putAxisFirst(value: TensorValue, axis: number): TensorValue {
  if (axis === 0) return value;
  if (!(axis in value.shape)) throw new StateglassError({ kind: 'bad-input', detail: `there is no axis ${axis}` });
  return permuteAxes(
    value,
    [axis, ...value.shape.keys()].filter((dim, i) => i === 0 || dim !== axis),
  );
}
