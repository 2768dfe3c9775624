import { useMemo } from 'react';
import { useBase } from '../../state/base.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import { rowsOfPair } from '../../state/pair-places.ts';
import { useMergeVerdict } from '../../state/three-way.ts';
import { Empty } from '../../ui/States.tsx';
import { isPair, type Target } from '../view.ts';
import { type PairRows, sidesOfFace } from './diff-sides.ts';
import { SideDiff } from './SideDiff.tsx';
import { ThreeWayDiff } from './ThreeWayDiff.tsx';

export default function Diff({ target }: { readonly target: Target }) {
  if (!isPair(target)) return null;
  const rows = rowsOfPair(target.document, target.node);
  return rows ? <PairDiff comparison={target.document} node={target.node} rows={rows} /> : null;
}

interface PairDiffProps {
  readonly comparison: ComparedDocument;
  readonly node: number;
  readonly rows: PairRows;
}

function PairDiff({ comparison, node, rows }: PairDiffProps) {
  const base = useBase();
  const verdict = useMergeVerdict(comparison, rows.pair);
  const { pair, rowA, rowB } = rows;
  const sides = useMemo(
    () => sidesOfFace(comparison, { pair, rowA, rowB }, undefined, 'ab'),
    [comparison, pair, rowA, rowB],
  );
  if (base && verdict)
    return <ThreeWayDiff key={node} comparison={comparison} node={node} rows={rows} verdict={verdict} base={base.id} />;
  return sides ? <SideDiff sides={sides} /> : <OneSide rows={rows} />;
}

/** What only one side has is set against nothing. */
export const OneSide = ({ rows: { rowA } }: { readonly rows: PairRows }) => (
  <Empty title={rowA < 0 ? 'Only in B' : 'Only in A'}>
    {`${rowA < 0 ? 'A' : 'B'} has no entry that goes with it. Its values and facts are in the other tabs.`}
  </Empty>
);
