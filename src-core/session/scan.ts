import { type ErrorInfo, StateglassError, toErrorInfo } from '../base/errors.ts';
import { type Plan, planTensor } from '../compute/plan.ts';
import { indexOfPlace } from '../compute/walk.ts';
import type { Entry, EntryId, TensorValue } from '../model/state-dict.ts';
import { componentsOf } from '../tensor/decode.ts';
import { StatsJoin, type TensorStats } from '../tensor/stats.ts';
import { constantRows, deadRows, duplicateRows, joinRows, type RowStats } from '../tensor/stats-rows.ts';
import type { Document } from './document.ts';
import type { Pool } from './ports.ts';
import { type Job, runJobs, sumProgress } from './run-plan.ts';

export interface EntryStats {
  readonly id: EntryId;
  /** What the numbers are: magnitudes of complex values, stored integers where each channel has a scale of its own. */
  readonly of: 'values' | 'magnitudes' | 'stored integers';
  /** The other entries that look at the same elements in the same way; they were computed once. */
  readonly sameAs: readonly EntryId[];
  readonly stats?: TensorStats;
  /** Where the first smallest and largest value stand; undefined where a view shows one element at several indices. */
  readonly minIndex?: readonly number[];
  readonly maxIndex?: readonly number[];
  /** More elements are to come: these are the statistics of those read so far. */
  readonly interim?: true;
  /** Why there are none. */
  readonly error?: ErrorInfo;
}

export interface ScanOptions {
  readonly signal?: AbortSignal;
  /** Bytes of elements done, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Told of a large tensor while it is read, at most every `INTERIM_MS`. */
  readonly onInterim?: (stats: EntryStats) => void;
}

/** Reading a distribution out of its counts takes some milliseconds; more often than this nobody sees. */
const INTERIM_MS = 250;

interface StatsJob extends Job<'stats'> {
  readonly value: TensorValue;
  readonly ids: EntryId[];
  readonly plan?: Plan<'stats'>;
  /** Made for the first result, dropped with the last: its tables are large. */
  join?: StatsJoin | undefined;
  readonly error?: ErrorInfo;
}

/**
 * Statistics of tensors, each told as soon as it is done, in the order given. Entries that are no tensors are passed over.
 * What one tensor cannot give (no data, no numbers, damage) is told as its error and stops no other; the bytes of tied
 * tensors are read once.
 *
 * @throws `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function scanStats(
  document: Document,
  rows: Iterable<number>,
  pool: Pool,
  onStats: (stats: EntryStats) => void,
  options: ScanOptions = {},
): Promise<void> {
  const jobs = listJobs(document, rows);
  const total = jobs.reduce((sum, job) => sum + (job.plan?.bytes ?? 0), 0);
  const { onInterim } = options;
  let told = performance.now();
  await runJobs<'stats', StatsJob>(
    jobs,
    pool,
    (job, partial) => {
      job.join ??= job.plan && new StatsJoin(job.plan.numbers);
      job.join?.add(partial);
      if (!onInterim || performance.now() - told < INTERIM_MS) return;
      tell(job, (stats) => onInterim({ ...stats, interim: true }));
      told = performance.now();
    },
    (job) => {
      tell(job, onStats);
      job.join = undefined;
    },
    { signal: options.signal, onProgress: sumProgress(total, options.onProgress) },
  );
}

function tell(job: StatsJob, onStats: (stats: EntryStats) => void): void {
  const join = job.join ?? (job.plan && new StatsJoin(job.plan.numbers));
  const stats = join?.finish(job.plan?.walk.repeat);
  const { dtype, quant } = job.value;
  const minIndex = stats && indexOf(job, stats.minAt);
  const maxIndex = stats && indexOf(job, stats.maxAt);
  const of =
    componentsOf(dtype) === 2 ? 'magnitudes' : quant?.scheme === 'per-channel-affine' ? 'stored integers' : 'values';
  for (const id of job.ids) {
    const sameAs = job.ids.filter((other) => other !== id);
    onStats({
      id,
      of,
      sameAs,
      ...(stats && { stats }),
      ...(minIndex && { minIndex }),
      ...(maxIndex && { maxIndex }),
      ...(job.error && { error: job.error }),
    });
  }
}

const indexOf = ({ plan, value }: StatsJob, place: number | undefined): readonly number[] | undefined =>
  plan && place !== undefined ? indexOfPlace(value, plan.walk, place) : undefined;

/** One job for each way to look at a storage; entries that look alike share it. */
function listJobs(document: Document, rows: Iterable<number>): readonly StatsJob[] {
  const jobs = new Map<string, StatsJob>();
  for (const row of rows) {
    const entry = document.state.entries.at(row);
    if (entry.value.type !== 'tensor') continue;
    const key = viewKey(entry.value) ?? `entry ${entry.id}`;
    const known = jobs.get(key);
    if (known) known.ids.push(entry.id);
    else jobs.set(key, planJob(document, entry, entry.value));
  }
  return [...jobs.values()];
}

/** Equal for tensors with the same elements: only the extent of the view counts, so that every shape of it is the same work. */
function viewKey({ storage, dtype, offset, shape, strides, quant, negative }: TensorValue): string | undefined {
  if (storage === undefined) return undefined;
  return JSON.stringify([storage, dtype, offset, shape, strides ?? null, quant ?? null, negative ?? false]);
}

function planJob(document: Document, entry: Entry, value: TensorValue): StatsJob {
  const ids = [entry.id];
  try {
    const plan = planStats('stats', document, entry, value);
    return { value, ids, plan, tasks: plan.tasks };
  } catch (error) {
    return { value, ids, tasks: [], error: toErrorInfo(error) };
  }
}

function planStats<Kind extends 'stats' | 'rows'>(
  kind: Kind,
  { state, files }: Document,
  entry: Entry,
  value: TensorValue,
): Plan<Kind> {
  if (value.undeclared || value.storage === undefined) {
    const why = value.storage === undefined ? undefined : state.storages.get(value.storage)?.data;
    const detail = why?.kind === 'absent' ? why.why : 'its values are not in the file';
    throw new StateglassError({ kind: 'not-found', what: entry.key, detail });
  }
  return planTensor(kind, value, state.storages.get(value.storage), files);
}

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
  const plan = planStats('rows', document, entry, value);
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
  const { shape } = value;
  if (!(axis in shape)) throw new StateglassError({ kind: 'bad-input', detail: `there is no axis ${axis}` });
  const strides = value.strides ?? shape.map((_, dim) => shape.slice(dim + 1).reduce((n, size) => n * size, 1));
  const first = <T>(list: readonly T[]): T[] => [list[axis] as T, ...list.filter((_, dim) => dim !== axis)];
  return { ...value, shape: first(shape), strides: first(strides) };
}
