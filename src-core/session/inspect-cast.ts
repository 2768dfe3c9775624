import { StateglassError } from '../base/errors.ts';
import { planTensor } from '../compute/plan.ts';
import type { EntryId } from '../model/state-dict.ts';
import { findTensor, requireInput, requireWholeElements } from '../ops/edit-tensor.ts';
import { type CastLosses, joinLosses, NO_LOSSES } from '../tensor/cast-losses.ts';
import { componentsOf } from '../tensor/decode.ts';
import { type DType, dtypeLabel, isBlockDType, numberTypeOf } from '../tensor/dtype.ts';
import { whyNotEncodable } from '../tensor/encode.ts';
import type { Document } from './document.ts';
import type { Pool } from './ports.ts';
import { type Job, runJobs, sumProgress } from './run-plan.ts';
import type { ScanOptions } from './scan.ts';

export interface EntryCastLosses {
  readonly id: EntryId;
  readonly key: string;
  readonly dtype: DType;
  readonly losses: CastLosses;
}

interface CastJob extends Job<'cast'> {
  readonly places: number[];
  losses: CastLosses;
}

/**
 * What the edit `cast` would change of the values of tensors, in their order: counts are exact. Reads every element once, also where
 * several entries share it.
 *
 * @throws what the edit itself throws; `unsupported` for complex tensors that would become real; `cancelled`.
 */
export async function inspectCast(
  document: Document,
  keys: readonly string[],
  dtype: DType,
  pool: Pool,
  options: ScanOptions = {},
): Promise<readonly EntryCastLosses[]> {
  const why = isBlockDType(dtype)
    ? 'what blocks make of numbers is not counted: cast, and compare with what was before'
    : whyNotEncodable(dtype);
  if (why !== undefined)
    throw new StateglassError({ kind: 'bad-input', detail: `cast: not to ${dtypeLabel(dtype)}: ${why}` });
  const founds = keys.map((key) => findTensor(document.state, key));
  const jobs = new Map<string, CastJob>();
  let bytes = 0;
  for (const [place, found] of founds.entries()) {
    if (!isBlockDType(found.value.dtype)) requireWholeElements(found);
    const { entry, value } = found;
    const reason =
      whyNotEncodable(numberTypeOf(value.dtype)) ??
      (componentsOf(value.dtype) > componentsOf(dtype) ? 'the loss of imaginary parts is not counted' : undefined);
    if (reason !== undefined)
      throw new StateglassError({ kind: 'unsupported', file: entry.key, format: 'cast', detail: reason });
    const view = JSON.stringify([value.storage, value.dtype, value.offset, value.shape, value.strides]);
    const known = jobs.get(view);
    if (known) known.places.push(place);
    else {
      const plan = planTensor('cast', value, requireInput(found).storage, document.files);
      bytes += plan.bytes;
      jobs.set(view, {
        tasks: plan.tasks.map((task) => ({ ...task, cast: dtype })),
        places: [place],
        losses: NO_LOSSES,
      });
    }
  }
  const told: EntryCastLosses[] = [];
  await runJobs<'cast', CastJob>(
    [...jobs.values()],
    pool,
    (job, losses) => {
      job.losses = joinLosses(job.losses, losses);
    },
    (job) => {
      for (const place of job.places) {
        const { row: id, entry, value } = founds[place]!;
        told[place] = { id, key: entry.key, dtype: value.dtype, losses: job.losses };
      }
    },
    { signal: options.signal, onProgress: sumProgress(bytes, options.onProgress) },
  );
  return told;
}

/** Losses of many tensors together. */
export const sumLosses = (list: readonly EntryCastLosses[]): CastLosses =>
  list.reduce((sum, { losses }) => joinLosses(sum, losses), NO_LOSSES);

/** As a person reads it: `3 become infinite, 2 are rounded by up to 0.001`; that nothing is lost. */
export function wordLosses(losses: CastLosses, dtype: DType): string {
  const { nan, overflow, clamped, underflow, rounded, maxError, count } = losses;
  const parts = [
    ...(overflow > 0 ? [`${overflow} overflow`] : []),
    ...(clamped > 0 ? [`${clamped} past the range of ${dtypeLabel(dtype)}`] : []),
    ...(nan > 0 ? [`${nan} NaN become numbers`] : []),
    ...(underflow > 0 ? [`${underflow} become 0`] : []),
    ...(rounded > 0 ? [`${rounded} rounded`] : []),
  ];
  if (parts.length === 0) return `all ${count} numbers stay what they are`;
  const error = underflow + rounded > 0 ? `, by up to ${Number(maxError.toPrecision(3))}` : '';
  return `of ${count} numbers ${parts.join(', ')}${error}`;
}
