import { MERGE_CONFLICT_WORDS, type MergeConflictKind, type MergeStatus } from '../../src-core/index.ts';
import type { ComparedDocument } from '../state/engine.ts';
import type { MergeCounts, MergeVerdict } from '../state/three-way.ts';
import type { Tone } from '../ui/Badge.tsx';
import { exactCount } from '../ui/format.ts';

/** `12 changed in A, 3 in B, 1 conflict`; undefined where nothing changed. */
export function sentenceOfMerge({ a, b, both, merged, conflict }: MergeCounts): string | undefined {
  const found: readonly (readonly [count: number, words: string])[] = [
    [a, 'in A'],
    [b, 'in B'],
    [both, 'in both alike'],
    [merged, merged === 1 ? 'in both that merges' : 'in both that merge'],
  ];
  const changed = found.filter(([count]) => count > 0).map(([count, words]) => `${exactCount(count)} ${words}`);
  const [first, ...more] = changed;
  const parts = [
    ...(first === undefined ? [] : [first.replace(' ', ' changed '), ...more]),
    ...(conflict > 0 ? [conflict === 1 ? '1 conflict' : `${exactCount(conflict)} conflicts`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : undefined;
}

export const wordConflict = (kind: MergeConflictKind): string => MERGE_CONFLICT_WORDS[kind];

type Words = readonly [words: string, tone: Tone, title: string];

/** A word or two for a row, and the same in a sentence. */
export function wordMerge({ pairs }: ComparedDocument, pair: number, verdict: MergeVerdict): Words {
  const { status, conflict, isSettled } = verdict;
  if (isSettled) return ['resolved', 'good', 'Both changed it, and it was merged: what A has is what stands'];
  if (status === 'conflict') return ['conflict', 'bad', `In conflict: ${wordConflict(conflict)}`];
  if (status === 'unchanged') return ['unchanged', 'plain', 'Nobody changed it since the base'];
  if (status === 'merged')
    return ['merges', 'accent', 'Both changed it, in parts that do not touch: a merge has the changes of both'];
  const [a, b] = [pairs.rowA[pair]! >= 0, pairs.rowB[pair]! >= 0];
  const act = actOf(verdict, status, a, b);
  if (status === 'both') return [`both ${act}`, 'plain', `A and B ${act} it alike`];
  const side = status.toUpperCase();
  return [`${side} ${act}`, status === 'a' ? 'accent' : 'warn', `Only ${side} ${act} it since the base`];
}

function actOf({ rowBase }: MergeVerdict, status: MergeStatus, inA: boolean, inB: boolean): string {
  if (rowBase < 0) return 'added';
  const isGone = (status === 'a' && !inA) || (status === 'b' && !inB);
  return isGone ? 'deleted' : 'changed';
}
