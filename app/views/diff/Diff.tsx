import { useMemo } from 'react';
import type { Value } from '../../../src-core/index.ts';
import type { ComparedDocument, EntryDetail } from '../../state/engine.ts';
import { rowsOfPair } from '../../state/pair-places.ts';
import { entryDetail } from '../../state/resources.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Empty } from '../../ui/States.tsx';
import { isPair, type Target } from '../view.ts';
import { TensorDiff } from './TensorDiff.tsx';
import { TextDiff } from './TextDiff.tsx';

export default function Diff({ target }: { readonly target: Target }) {
  if (!isPair(target)) return null;
  const rows = rowsOfPair(target.document, target.node);
  if (!rows) return null;
  const { rowA, rowB } = rows;
  if (rowA < 0 || rowB < 0)
    return (
      <Empty title={rowA < 0 ? 'Only in B' : 'Only in A'}>
        {`${rowA < 0 ? 'A' : 'B'} has no entry that goes with it. Its values and facts are in the other tabs.`}
      </Empty>
    );
  return <BothSides comparison={target.document} node={target.node} rowA={rowA} rowB={rowB} />;
}

interface BothSidesProps {
  readonly comparison: ComparedDocument;
  readonly node: number;
  readonly rowA: number;
  readonly rowB: number;
}

function BothSides({ comparison, node, rowA, rowB }: BothSidesProps) {
  const { a, b } = comparison.pairs;
  const [detailA, detailB] = [entryDetail(a, rowA), entryDetail(b, rowB)];
  const both = useMemo(() => Promise.all([detailA, detailB]), [detailA, detailB]);
  return (
    <Answer to={both}>
      {([left, right]) => <Details comparison={comparison} node={node} left={left} right={right} />}
    </Answer>
  );
}

interface DetailsProps {
  readonly comparison: ComparedDocument;
  readonly node: number;
  readonly left: EntryDetail;
  readonly right: EntryDetail;
}

function Details({ comparison, node, left, right }: DetailsProps) {
  const [valueA, valueB] = [left.entry.value, right.entry.value];
  if (valueA.type === 'tensor' && valueB.type === 'tensor')
    return <TensorDiff comparison={comparison} node={node} a={left} b={right} tensorA={valueA} tensorB={valueB} />;
  if (isReadAsText(valueA) && isReadAsText(valueB)) return <TextDiff left={left} right={right} />;
  return (
    <Empty title="They cannot be set against each other">
      {`In A it is ${wordOf(valueA)}, in B ${wordOf(valueB)}.`}
    </Empty>
  );
}

const isReadAsText = ({ type }: Value): boolean => type !== 'tensor' && type !== 'bytes' && type !== 'opaque';

const wordOf = ({ type }: Value): string =>
  type === 'int' || type === 'empty' || type === 'opaque' ? `an ${type} value` : `a ${type}`;
