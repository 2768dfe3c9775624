import { useCallback, useMemo } from 'react';
import { ROW_FLAG } from '../../../src-core/index.ts';
import { isCompared, useSide } from '../../state/compare.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { type Explorer, setFilter } from '../../state/explorer.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { isRun } from '../../state/tree-rows.ts';
import { Button } from '../../ui/Button.tsx';
import type { GridColumn } from '../../ui/grid-columns.ts';
import { Empty } from '../../ui/States.tsx';
import { TreeGrid } from '../../ui/TreeGrid.tsx';
import { bytesCell, kindCell, nameCell, paramsCell, shapeCell, typeCell } from './cells.tsx';
import { COLUMN_TITLES, typeWidth, useHiddenColumns } from './columns.ts';
import { pairColumns } from './pair-columns.tsx';
import { statisticColumns, tensorRow } from './statistic-columns.tsx';
import { useExplorerRows } from './use-explorer-rows.ts';

export function Tree({ explorer }: { readonly explorer: Explorer }) {
  const { document, flags, selected } = explorer;
  const { tree } = document;
  const widths = useSettings((state) => state.columnWidths);
  const hidden = useHiddenColumns(document);
  const shown = useSettings((state) => state.shownColumns);
  const [a, b] = [useSide('a'), useSide('b')];
  const rows = useExplorerRows(explorer);

  const first = useCallback((id: number) => nameCell(tree, flags, id), [tree, flags]);
  const columns = useMemo(
    () => (isCompared(document) ? pairColumns(document, [a, b]) : treeColumns(document, shown)),
    [document, shown, a, b],
  );

  return (
    <TreeGrid
      {...rows}
      label={`Modules and entries of ${document.name}`}
      firstTitle="Name"
      first={first}
      columns={columns}
      widths={widths}
      hidden={hidden}
      onResize={(column, width) => changeSettings({ columnWidths: { ...widths, [column]: width } })}
      selected={selected === 0 ? -1 : selected}
      isMuted={(id) => !isRun(id) && (tree.flags[id]! & ROW_FLAG.absent) !== 0}
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
      width: typeWidth(tree),
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
