import { useMemo, useState } from 'react';
import { VALUE_ORDER } from '../../../src-core/index.ts';
import type { ComparedDocument, DocumentId } from '../../state/engine.ts';
import { resolveNode, takesFor, useResolution } from '../../state/merging.ts';
import type { MergeVerdict } from '../../state/three-way.ts';
import { Segments } from '../../ui/Segments.tsx';
import { Empty } from '../../ui/States.tsx';
import { wordMerge } from '../merge-words.ts';
import { PairBadge } from '../pair-status.tsx';
import { ResolutionChoice } from '../resolution-choice.tsx';
import s from './diff.module.css';
import { type DiffFace, type PairRows, sidesOfFace } from './diff-sides.ts';
import { MergedText } from './MergedText.tsx';
import { SideDiff } from './SideDiff.tsx';

interface ThreeWayDiffProps {
  readonly comparison: ComparedDocument;
  readonly node: number;
  readonly rows: PairRows;
  readonly verdict: MergeVerdict;
  readonly base: DocumentId;
}

const TITLES: Readonly<Record<DiffFace, string>> = {
  merge: 'All three',
  a: 'base → A',
  b: 'base → B',
  ab: 'A → B',
};

/** A pair and what it comes from: who changed what, each against each, and what is to become of it in a merge. */
export function ThreeWayDiff({ comparison, node, rows, verdict, base }: ThreeWayDiffProps) {
  const faces = listFaces(comparison, node, rows, verdict);
  const [wanted, setWanted] = useState<DiffFace>();
  const face = faces.find((one) => one === wanted) ?? firstFace(faces, verdict);
  const [, , title] = wordMerge(comparison, rows.pair, verdict);
  return (
    <div className={s.three}>
      <div className={s.threeHead}>
        <p>
          <PairBadge comparison={comparison} pair={rows.pair} />
          <span>{title}.</span>
        </p>
        {verdict.status !== 'unchanged' && <Decision comparison={comparison} node={node} verdict={verdict} />}
        {faces.length > 1 && (
          <Segments
            label="Set against each other"
            value={face ?? 'ab'}
            options={faces.map((one) => [one, TITLES[one]] as const)}
            onChange={setWanted}
          />
        )}
      </div>
      <Face comparison={comparison} rows={rows} base={base} rowBase={verdict.rowBase} face={face} />
    </div>
  );
}

interface FaceProps {
  readonly comparison: ComparedDocument;
  readonly rows: PairRows;
  readonly base: DocumentId;
  readonly rowBase: number;
  readonly face: DiffFace | undefined;
}

function Face({ comparison, rows, base, rowBase, face }: FaceProps) {
  const { pair, rowA, rowB } = rows;
  const sides = useMemo(
    () =>
      face && face !== 'merge'
        ? sidesOfFace(comparison, { pair, rowA, rowB }, { document: base, entry: rowBase }, face)
        : undefined,
    [comparison, pair, rowA, rowB, base, rowBase, face],
  );
  if (face === 'merge') {
    const { a, b } = comparison.pairs;
    return (
      <MergedText
        base={{ document: base, entry: rowBase }}
        a={{ document: a, entry: rowA }}
        b={{ document: b, entry: rowB }}
      />
    );
  }
  if (sides) return <SideDiff sides={sides} />;
  return (
    <Empty title={rowA < 0 ? 'Only in B' : 'Only in A'}>
      There is nothing to set it against. Its values and facts are in the other tabs.
    </Empty>
  );
}

function listFaces(
  comparison: ComparedDocument,
  node: number,
  { rowA, rowB }: PairRows,
  { rowBase }: MergeVerdict,
): readonly DiffFace[] {
  const isText = comparison.tree.type[node] === VALUE_ORDER.indexOf('text');
  const [inBase, inA, inB] = [rowBase >= 0, rowA >= 0, rowB >= 0];
  return [
    ...(isText && inBase && inA && inB ? (['merge'] as const) : []),
    ...(inBase && inA ? (['a'] as const) : []),
    ...(inBase && inB ? (['b'] as const) : []),
    ...(inA && inB ? (['ab'] as const) : []),
  ];
}

/** What tells most of the verdict. */
function firstFace(faces: readonly DiffFace[], { status }: MergeVerdict): DiffFace | undefined {
  const best: readonly DiffFace[] = status === 'a' ? ['a'] : status === 'b' ? ['b'] : ['merge', 'ab', 'a', 'b'];
  return best.find((one) => faces.includes(one)) ?? faces[0];
}

const AUTOMATIC: Readonly<Record<MergeVerdict['status'], string>> = {
  unchanged: 'as it is',
  a: 'A’s, as only A changed it',
  b: 'B’s, as only B changed it',
  both: 'as both have it',
  merged: 'the changes of both',
  conflict: 'not decided: A’s stays',
};

interface DecisionProps {
  readonly comparison: ComparedDocument;
  readonly node: number;
  readonly verdict: MergeVerdict;
}

/** What becomes of it in a merge. */
function Decision({ comparison, node, verdict }: DecisionProps) {
  const resolution = useResolution(comparison, node);
  return (
    <ResolutionChoice
      label="In the merge"
      showsLabel
      value={resolution}
      takes={takesFor(comparison, node)}
      otherwise={verdict.isSettled ? 'as it was merged' : AUTOMATIC[verdict.status]}
      onChange={(next) => resolveNode(comparison, node, next)}
    />
  );
}
