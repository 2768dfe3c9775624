import { type ErrorInfo, StateglassError, toErrorInfo } from '../base/errors.ts';
import { type ComparePlan, planCompare } from '../compute/plan-compare.ts';
import type { TensorValue } from '../model/state-dict.ts';
import { ComparisonJoin, sameComparison, type TensorComparison } from '../tensor/compare.ts';
import { componentsOf } from '../tensor/decode.ts';
import { type Places, placesOf } from './compare-places.ts';
import type { Document } from './document.ts';
import { permuteAxes } from './permute-axes.ts';
import { openSide } from './plan-entry.ts';
import type { Pool } from './ports.ts';
import { type Job, joinCells, runJobs, sumProgress } from './run-plan.ts';
import type { EntryStats, ScanOptions } from './scan.ts';
import { tensorOf } from './values.ts';
import { viewKey } from './view-key.ts';

/** Two rows that are held against each other. */
export interface RowPair {
  /** Row of document A. */
  readonly a: number;
  /** Row of document B. */
  readonly b: number;
  /** B is first transposed: its axes in the order of A's, as for NumPy's `transpose`. */
  readonly axes?: readonly number[];
}

export type CompareValuesOptions = Pick<ScanOptions, 'signal' | 'onProgress'>;

export interface PairComparison {
  /** Place of the pair in the list given. */
  readonly pair: number;
  /** Other pairs of the list with the same elements on both sides; they were computed once. */
  readonly sameAs: readonly number[];
  /** What was compared: magnitudes of the differences of complex values, stored integers where the scales of channels are not known. */
  readonly of: EntryStats['of'];
  /** Places in it are places in C order of A's shape. */
  readonly comparison?: TensorComparison;
  /** The same places as indices. */
  readonly indices?: ComparisonIndices;
  /** Why there is none: shapes that differ are `bad-input`. */
  readonly error?: ErrorInfo;
}

export interface ComparisonIndices {
  readonly maxAbs?: readonly number[];
  readonly min?: readonly number[];
  readonly max?: readonly number[];
  readonly notFinite?: readonly number[];
  /** Of the cells of `top`. */
  readonly top: readonly (readonly number[])[];
}

export interface PairEquality extends Pick<PairComparison, 'pair' | 'sameAs' | 'error'> {
  /** Whether all elements are the same: of one type to the last bit, of two types by value. */
  readonly equal?: boolean;
}

/**
 * Compares the values of two tensors of one shape; of any types, quantised or not. Both are read once, side by side.
 *
 * @throws `bad-input` when shapes differ or a row is no tensor, `not-found` without data, `unsupported` for elements that are
 * no numbers, `cancelled`, `source`.
 */
export async function compareValues(
  a: Document,
  rowA: number,
  b: Document,
  rowB: number,
  pool: Pool,
  { axes, ...options }: CompareValuesOptions & Pick<RowPair, 'axes'> = {},
): Promise<PairComparison & Required<Pick<PairComparison, 'comparison' | 'indices'>>> {
  const found: PairComparison[] = [];
  const pair = { a: rowA, b: rowB, ...(axes && { axes }) };
  await comparePairs(a, b, [pair], pool, (result) => found.push(result), options);
  const { comparison, indices, error, ...result } = found[0] as PairComparison;
  if (!comparison || !indices) throw new StateglassError(error as ErrorInfo);
  return { ...result, comparison, indices };
}

/**
 * Compares many pairs, each told as soon as it is done, in the order given. What one pair cannot give (shapes that differ, no
 * data, damage) is told as its error and stops no other; pairs of tied tensors are computed once.
 *
 * @throws `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function comparePairs(
  a: Document,
  b: Document,
  pairs: readonly RowPair[],
  pool: Pool,
  onCompared: (result: PairComparison) => void,
  options: CompareValuesOptions = {},
): Promise<void> {
  await runPairs(
    await listJobs('compare', a, b, pairs),
    pool,
    (job, partials) => {
      job.join ??= job.plan && new ComparisonJoin(...job.plan.numbers);
      for (const partial of partials) job.join?.add(partial);
    },
    (job) => {
      const { pairs: ids, of, error } = job;
      const result = finish(job);
      job.join = undefined;
      for (const pair of ids) {
        onCompared({ pair, sameAs: ids.filter((other) => other !== pair), of, ...result, ...(error && { error }) });
      }
    },
    options,
  );
}

/**
 * Whether pairs are the same and nothing else, as `comparePairs` tells it. Less is read of pairs that differ.
 *
 * @throws `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function matchPairs(
  a: Document,
  b: Document,
  pairs: readonly RowPair[],
  pool: Pool,
  onMatched: (result: PairEquality) => void,
  options: CompareValuesOptions = {},
): Promise<void> {
  await runPairs(
    await listJobs('same', a, b, pairs),
    pool,
    (job, isSame) => {
      job.differs ||= !isSame;
    },
    ({ pairs: ids, differs, error }) => {
      const equal = !differs;
      for (const pair of ids) {
        onMatched({ pair, sameAs: ids.filter((other) => other !== pair), ...(error ? { error } : { equal }) });
      }
    },
    options,
  );
}

interface PairJob<Kind extends 'compare' | 'same'> extends Job<Kind> {
  /** Places in the list given. */
  readonly pairs: number[];
  readonly of: EntryStats['of'];
  readonly plan?: ComparePlan<Kind>;
  readonly places?: Places;
  readonly error?: ErrorInfo;
  /** Made for the first result, dropped with the last: its tables are large. */
  join?: ComparisonJoin | undefined;
  differs?: boolean;
}

function finish({ plan, places, join }: PairJob<'compare'>) {
  if (!plan) return undefined;
  const found = plan.isSame ? sameComparison(plan.count) : (join ?? new ComparisonJoin(...plan.numbers)).finish();
  return places?.arrange(found);
}

async function runPairs<Kind extends 'compare' | 'same'>(
  jobs: readonly PairJob<Kind>[],
  pool: Pool,
  take: Parameters<typeof runJobs<Kind, PairJob<Kind>>>[2],
  end: (job: PairJob<Kind>) => void,
  { signal, onProgress }: CompareValuesOptions,
): Promise<void> {
  const total = jobs.reduce((sum, { plan }) => sum + (plan?.bytes ?? 0), 0);
  const run = { signal, onProgress: sumProgress(total, onProgress) };
  await runJobs<Kind, PairJob<Kind>>(joinCells<Kind, PairJob<Kind>>(jobs, pool), pool, take, end, run);
}

/** One job for each two ways to look at storages. */
async function listJobs<Kind extends 'compare' | 'same'>(
  kind: Kind,
  a: Document,
  b: Document,
  pairs: readonly RowPair[],
): Promise<readonly PairJob<Kind>[]> {
  const jobs = new Map<string, PairJob<Kind>>();
  for (const [place, pair] of pairs.entries()) {
    const key = pairKey(a, b, pair) ?? `pair ${place}`;
    const known = jobs.get(key);
    if (known) known.pairs.push(place);
    else jobs.set(key, { pairs: [place], ...(await planPair(kind, a, b, pair)) });
  }
  return [...jobs.values()];
}

function pairKey(a: Document, b: Document, pair: RowPair): string | undefined {
  const [left, right] = [a.state.entries.at(pair.a).value, b.state.entries.at(pair.b).value];
  if (left.type !== 'tensor' || right.type !== 'tensor') return undefined;
  const keys = [viewKey(left), viewKey(right)];
  return keys.includes(undefined) ? undefined : JSON.stringify([...keys, pair.axes ?? null]);
}

async function planPair<Kind extends 'compare' | 'same'>(
  kind: Kind,
  a: Document,
  b: Document,
  pair: RowPair,
): Promise<Omit<PairJob<Kind>, 'pairs'>> {
  let of: EntryStats['of'] = 'values';
  try {
    const [left, right] = [a.state.entries.at(pair.a), b.state.entries.at(pair.b)];
    const value = tensorOf(left);
    const other = pair.axes ? permuteAxes(tensorOf(right), pair.axes) : tensorOf(right);
    const places = placesOf(value, other);
    const sides = await Promise.all([openSide(a, left, places.turn(value)), openSide(b, right, places.turn(other))]);
    of = kindOf(sides);
    const plan = planCompare(kind, ...sides);
    return { of, plan, places, tasks: plan.tasks };
  } catch (error) {
    return { of, tasks: [], error: toErrorInfo(error) };
  }
}

type Opened = Awaited<ReturnType<typeof openSide>>;

function kindOf(sides: readonly [Opened, Opened]): EntryStats['of'] {
  const hasScales = ({ value, channels }: Opened) => value.quant?.scheme !== 'per-channel-affine' || channels;
  if (!sides.every(hasScales)) return 'stored integers';
  return sides.some(({ value }) => isComplex(value)) ? 'magnitudes' : 'values';
}

const isComplex = ({ dtype }: TensorValue): boolean => componentsOf(dtype) === 2;
