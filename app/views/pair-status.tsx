import { PAIR_STATUSES, type PairStatus, type Verdict } from '../../src-core/index.ts';
import type { ComparedDocument } from '../state/engine.ts';
import { useVerdict } from '../state/pairs.ts';
import { type MergeVerdict, useMergeVerdict } from '../state/three-way.ts';
import { Badge, type Tone } from '../ui/Badge.tsx';
import { wordMerge } from './merge-words.ts';
import s from './pair-status.module.css';

const WORDS: Readonly<Record<Verdict, readonly [words: string, tone: Tone, title: string]>> = {
  unknown: ['·', 'plain', 'Its values were not compared yet'],
  same: ['same', 'plain', 'Both sides are the same'],
  changed: ['changed', 'warn', 'The sides differ'],
  added: ['only in B', 'good', 'A has no such entry'],
  removed: ['only in A', 'bad', 'B has no such entry'],
};

export const statusOfPair = ({ pairs }: ComparedDocument, pair: number): PairStatus =>
  PAIR_STATUSES[pairs.status[pair]!] ?? 'same-structure';

interface PairBadgeProps {
  readonly comparison: ComparedDocument;
  readonly pair: number;
}

/** What is known of a pair: who changed it since the base, where there is one; else whether its sides differ, and whether they have one name. */
export function PairBadge({ comparison, pair }: PairBadgeProps) {
  const merge = useMergeVerdict(comparison, pair);
  return merge ? (
    <MergeBadge comparison={comparison} pair={pair} verdict={merge} />
  ) : (
    <DifferenceBadge comparison={comparison} pair={pair} />
  );
}

function MergeBadge({ comparison, pair, verdict }: PairBadgeProps & { readonly verdict: MergeVerdict }) {
  const [words, tone, title] = wordMerge(comparison, pair, verdict);
  return verdict.status === 'unchanged' ? (
    <span className={s.quiet} title={title}>
      {words}
    </span>
  ) : (
    <Badge tone={tone} title={title}>
      {words}
    </Badge>
  );
}

function DifferenceBadge({ comparison, pair }: PairBadgeProps) {
  const verdict = useVerdict(comparison, pair);
  const status = statusOfPair(comparison, pair);
  const isRenamed = status === 'renamed' || status === 'moved';
  const [words, tone, title] = WORDS[verdict];
  if (isRenamed)
    return (
      <Badge tone="accent" title={`${title}; it is called otherwise in B`}>
        {verdict === 'changed' ? `${status} ≠` : status}
      </Badge>
    );
  if (verdict === 'unknown' || verdict === 'same')
    return (
      <span className={s.quiet} title={title}>
        {words}
      </span>
    );
  return (
    <Badge tone={tone} title={title}>
      {words}
    </Badge>
  );
}
