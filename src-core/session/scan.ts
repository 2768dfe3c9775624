import { type ErrorInfo, StateglassError, toErrorInfo } from '../base/errors.ts';
import type { Plan } from '../compute/plan.ts';
import type { Entry, EntryId, TensorValue } from '../model/state-dict.ts';
import { componentsOf } from '../tensor/decode.ts';
import { formatSlice, parseSlice, type Slice } from '../tensor/slice.ts';
import { StatsJoin, type TensorStats } from '../tensor/stats.ts';
import { indexOfPlace } from '../tensor/walk.ts';
import { findEntry } from './describe.ts';
import type { Document } from './document.ts';
import { planEntry } from './plan-entry.ts';
import type { Pool } from './ports.ts';
import { type Job, joinCells, runJobs, sumProgress } from './run-plan.ts';
import { sliceTensor } from './slice-tensor.ts';
import { tensorOf } from './values.ts';
import { viewKey } from './view-key.ts';

export interface EntryStats {
  readonly id: EntryId;
  /** What the numbers are: magnitudes of complex values, stored integers where the scales of channels are not known. */
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
  await runStats(await listJobs(document, rows), pool, onStats, options);
}

export interface SliceStats extends EntryStats {
  /** Of the slice, to which the indices of extremes belong. */
  readonly shape: readonly number[];
  /** `parseSlice` reads it again. */
  readonly sliceText: string;
}

/**
 * Statistics of a part of a tensor: a slice as text (`0, :, 2:5`) or parsed. Reads little more than what the slice touches.
 *
 * @throws `not-found` for an unknown id and for a tensor without data, `bad-input` for a slice that cannot be read and for an
 * entry that is no tensor, `unsupported` for elements that are no numbers, `cancelled`, `source`.
 */
export async function scanSlice(
  document: Document,
  id: EntryId,
  slice: Slice | string,
  pool: Pool,
  options: ScanOptions = {},
): Promise<SliceStats> {
  const entry = findEntry(document, id);
  const whole = tensorOf(entry);
  const part = typeof slice === 'string' ? parseSlice(slice, whole.shape) : slice;
  const value = sliceTensor(whole, part);
  const job = await planJob(document, entry, value);
  if (job.error) throw new StateglassError(job.error);
  let found: EntryStats | undefined;
  await runStats(
    [job],
    pool,
    (stats) => {
      found = stats;
    },
    options,
  );
  return { ...(found as EntryStats), shape: value.shape, sliceText: formatSlice(part, whole.shape) };
}

async function runStats(
  jobs: readonly StatsJob[],
  pool: Pool,
  onStats: (stats: EntryStats) => void,
  options: ScanOptions,
): Promise<void> {
  const total = jobs.reduce((sum, job) => sum + (job.plan?.bytes ?? 0), 0);
  const { onInterim } = options;
  let told = performance.now();
  await runJobs<'stats', StatsJob>(
    joinCells(jobs, pool),
    pool,
    (job, partials) => {
      job.join ??= job.plan && new StatsJoin(job.plan.numbers);
      for (const partial of partials) job.join?.add(partial);
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
  const minIndex = stats && indexOf(job, stats.minAt);
  const maxIndex = stats && indexOf(job, stats.maxAt);
  for (const id of job.ids) {
    const sameAs = job.ids.filter((other) => other !== id);
    onStats({
      id,
      of: kindOf(job),
      sameAs,
      ...(stats && { stats }),
      ...(minIndex && { minIndex }),
      ...(maxIndex && { maxIndex }),
      ...(job.error && { error: job.error }),
    });
  }
}

function kindOf({ value: { dtype, quant }, plan }: StatsJob): EntryStats['of'] {
  if (componentsOf(dtype) === 2) return 'magnitudes';
  const isScaled = quant?.scheme !== 'per-channel-affine' || plan?.numbers.channels !== undefined;
  return isScaled ? 'values' : 'stored integers';
}

const indexOf = ({ plan, value }: StatsJob, place: number | undefined): readonly number[] | undefined =>
  plan && place !== undefined ? indexOfPlace(value, plan.walk, place) : undefined;

/** One job for each way to look at a storage; entries that look alike share it. */
async function listJobs(document: Document, rows: Iterable<number>): Promise<readonly StatsJob[]> {
  const jobs = new Map<string, StatsJob>();
  for (const row of rows) {
    const entry = document.state.entries.at(row);
    if (entry.value.type !== 'tensor') continue;
    const key = viewKey(entry.value) ?? `entry ${entry.id}`;
    const known = jobs.get(key);
    if (known) known.ids.push(entry.id);
    else jobs.set(key, await planJob(document, entry, entry.value));
  }
  return [...jobs.values()];
}

async function planJob(document: Document, entry: Entry, value: TensorValue): Promise<StatsJob> {
  const ids = [entry.id];
  try {
    const plan = await planEntry('stats', document, entry, value);
    return { value, ids, plan, tasks: plan.tasks };
  } catch (error) {
    return { value, ids, tasks: [], error: toErrorInfo(error) };
  }
}
