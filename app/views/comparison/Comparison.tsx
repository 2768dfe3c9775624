import { useEffect, useMemo } from 'react';
import { sidesOf } from '../../state/compare.ts';
import { cancelComputation } from '../../state/computations.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import { type PairList, type PairLists, usePairLists } from '../../state/pair-lists.ts';
import { bytesOfPairs, isQuick, openPairsBelow, pairScanKey, scanPairs, usePairScan } from '../../state/pairs.ts';
import { keyOfNode } from '../../state/tree-labels.ts';
import { Card, CardGrid } from '../../ui/Card.tsx';
import { exactCount, plural } from '../../ui/format.ts';
import { ComputeBar } from '../ComputeBar.tsx';
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
  const others = listsOf(lists).filter(([, { count }]) => count > 0);
  return (
    <CardGrid>
      <Card title="What differs" aside={node === 0 ? <ReportMenu comparison={comparison} /> : undefined} wide>
        <Headline lists={lists} />
        <p className={s.sentence} role="status">
          {sentenceOf(lists)}
        </p>
        <ValuesBar comparison={comparison} node={node} lists={lists} />
      </Card>
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
  return (
    <ul className={s.headline}>
      {figures.map(
        ([words, count, tone]) =>
          (count > 0 || words === 'changed') && (
            <li key={words} data-tone={count > 0 ? tone : undefined}>
              <b>{exactCount(count)}</b>
              {words}
            </li>
          ),
      )}
    </ul>
  );
}

/** The same in a sentence, for who reads or listens. */
function sentenceOf({ pairs, tensors, verdicts, renamed }: PairLists): string {
  const what = tensors === pairs ? plural(tensors, 'tensor') : plural(pairs, 'entry', 'entries');
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
