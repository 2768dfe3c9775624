import type { ErrorInfo } from '../base/errors.ts';
import { finishPairing } from '../diff/finish.ts';
import { matchNames } from '../diff/match-names.ts';
import { matchTexts } from '../diff/match-texts.ts';
import { diffMetadata, type MetadataDifference } from '../diff/metadata.ts';
import { alignNones } from '../diff/none-text.ts';
import { openPairing, type PairOptions } from '../diff/pair.ts';
import { PAIR_FLAG, type Pairing, statusOf } from '../diff/pairing.ts';
import type { Side } from '../diff/side.ts';
import { isSameValue } from '../diff/value.ts';
import { type StateDict, VALUE_ORDER } from '../model/state-dict.ts';
import type { Document } from './document.ts';
import { matchContents } from './match-contents.ts';
import { comparePairedValues, type ValueDifference } from './pair-values.ts';
import type { Pool } from './ports.ts';

export interface CompareOptions extends PairOptions {
  /** Read the tensors of both and compare their values; without it names, dtypes, shapes and all that is no tensor. */
  readonly values?: boolean;
  /** Does the reading; needed for values. */
  readonly pool?: Pool;
  /** Whether a little of each tensor without a partner is read, to find it by what it holds; as `values` unless told otherwise. */
  readonly contents?: boolean;
  readonly signal?: AbortSignal;
  /** Bytes read of tensors that are looked into, and in all. */
  readonly onContents?: (done: number, total: number) => void;
  /** Bytes of elements done, and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Order of the codes in `Comparison.status`. */
export const COMPARE_STATUSES = ['same', 'changed', 'added', 'removed', 'renamed'] as const;
export type CompareStatus = (typeof COMPARE_STATUSES)[number];

/**
 * Two documents side by side, as plain data: one row for each pair. What was renamed counts as that, whether or not it changed
 * too; `isChanged` says so.
 */
export interface Comparison {
  readonly summary: Readonly<Record<CompareStatus, number>>;
  /** Whether values of tensors were read. */
  readonly withValues: boolean;
  readonly pairing: Pairing;
  /** Place in COMPARE_STATUSES, by pair. */
  readonly status: Uint8Array<ArrayBuffer>;
  /** 1 where dtype, shape, kind of value or, as far as they were looked at, values differ. */
  readonly isChanged: Uint8Array<ArrayBuffer>;
  /** Of tensors whose values were compared, by pair. */
  readonly values: ReadonlyMap<number, ValueDifference>;
  /** Why values that were asked for could not be compared, by pair; these count by their structure. */
  readonly failures: ReadonlyMap<number, ErrorInfo>;
  /** Beside the entries; of formats that keep the same metadata. Not counted. */
  readonly metadata: readonly MetadataDifference[];
}

/**
 * Compares two documents of any formats. Texts and everything else that is no tensor are compared exactly; tensors by dtype and
 * shape, and by their values when these are asked for. Without values no tensor is read.
 *
 * @throws `bad-input` for a rule that is no regular expression and for values without a pool, `not-found` for a pinned key that
 * is not there, `cancelled` when the signal fires, `source` when a file cannot be read.
 */
export async function compareDocuments(a: Document, b: Document, options: CompareOptions = {}): Promise<Comparison> {
  const open = openPairing(a.state, b.state, options);
  matchTexts(open);
  if (options.contents ?? options.values) await matchContents(a, b, open, options);
  if (options.guess !== false) matchNames(open);
  const pairing = finishPairing(open);
  const isChanged = new Uint8Array(pairing.count);
  // Half a million entries of tensors would take a second to make: columns tell them.
  const lookIn = ({ state, columns }: Side): Looked => ({ state, isTensor: (row) => columns.types[row] === TENSOR });
  const [left, right] = [lookIn(open.a), lookIn(open.b)];
  for (let i = 0; i < pairing.count; i++) isChanged[i] = differs(left, right, pairing, i) ? 1 : 0;
  const { values, failures } = options.values
    ? await comparePairedValues(a, b, pairing, options.pool, options)
    : { values: new Map(), failures: new Map() };
  for (const [i, { identical }] of values) if (!identical) isChanged[i] = 1;
  return {
    ...judge(pairing, isChanged),
    withValues: options.values ?? false,
    pairing,
    isChanged,
    values,
    failures,
    metadata: compareMetadata(a, b),
  };
}

/** The same pairs after some of their values became others; no value of a tensor is read. */
export function judgeAgain(
  { pairing, isChanged: before }: Comparison,
  a: Document,
  b: Document,
  touched: readonly number[],
): Comparison {
  const isChanged = before.slice();
  const [left, right] = [lookAt(a.state), lookAt(b.state)];
  for (const i of touched) isChanged[i] = differs(left, right, pairing, i) ? 1 : 0;
  return {
    ...judge(pairing, isChanged),
    withValues: false,
    pairing,
    isChanged,
    values: new Map(),
    failures: new Map(),
    metadata: compareMetadata(a, b),
  };
}

const compareMetadata = ({ state: a }: Document, { state: b }: Document): readonly MetadataDifference[] =>
  a.format === b.format ? diffMetadata(a.metadata, b.metadata) : [];

interface Looked {
  readonly state: StateDict;
  isTensor(row: number): boolean;
}

const lookAt = (state: StateDict): Looked => ({
  state,
  isTensor: (row) => state.entries.at(row).value.type === 'tensor',
});

/** Whether a pair differs, as far as that is known without a look at values of tensors. */
function differs(a: Looked, b: Looked, pairing: Pairing, i: number): boolean {
  const [rowA, rowB] = [pairing.rowA[i]!, pairing.rowB[i]!];
  if (rowA < 0 || rowB < 0) return false;
  const [isA, isB] = [a.isTensor(rowA), b.isTensor(rowB)];
  if ((isA || isB) && pairing.flags[i]! & STRUCTURE) return true;
  if (isA) return false;
  const inPair = [a.state.entries.at(rowA).value, b.state.entries.at(rowB).value] as const;
  const [valueA, valueB] = alignNones(a.state, b.state, ...inPair);
  return isSameValue(valueA, valueB) === false;
}

const STRUCTURE = PAIR_FLAG.dtype | PAIR_FLAG.shape | PAIR_FLAG.valueType | PAIR_FLAG.transposed;
const TENSOR = VALUE_ORDER.indexOf('tensor');

function judge(pairing: Pairing, isChanged: Uint8Array): Pick<Comparison, 'summary' | 'status'> {
  const summary = { same: 0, changed: 0, added: 0, removed: 0, renamed: 0 };
  const status = new Uint8Array(pairing.count);
  for (let i = 0; i < pairing.count; i++) {
    const found = statusOf(pairing, i);
    const name =
      found === 'added' || found === 'removed'
        ? found
        : found === 'renamed' || found === 'moved'
          ? 'renamed'
          : isChanged[i]
            ? 'changed'
            : 'same';
    status[i] = COMPARE_STATUSES.indexOf(name);
    summary[name]++;
  }
  return { summary, status };
}

export const hasDifferences = ({ summary }: Pick<Comparison, 'summary'>): boolean =>
  summary.changed + summary.added + summary.removed + summary.renamed > 0;
