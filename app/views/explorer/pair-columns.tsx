import type { ReactNode } from 'react';
import { dtypeLabel, NO_SHAPE, PAIR_FLAG, VALUE_ORDER } from '../../../src-core/index.ts';
import type { ComparedDocument, OpenedDocument } from '../../state/engine.ts';
import { useBelow, useDelta, useWorst } from '../../state/pairs.ts';
import { useConflictsBelow } from '../../state/three-way.ts';
import { endOfRun, isRun, nodeOfRow } from '../../state/tree-rows.ts';
import { valueText } from '../../ui/chart-scale.ts';
import type { TableColumn } from '../../ui/DataTable.tsx';
import { exactCount, plural, shapeText } from '../../ui/format.ts';
import type { GridColumn } from '../../ui/grid-columns.ts';
import { PairBadge } from '../pair-status.tsx';
import { kindCell, shapeCell, typeCell } from './cells.tsx';
import { COLUMN_TITLES } from './columns.ts';
import s from './explorer.module.css';

/** Titles of the columns that only pairs have. */
export const PAIR_TITLES = { status: 'Status', delta: 'Max |Δ|', rel: 'Rel. L2' } as const;

/** Figures of the flat table, which has the room. */
export const MORE_TITLES = { deltaMean: 'Mean |Δ|', rms: 'RMS', cosine: 'Cosine', flips: 'Flips' } as const;

const FIGURES = [
  ['delta', PAIR_TITLES.delta],
  ['rel', PAIR_TITLES.rel],
  ...(Object.entries(MORE_TITLES) as [keyof typeof MORE_TITLES, string][]),
] as const;

/** Both documents of a comparison; absent for the moment in which another pair is made. */
export type Sides = readonly [a: OpenedDocument | undefined, b: OpenedDocument | undefined];

/** Columns of a tree of pairs. `id` is a row id of the tree. */
export function pairColumns(comparison: ComparedDocument, sides: Sides): readonly GridColumn[] {
  const { tree } = comparison;
  return [
    { id: 'kind', title: COLUMN_TITLES.kind, width: 86, min: 48, drop: 2, cell: (id) => kindCell(tree, id) },
    {
      id: 'type',
      title: COLUMN_TITLES.type,
      width: 58,
      min: 40,
      drop: 4,
      cell: (id) => pairTypeCell(comparison, sides, id),
    },
    {
      id: 'shape',
      title: COLUMN_TITLES.shape,
      width: 92,
      min: 48,
      drop: 3,
      cell: (id) => pairShapeCell(comparison, sides, id),
    },
    { id: 'status', title: PAIR_TITLES.status, width: 82, min: 56, cell: (id) => statusCell(comparison, id) },
    ...(['delta', 'rel'] as const).map(
      (name): GridColumn => ({
        id: name,
        title: PAIR_TITLES[name],
        width: 70,
        min: 50,
        drop: name === 'delta' ? 6 : 7,
        align: 'end',
        cell: (id) => deltaCell(comparison, id, name),
      }),
    ),
  ];
}

/** The same as columns of the flat table, by pair, with all figures there are. */
export function pairTableColumns(comparison: ComparedDocument, sides: Sides): readonly TableColumn[] {
  const node = (pair: number) => comparison.tree.nodeOfEntry[pair]!;
  return [
    {
      id: 'status',
      title: PAIR_TITLES.status,
      width: 84,
      min: 56,
      cell: (pair) => <PairBadge comparison={comparison} pair={pair} />,
    },
    {
      id: 'type',
      title: COLUMN_TITLES.type,
      width: 58,
      min: 44,
      cell: (pair) => pairTypeCell(comparison, sides, node(pair)),
    },
    {
      id: 'shape',
      title: COLUMN_TITLES.shape,
      width: 84,
      min: 56,
      cell: (pair) => pairShapeCell(comparison, sides, node(pair)),
    },
    ...FIGURES.map(
      ([name, title]): TableColumn => ({
        id: name,
        title,
        width: 70,
        min: 48,
        align: 'end',
        cell: (pair) =>
          comparablePair(comparison, node(pair)) < 0 ? null : (
            <DeltaCell comparison={comparison} pair={pair} name={name} />
          ),
      }),
    ),
  ];
}

/** A pair of tensors that both sides have: its row, or -1. */
export function comparablePair({ tree, pairs }: ComparedDocument, id: number): number {
  if (isRun(id) || tree.type[id] !== VALUE_ORDER.indexOf('tensor')) return -1;
  const pair = tree.entry[id]!;
  return pairs.rowA[pair]! >= 0 && pairs.rowB[pair]! >= 0 ? pair : -1;
}

export function pairTypeCell(comparison: ComparedDocument, [a, b]: Sides, id: number): ReactNode {
  const { tree, pairs } = comparison;
  const pair = isRun(id) ? -1 : tree.entry[id]!;
  if (pair < 0 || !(pairs.flags[pair]! & (PAIR_FLAG.dtype | PAIR_FLAG.valueType))) return typeCell(tree, id);
  const text = `${typeOf(a, pairs.rowA[pair]!)}→${typeOf(b, pairs.rowB[pair]!)}`;
  return (
    <span className={`mono ${s.differs}`} title={text}>
      {text}
    </span>
  );
}

export function pairShapeCell(comparison: ComparedDocument, [a, b]: Sides, id: number): ReactNode {
  const { tree, pairs } = comparison;
  const pair = isRun(id) ? -1 : tree.entry[id]!;
  if (pair < 0 || !(pairs.flags[pair]! & PAIR_FLAG.shape)) return shapeCell(tree, id);
  const text = `${shapeOf(a, pairs.rowA[pair]!)}→${shapeOf(b, pairs.rowB[pair]!)}`;
  return (
    <span className={`mono ${s.differs}`} title={text}>
      {text}
    </span>
  );
}

export function typeOf(side: OpenedDocument | undefined, row: number): string {
  if (!side) return '';
  const { tree } = side;
  const node = tree.nodeOfEntry[row]!;
  const dtype = tree.dtypes[tree.dtype[node]! - 1];
  return dtype ? dtypeLabel(dtype) : (VALUE_ORDER[tree.type[node]!] ?? '');
}

export function shapeOf(side: OpenedDocument | undefined, row: number): string {
  const shape = side?.tree.shape[side.tree.nodeOfEntry[row]!] ?? NO_SHAPE;
  return shape === NO_SHAPE ? '?' : shapeText(side?.tree.shapes[shape] ?? []);
}

export function statusCell(comparison: ComparedDocument, id: number): ReactNode {
  const { tree } = comparison;
  const node = nodeOfRow(id);
  const pair = tree.entry[node]!;
  if (!isRun(id) && pair >= 0) return <PairBadge comparison={comparison} pair={pair} />;
  return <BelowCell comparison={comparison} node={node} end={isRun(id) ? endOfRun(tree, node) : tree.end[node]!} />;
}

interface BelowCellProps {
  readonly comparison: ComparedDocument;
  readonly node: number;
  /** One past the last node it tells of: a folded run has several blocks. */
  readonly end: number;
}

/** Of a module: how many of the pairs below differ. */
function BelowCell({ comparison, node, end }: BelowCellProps) {
  const { differing, unknown, pairs } = useBelow(comparison, node, end);
  const conflicts = useConflictsBelow(comparison, node, end);
  if (conflicts)
    return (
      <span className={s.conflicts} title={`${plural(conflicts, 'conflict')}, of ${exactCount(pairs)} below`}>
        {plural(conflicts, 'conflict')}
      </span>
    );
  if (differing > 0) {
    const words = differing === 1 ? '1 differs' : `${exactCount(differing)} differ`;
    return (
      <span className={s.differs} title={`${words}, of ${exactCount(pairs)} below`}>
        {words}
      </span>
    );
  }
  return (
    <span className={s.kind} title={unknown > 0 ? `${exactCount(unknown)} below were not compared yet` : undefined}>
      {unknown > 0 ? '·' : 'same'}
    </span>
  );
}

export function deltaCell(comparison: ComparedDocument, id: number, name: 'delta' | 'rel'): ReactNode {
  const pair = isRun(id) ? -1 : comparison.tree.entry[id]!;
  if (pair >= 0) {
    return comparablePair(comparison, id) < 0 ? null : <DeltaCell comparison={comparison} pair={pair} name={name} />;
  }
  return isRun(id) ? null : <WorstCell comparison={comparison} node={id} name={name} />;
}

interface DeltaCellProps {
  readonly comparison: ComparedDocument;
  readonly pair: number;
  readonly name: 'delta' | 'rel' | keyof typeof MORE_TITLES;
}

export function DeltaCell({ comparison, pair, name }: DeltaCellProps) {
  const value = useDelta(comparison, pair, name);
  const isNothing = value === undefined || Number.isNaN(value) || value === 0;
  return (
    <span className={`mono ${isNothing ? s.quiet : name === 'delta' || name === 'rel' ? s.differs : ''}`}>
      {deltaText(name, value)}
    </span>
  );
}

/** The largest of what is below. */
function WorstCell({
  comparison,
  node,
  name,
}: {
  readonly comparison: ComparedDocument;
  readonly node: number;
  readonly name: 'delta' | 'rel';
}) {
  const value = useWorst(comparison, node, name);
  return value === 0 ? null : (
    <span className={`mono ${s.soft}`} title="The largest of what is below">
      {deltaText(name, value)}
    </span>
  );
}

function deltaText(name: string, value: number | undefined): string {
  if (value === undefined) return '·';
  if (Number.isNaN(value)) return '—';
  if (name === 'flips') return exactCount(value);
  if (name === 'cosine') return value.toFixed(5);
  return valueText(value, 3);
}
