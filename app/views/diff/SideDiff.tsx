import { useMemo } from 'react';
import type { Value } from '../../../src-core/index.ts';
import type { EntryDetail } from '../../state/engine.ts';
import { entryDetail } from '../../state/resources.ts';
import { chooseNumbers } from '../../state/values.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Empty } from '../../ui/States.tsx';
import type { DiffSides } from './diff-sides.ts';
import { TensorDiff } from './TensorDiff.tsx';
import { TextDiff } from './TextDiff.tsx';

/** Two entries, and what is between them. */
export function SideDiff({ sides }: { readonly sides: DiffSides }) {
  const { left, right } = sides;
  const [detailA, detailB] = [entryDetail(left.document, left.entry), entryDetail(right.document, right.entry)];
  const both = useMemo(() => Promise.all([detailA, detailB]), [detailA, detailB]);
  return <Answer to={both}>{([a, b]) => <Details sides={sides} a={a} b={b} />}</Answer>;
}

interface DetailsProps {
  readonly sides: DiffSides;
  readonly a: EntryDetail;
  readonly b: EntryDetail;
}

function Details({ sides, a, b }: DetailsProps) {
  const [valueA, valueB] = [a.entry.value, b.entry.value];
  const { names } = sides;
  const [inA, inB] = [chooseNumbers(a, false), chooseNumbers(b, false)];
  if (inA && inB) return <TensorDiff sides={sides} a={a} b={b} tensorA={inA.tensor} tensorB={inB.tensor} />;
  if (isReadAsText(valueA) && isReadAsText(valueB)) return <TextDiff left={a} right={b} names={names} />;
  return (
    <Empty title="They cannot be set against each other">
      {`In ${names[0]} it is ${wordOf(valueA)}, in ${names[1]} ${wordOf(valueB)}.`}
    </Empty>
  );
}

const isReadAsText = ({ type }: Value): boolean => type !== 'tensor' && type !== 'bytes' && type !== 'opaque';

const wordOf = ({ type }: Value): string =>
  type === 'int' || type === 'empty' || type === 'opaque' ? `an ${type} value` : `a ${type}`;
