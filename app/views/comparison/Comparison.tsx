import { useEffect, useMemo } from 'react';
import { sidesOf } from '../../state/compare.ts';
import { cancelComputation } from '../../state/computations.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import { type PairList, type PairLists, usePairLists } from '../../state/pair-lists.ts';
import { bytesOfPairs, isQuick, openPairsBelow, pairScanKey, scanPairs, usePairScan } from '../../state/pairs.ts';
import { listConflicts, type MergeCounts, useMergeCounts, useThreeWay } from '../../state/three-way.ts';
import { keyOfNode } from '../../state/tree-labels.ts';
import { Card, CardGrid } from '../../ui/Card.tsx';
import { exactCount, plural } from '../../ui/format.ts';
import { ComputeBar } from '../ComputeBar.tsx';
import { sentenceOfMerge } from '../merge-words.ts';
import { isPair, type Target } from '../view.ts';
import s from './comparison.module.css';
import { DepthChange } from './DepthChange.tsx';
import { PairTable } from './PairTable.tsx';
import { ReportMenu } from './ReportMenu.tsx';

/** What differs between two documents, or in a module of both: in words, then the pairs, the farthest apart first. */
export default function Comparison({ target }: { readonly target: Target }) {
  if (!isPair(target)) return null;
  return <Differences comparison={target.document} node={target.node} />;
}

function Differences({ comparison, node }: { readonly comparison: ComparedDocument; readonly node: number }) {
  const lists = usePairLists(comparison, node);
  const found = useThreeWay(comparison);
  const counts = useMergeCounts(comparison, node);
  const conflicts = useMemo(() => found && listConflicts(comparison, found, node), [comparison, found, node]);
  const others = listsOf(lists).filter(([, { count }]) => count > 0);
  return (
    <CardGrid>
      <Card title="What differs" aside={node === 0 ? <ReportMenu comparison={comparison} /> : undefined} wide>
        {counts ? <MergeHeadline counts={counts} /> : <Headline lists={lists} />}
        <p className={s.sentence} role="status">
          {counts ? sentenceOfBase(lists, counts, node === 0 ? (found?.pairs.gone ?? 0) : 0) : sentenceOf(lists)}
        </p>
        <ValuesBar comparison={comparison} node={node} lists={lists} />
      </Card>
      {conflicts && <PairTable title="Conflicts" comparison={comparison} list={conflicts} wide />}
      <PairTable title="Values differ" comparison={comparison} list={lists.worst} figures wide />
      {lists.worst.count > 0 && <DepthChange comparison={comparison} node={node} />}
      {others.map(([title, list], i) => (
        <PairTable
          key={title}
          title={title}
          comparison={comparison}
          list={list}
          wide={others.length % 2 === 1 && i === others.length - 1}
        />
      ))}
    </CardGrid>
  );
}

const listsOf = (lists: PairLists): readonly (readonly [title: string, list: PairList])[] => [
  ['Texts and other values differ', lists.words],
  ['Type or shape differs', lists.structure],
  ['Renamed', lists.renamed],
  ['Only in A', lists.onlyA],
  ['Only in B', lists.onlyB],
];

function MergeHeadline({ counts }: { readonly counts: MergeCounts }) {
  const figures = [
    [counts.conflict === 1 ? 'conflict' : 'conflicts', counts.conflict, 'bad'],
    ['changed in A', counts.a, 'accent'],
    ['changed in B', counts.b, 'warn'],
    ['changed alike', counts.both, 'plain'],
    ['changes that merge', counts.merged, 'plain'],
    ['unchanged', counts.unchanged, 'plain'],
  ] as const;
  return <Figures figures={figures} always={figures[0][0]} />;
}

function Headline({ lists }: { readonly lists: PairLists }) {
  const { verdicts, renamed } = lists;
  const figures = [
    ['changed', verdicts.changed, 'warn'],
    ['only in A', verdicts.removed, 'bad'],
    ['only in B', verdicts.added, 'good'],
    ['renamed', renamed.count, 'accent'],
    ['the same', verdicts.same, 'plain'],
    ['not compared yet', verdicts.unknown, 'plain'],
  ] as const;
  return <Figures figures={figures} always="changed" />;
}

interface FiguresProps {
  readonly figures: readonly (readonly [words: string, count: number, tone: string])[];
  /** Words of the one that is there when it is 0 too. */
  readonly always: string;
}

function Figures({ figures, always }: FiguresProps) {
  return (
    <ul className={s.headline}>
      {figures.map(
        ([words, count, tone]) =>
          (count > 0 || words === always) && (
            <li key={words} data-tone={count > 0 ? tone : undefined}>
              <b>{exactCount(count)}</b>
              {words}
            </li>
          ),
      )}
    </ul>
  );
}

const wordPairs = ({ pairs, tensors }: PairLists): string =>
  tensors === pairs ? plural(tensors, 'tensor') : plural(pairs, 'entry', 'entries');

/** Who changed how much since the base, in a sentence. */
function sentenceOfBase(lists: PairLists, counts: MergeCounts, gone: number): string {
  const words = sentenceOfMerge(counts);
  const more =
    gone > 0 ? ` ${plural(gone, 'entry', 'entries')} of the base ${gone === 1 ? 'is' : 'are'} in neither.` : '';
  return `${wordPairs(lists)}${words ? `: ${words}.` : ', and nobody changed any since the base.'}${more}`;
}

/** The same in a sentence, for who reads or listens. */
function sentenceOf(lists: PairLists): string {
  const { verdicts, renamed } = lists;
  const what = wordPairs(lists);
  const parts = [
    verdicts.changed > 0 && `${exactCount(verdicts.changed)} changed`,
    renamed.count > 0 && `${exactCount(renamed.count)} renamed`,
    verdicts.removed > 0 && `${exactCount(verdicts.removed)} only in A`,
    verdicts.added > 0 && `${exactCount(verdicts.added)} only in B`,
    verdicts.unknown > 0 && `${exactCount(verdicts.unknown)} not compared yet`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? `${what}: ${parts.join(', ')}.` : `${what}, and all are the same.`;
}

interface ValuesBarProps {
  readonly comparison: ComparedDocument;
  readonly node: number;
  readonly lists: PairLists;
}

/** Values are compared at once where that is quick, and when a person says so where it is not. */
function ValuesBar({ comparison, node, lists }: ValuesBarProps) {
  const scan = usePairScan(comparison, node);
  const unread = lists.verdicts.unknown;
  // biome-ignore lint/correctness/useExhaustiveDependencies: pairs that are known by now are read no more
  const bytes = useMemo(() => bytesOfPairs(comparison, openPairsBelow(comparison, node)), [comparison, node, unread]);
  const name = node === 0 ? comparison.name : keyOfNode(comparison.tree, node);
  const quick = isQuick(sidesOf(comparison), bytes);
  useEffect(() => {
    if (quick && bytes > 0) void scanPairs(comparison, node, name, false);
  }, [quick, bytes, comparison, node, name]);
  if (lists.tensors === 0 || (!scan && bytes === 0)) return null;
  return (
    <ComputeBar
      label={`Values of ${name}`}
      verb="Compare all values"
      bytes={bytes}
      computation={scan}
      result={`${plural(lists.tensors, 'tensor')} compared`}
      onStart={() => void scanPairs(comparison, node, name, true)}
      onCancel={() => cancelComputation(pairScanKey(comparison.id, node))}
    />
  );
}
