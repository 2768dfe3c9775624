import type { ReactNode } from 'react';
import { PAIR_FLAG } from '../../../src-core/index.ts';
import type { ComparedDocument } from '../../state/engine.ts';
import type { PairSide } from '../../state/pair-sides.ts';
import { keyOfNode, labelOf } from '../../state/tree-labels.ts';
import { isRun, nodeOfRow } from '../../state/tree-rows.ts';
import type { GridColumn } from '../../ui/grid-columns.ts';
import type { TreeSide } from '../../ui/SideTreeGrid.tsx';
import { nameCell, shapeCell, typeCell } from './cells.tsx';
import { COLUMN_TITLES } from './columns.ts';
import s from './explorer.module.css';
import { shapeOf, typeOf } from './pair-columns.tsx';

/** One side of a comparison as a tree of its own: what it calls an entry, and what it has there. */
export function treeSide(
  comparison: ComparedDocument,
  side: PairSide,
  name: 'a' | 'b',
  hidden: readonly string[],
): TreeSide {
  const { tree } = comparison;
  const upper = name.toUpperCase();
  const columns: GridColumn[] = [
    { id: 'type', title: COLUMN_TITLES.type, width: 58, min: 40, cell: (id) => sideType(comparison, side, name, id) },
    {
      id: 'shape',
      title: COLUMN_TITLES.shape,
      width: 84,
      min: 48,
      cell: (id) => sideShape(comparison, side, name, id),
    },
  ];
  return {
    title: side.document.name,
    has: (id) => side.has(nodeOfRow(id)),
    name: (id) => (isRun(id) ? nameCell(tree, tree.flags, id) : sideName(comparison, side, id)),
    columns: columns.filter(({ id }) => !hidden.includes(id)),
    gap: `not in ${upper}`,
  };
}

/** Its own name there; the whole key where it stands in another module than its neighbours do. */
function sideName({ tree }: ComparedDocument, side: PairSide, node: number): ReactNode {
  const own = side.nodeOf(node);
  if (own === undefined) return <i className={s.quiet}>{labelOf(tree, node)}</i>;
  const { document } = side;
  if (!side.isElsewhere(node)) return nameCell(document.tree, document.tree.flags, own);
  const key = keyOfNode(document.tree, own);
  return (
    <span className={`mono ${s.elsewhere}`} title={key}>
      <bdi dir="ltr">{key}</bdi>
    </span>
  );
}

const pairAt = ({ tree, pairs }: ComparedDocument, id: number, flags: number): number => {
  const pair = isRun(id) ? -1 : tree.entry[id]!;
  return pair >= 0 && pairs.rowA[pair]! >= 0 && pairs.rowB[pair]! >= 0 && pairs.flags[pair]! & flags ? pair : -1;
};

const rowOn = ({ pairs }: ComparedDocument, name: 'a' | 'b', pair: number): number =>
  (name === 'a' ? pairs.rowA : pairs.rowB)[pair]!;

function sideType(comparison: ComparedDocument, side: PairSide, name: 'a' | 'b', id: number): ReactNode {
  const pair = pairAt(comparison, id, PAIR_FLAG.dtype | PAIR_FLAG.valueType);
  if (pair >= 0) return <Differs text={typeOf(side.document, rowOn(comparison, name, pair))} />;
  if (isRun(id)) return typeCell(comparison.tree, id);
  const own = side.nodeOf(id);
  return own === undefined ? null : typeCell(side.document.tree, own);
}

function sideShape(comparison: ComparedDocument, side: PairSide, name: 'a' | 'b', id: number): ReactNode {
  const pair = pairAt(comparison, id, PAIR_FLAG.shape);
  if (pair >= 0) return <Differs text={shapeOf(side.document, rowOn(comparison, name, pair))} />;
  const own = isRun(id) ? undefined : side.nodeOf(id);
  return own === undefined ? null : shapeCell(side.document.tree, own);
}

const Differs = ({ text }: { readonly text: string }) => (
  <span className={`mono ${s.differs}`} title={`${text}: the other side has another`}>
    {text}
  </span>
);
