import { useCallback, useMemo } from 'react';
import { ROW_FLAG } from '../../../src-core/index.ts';
import { isCompared, sidesOf, useSide } from '../../state/compare.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { type Explorer, expandRow, expandSiblings, findTyped, moveCursor, setFilter } from '../../state/explorer.ts';
import { wantPairs } from '../../state/pairs.ts';
import { useRestingRows } from '../../state/scans.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { indexOfRow, isExpandable, isExpanded, isRun } from '../../state/tree-rows.ts';
import { goTo } from '../../state/workspace.ts';
import { Button } from '../../ui/Button.tsx';
import type { GridColumn } from '../../ui/grid-columns.ts';
import { Empty } from '../../ui/States.tsx';
import { TreeGrid } from '../../ui/TreeGrid.tsx';
import { bytesCell, kindCell, nameCell, paramsCell, shapeCell, typeCell } from './cells.tsx';
import { COLUMN_TITLES, useHiddenColumns } from './columns.ts';
import { comparablePair, pairColumns } from './pair-columns.tsx';
import { statisticColumns, tensorRow, wantColumns } from './statistic-columns.tsx';

export function Tree({ explorer }: { readonly explorer: Explorer }) {
  const { document, flags, rows, open, cursor } = explorer;
  const { tree } = document;
  const widths = useSettings((state) => state.columnWidths);
  const hidden = useHiddenColumns(document);
  const shown = useSettings((state) => state.shownColumns);
  const [a, b] = [useSide('a'), useSide('b')];

  const first = useCallback((id: number) => nameCell(tree, flags, id), [tree, flags]);
  const columns = useMemo(
    () => (isCompared(document) ? pairColumns(document, [a, b]) : treeColumns(document, shown)),
    [document, shown, a, b],
  );

  const rowAt = useCallback(
    (index: number) =>
      isCompared(document) ? comparablePair(document, rows.ids[index]!) : tensorRow(tree, rows.ids[index]!),
    [document, tree, rows],
  );
  const want = useMemo(
    () =>
      isCompared(document)
        ? (pairs: readonly number[]) => void wantPairs(document, sidesOf(document), pairs)
        : wantColumns(document, shown),
    [document, shown],
  );
  const onWindow = useRestingRows(want, rowAt);

  const model = useMemo(
    () => ({
      ids: rows.ids,
      levels: rows.levels,
      position: (index: number) => rows.position(index),
      setSize: (index: number) => rows.setSize(index),
      isExpandable: (id: number) => isExpandable(tree, id),
      isExpanded: (id: number) => isExpanded(open, id, rows.filtered),
    }),
    [rows, open, tree],
  );

  return (
    <TreeGrid
      label={`Modules and entries of ${document.name}`}
      model={model}
      firstTitle="Name"
      first={first}
      columns={columns}
      widths={widths}
      hidden={hidden}
      onResize={(column, width) => changeSettings({ columnWidths: { ...widths, [column]: width } })}
      cursor={cursor}
      cursorIndex={cursor === 0 ? -1 : indexOfRow(rows, cursor)}
      selected={explorer.selected === 0 ? -1 : explorer.selected}
      isMuted={(id) => !isRun(id) && (tree.flags[id]! & ROW_FLAG.absent) !== 0}
      onMove={(id) => moveCursor(document.id, id)}
      onOpen={(id) => (isRun(id) ? expandRow(document.id, id, !isExpanded(open, id, false)) : goTo(document.id, id))}
      onExpand={(id, expanded) => expandRow(document.id, id, expanded)}
      onExpandSiblings={(id) => expandSiblings(document.id, id)}
      findTyped={(typed, from) => findTyped(explorer, typed, from)}
      onWindow={onWindow}
      empty={<NothingHere explorer={explorer} />}
    />
  );
}

/** What there is beside the name of a module or an entry. */
function treeColumns(document: OpenedDocument, shown: readonly string[]): readonly GridColumn[] {
  const { tree } = document;
  return [
    {
      id: 'kind',
      title: COLUMN_TITLES.kind,
      width: 86,
      min: 48,
      drop: 2,
      cell: (id) => kindCell(tree, id),
    },
    {
      id: 'type',
      title: COLUMN_TITLES.type,
      width: 50,
      min: 40,
      drop: 5,
      cell: (id) => typeCell(tree, id),
    },
    {
      id: 'shape',
      title: COLUMN_TITLES.shape,
      width: 90,
      min: 48,
      drop: 3,
      cell: (id) => shapeCell(tree, id),
    },
    {
      id: 'params',
      title: COLUMN_TITLES.params,
      width: 56,
      min: 44,
      drop: 4,
      align: 'end',
      cell: (id) => paramsCell(tree, id),
    },
    {
      id: 'size',
      title: COLUMN_TITLES.size,
      width: 64,
      min: 48,
      drop: 1,
      align: 'end',
      cell: (id) => bytesCell(tree, id),
    },
    ...statisticColumns(document, shown, (id) => tensorRow(tree, id)),
  ];
}

export function NothingHere({ explorer }: { readonly explorer: Explorer }) {
  if (!explorer.matches) return <Empty title="No entries">The file is readable, and holds nothing.</Empty>;
  return (
    <Empty title="Nothing matches">
      No entry matches <span className="mono">{explorer.filter}</span>.{' '}
      <Button look="link" onClick={() => setFilter(explorer.document.id, '')}>
        Clear the filter
      </Button>
    </Empty>
  );
}
