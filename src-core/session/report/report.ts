import { describeError } from '../../base/errors.ts';
import type { MetadataDifference } from '../../diff/metadata.ts';
import { alignNones } from '../../diff/none-text.ts';
import type { Entry } from '../../model/state-dict.ts';
import { COMPARE_STATUSES, type CompareStatus, type Comparison } from '../compare.ts';
import { entriesOfPair } from '../compared-entry.ts';
import type { Document } from '../document.ts';
import { countOf, makeRow, type ReportRow } from './row.ts';

/** What a comparison says, in words: the same for terminal, Markdown and HTML. */
export interface Report {
  readonly nameA: string;
  readonly nameB: string;
  /** `291 tensors: 3 changed, 1 renamed, 287 the same`. */
  readonly headline: string;
  /** What was not looked at, or does not count. */
  readonly notes: readonly string[];
  /** What differs, changed first; none that are the same. */
  readonly sections: readonly ReportSection[];
  readonly metadata: readonly MetadataDifference[];
}

export interface ReportSection {
  readonly status: Exclude<CompareStatus, 'same'>;
  readonly rows: readonly ReportRow[];
}

const SECTIONS = ['changed', 'renamed', 'removed', 'added'] as const;

/** Words a comparison of `a` with `b`. */
export function makeReport(comparison: Comparison, a: Document, b: Document): Report {
  const rows: Record<CompareStatus, ReportRow[]> = { same: [], changed: [], added: [], removed: [], renamed: [] };
  let tensors = 0;
  const meant = (inA: Entry | undefined, inB: Entry | undefined) =>
    inA && inB ? alignNones(a.state, b.state, inA.value, inB.value) : ([inA?.value, inB?.value] as const);
  for (const [i, code] of comparison.status.entries()) {
    const status = COMPARE_STATUSES[code]!;
    const [inA, inB] = entriesOfPair(comparison, a, b, i);
    if ((inA ?? inB)?.value.type === 'tensor') tensors++;
    if (status !== 'same') rows[status].push(makeRow(comparison, i, inA, inB, meant(inA, inB)));
  }
  const isRead = comparison.withValues;
  return {
    nameA: a.name,
    nameB: b.name,
    headline: wordSummary(comparison, tensors),
    notes: [
      ...(tensors > 0 && !isRead ? ['Values of tensors were not read.'] : []),
      ...wordFailures(comparison),
      ...(comparison.metadata.length > 0
        ? [
            `${countOf(comparison.metadata.length, 'item')} of metadata differ${comparison.metadata.length === 1 ? 's' : ''}.`,
          ]
        : []),
    ],
    sections: SECTIONS.flatMap((status) => (rows[status].length > 0 ? [{ status, rows: rows[status] }] : [])),
    metadata: comparison.metadata,
  };
}

/** Nobody may take what was not compared for the same. */
function wordFailures({ failures }: Comparison): string[] {
  const [error] = failures.values();
  if (!error) return [];
  const what =
    failures.size === 1 ? 'Values of a tensor were' : `Values of ${failures.size.toLocaleString('en')} tensors were`;
  return [`${what} not compared: ${describeError(error)}`];
}

function wordSummary(comparison: Comparison, tensors: number): string {
  const { same, ...others } = comparison.summary;
  const total = same + others.changed + others.added + others.removed + others.renamed;
  const what = tensors === total ? countOf(total, 'tensor') : countOf(total, 'entry', 'entries');
  const both = countOtherValues(comparison);
  const told = SECTIONS.filter((status) => others[status] > 0).map((status) => {
    const told = `${others[status].toLocaleString('en')} ${status}`;
    return status === 'renamed' && both > 0
      ? `${told} (${both === others.renamed ? 'all' : both.toLocaleString('en')} with other values)`
      : told;
  });
  if (total === 0) return 'Nothing is in either';
  if (told.length > 0)
    return `${what}: ${[...told, ...(same > 0 ? [`${same.toLocaleString('en')} the same`] : [])].join(', ')}`;
  if (comparison.failures.size > 0) return `${what}, no difference found`;
  return comparison.withValues || tensors === 0
    ? `${what}, no difference`
    : `${what}, no difference of names, types and shapes`;
}

/** Renamed, and other values besides. */
function countOtherValues({ status, values }: Comparison): number {
  const renamed = COMPARE_STATUSES.indexOf('renamed');
  let count = 0;
  for (const [i, { identical }] of values) if (!identical && status[i] === renamed) count++;
  return count;
}
