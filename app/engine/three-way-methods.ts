import {
  compareThree,
  type Document,
  joinStatus,
  keyOfRow,
  MERGE_CONFLICTS,
  MERGE_STATUSES,
  type MergeStatus,
  type ThreeWay,
} from '../../src-core/index.ts';
import type { EngineApi } from './api.ts';
import type { ThreeWayPairs } from './compare-api.ts';
import type { FindComparison, FindHeld, HeldComparison, HeldThreeWay } from './held.ts';
import { tellProgress } from './tell-progress.ts';

type ThreeWayMethods = Pick<EngineApi, 'threeWay'>;

/** What the sides of a comparison made of what they come from. */
export function threeWayMethods(find: FindHeld, findComparison: FindComparison): ThreeWayMethods {
  return {
    async threeWay({ comparison, base, settled = [] }, call = {}) {
      const held = findComparison(comparison);
      const a = find(held.pairs.a);
      const documents = {
        ...(base !== undefined && { base: find(base).document }),
        a: a.document,
        b: find(held.pairs.b).document,
      };
      const options = { ...tellProgress('Comparing with the base', call), pool: a.pool };
      const told = await compareThree(documents.base, documents.a, documents.b, options);
      const [lines, isSettled] = settle(told, documents, new Set(settled));
      held.three = arrangeByPairs(held, documents, lines, isSettled);
      const { status } = held.three.pairs;
      const { mergeOf: _, ...facts } = held.facts;
      held.facts = base === undefined ? facts : { ...facts, mergeOf: (pair) => MERGE_STATUSES[status[pair]!] };
      return held.three.pairs;
    },
  };
}

/** Lines that were merged before are A's now. */
function settle(
  told: ThreeWay,
  { base, a, b }: HeldThreeWay['documents'],
  settled: ReadonlySet<string>,
): readonly [lines: ThreeWay, isSettled: Uint8Array] {
  const isSettled = new Uint8Array(told.count);
  if (settled.size === 0) return [told, isSettled];
  const lines = { ...told, status: told.status.slice(), value: told.value.slice(), name: told.name.slice() };
  const conflict = told.conflict.slice();
  const [keyA, keyB, keyBase] = [a, b, base].map(keyReader);
  const [byA, unchanged] = [MERGE_STATUSES.indexOf('a'), MERGE_STATUSES.indexOf('unchanged')];
  for (let line = 0; line < told.count; line++) {
    const status = MERGE_STATUSES[told.status[line]!];
    if (status !== 'conflict' && status !== 'merged') continue;
    const key = keyA?.(told.rowA[line]!) ?? keyB?.(told.rowB[line]!) ?? keyBase?.(told.rowBase[line]!);
    if (key === undefined || !settled.has(key)) continue;
    isSettled[line] = 1;
    lines.status[line] = byA;
    lines.value[line] = byA;
    lines.name[line] = unchanged;
    conflict[line] = MERGE_CONFLICTS.indexOf('none');
  }
  return [{ ...lines, conflict }, isSettled];
}

function keyReader(document: Document | undefined): (row: number) => string | undefined {
  const columns = document?.state.entries.columns();
  return (row) => (row < 0 || !columns ? undefined : keyOfRow(columns, row));
}

/** A line is of the pair that its entries are in. Two sides that are paired otherwise here have a line each in one pair. */
function arrangeByPairs(
  { pairs: { count, pairOfA, pairOfB } }: HeldComparison,
  documents: HeldThreeWay['documents'],
  lines: ThreeWay,
  isSettled: Uint8Array,
): HeldThreeWay {
  const pairs: ThreeWayPairs = {
    status: new Uint8Array(count),
    conflict: new Uint8Array(count),
    settled: new Uint8Array(count),
    rowBase: new Int32Array(count).fill(-1),
    gone: lines.rowA.filter((rowA, line) => rowA < 0 && lines.rowB[line]! < 0).length,
  };
  const pairOfLine = new Int32Array(lines.count).fill(-1);
  const statusOf = (code: number): MergeStatus => MERGE_STATUSES[code] ?? 'unchanged';
  const put = (pair: number, line: number) => {
    const status = joinStatus(statusOf(pairs.status[pair]!), statusOf(lines.status[line]!));
    pairs.status[pair] = MERGE_STATUSES.indexOf(status);
    pairs.conflict[pair] ||= lines.conflict[line]!;
    pairs.settled[pair] ||= isSettled[line]!;
    if (lines.rowBase[line]! >= 0) pairs.rowBase[pair] = lines.rowBase[line]!;
  };
  for (let line = 0; line < lines.count; line++) {
    const [rowA, rowB] = [lines.rowA[line]!, lines.rowB[line]!];
    const [ofA, ofB] = [rowA < 0 ? -1 : pairOfA[rowA]!, rowB < 0 ? -1 : pairOfB[rowB]!];
    pairOfLine[line] = ofA >= 0 ? ofA : ofB;
    if (ofA >= 0) put(ofA, line);
    if (ofB >= 0 && ofB !== ofA) put(ofB, line);
  }
  return { documents, lines, pairOfLine, pairs };
}
