import { dtypeLabel, familyOf, NO_SHAPE } from '../../src-core/index.ts';
import { useSide } from '../state/compare.ts';
import type { OpenedDocument } from '../state/engine.ts';
import { entryOf } from '../state/explorer.ts';
import { keyOfNode } from '../state/tree-labels.ts';
import { Badge, toneOf } from '../ui/Badge.tsx';
import { plural, shapeText } from '../ui/format.ts';
import { type PairTarget, valueTypeOf } from '../views/view.ts';
import s from './MainPane.module.css';
import { PackedFacts } from './PackedFacts.tsx';

/** What a pair is on both sides: once where they agree, with an arrow between where they do not. */
export function PairFacts({ target }: { readonly target: PairTarget }) {
  const { document, node } = target;
  const [a, b] = [useSide('a'), useSide('b')];
  const pair = entryOf(document, node);
  if (!a || !b || a.id !== document.pairs.a || b.id !== document.pairs.b) return null;
  if (pair === undefined) return <span className={s.facts}>{plural(document.tree.entries[node]!, 'pair')}</span>;
  const [rowA, rowB] = [document.pairs.rowA[pair]!, document.pairs.rowB[pair]!];
  const sides = [factsOf(a, rowA), factsOf(b, rowB)] as const;
  const [left, right] = sides;
  const only = left ?? right;
  if (!left || !right)
    return (
      <span className={s.facts}>
        {only && <TypeBadge {...only} />}
        {only?.shape && <span className="mono">{only.shape}</span>}
        <Badge tone={left ? 'bad' : 'good'}>{left ? 'only in A' : 'only in B'}</Badge>
      </span>
    );
  const title = keyOfNode(document.tree, node);
  const packed = [a, b].find(({ summary }) => summary.packed);
  return (
    <span className={s.facts}>
      <TypeBadge {...left} />
      {left.type !== right.type && (
        <>
          → <TypeBadge {...right} />
        </>
      )}
      {left.shape && <span className="mono">{left.shape}</span>}
      {left.shape !== right.shape && <span className="mono">→ {right.shape ?? 'no shape'}</span>}
      <NameOn side="A" name={left.key} title={title} />
      <NameOn side="B" name={right.key} title={title} />
      {packed && <PackedFacts document={packed} row={packed === a ? rowA : rowB} />}
    </span>
  );
}

interface NameOnProps {
  readonly side: 'A' | 'B';
  readonly name: string;
  /** What the pair is called on screen. */
  readonly title: string;
}

const NameOn = ({ side, name, title }: NameOnProps) =>
  name !== title && (
    <span className={s.renamed}>
      in {side} <span className="mono">{name}</span>
    </span>
  );

interface SideFacts {
  readonly type: string;
  readonly tone: string;
  readonly shape: string | undefined;
  readonly key: string;
}

function factsOf(document: OpenedDocument, row: number): SideFacts | undefined {
  if (row < 0) return undefined;
  const { tree } = document;
  const node = tree.nodeOfEntry[row]!;
  const dtype = tree.dtypes[tree.dtype[node]! - 1];
  const type = valueTypeOf({ document, node }) ?? '';
  const shape = tree.shape[node]!;
  return {
    type: dtype ? dtypeLabel(dtype) : type,
    tone: dtype ? familyOf(dtype) : type,
    shape: shape === NO_SHAPE ? undefined : shapeText(tree.shapes[shape]!),
    key: keyOfNode(tree, node),
  };
}

const TypeBadge = ({ type, tone }: Pick<SideFacts, 'type' | 'tone'>) => <Badge tone={toneOf(tone)}>{type}</Badge>;
