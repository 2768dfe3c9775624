import { useCallback, useMemo } from 'react';
import type { ModuleTree } from '../../../src-core/index.ts';
import { isCompared, useSide } from '../../state/compare.ts';
import type { OpenedDocument, SortColumn } from '../../state/engine.ts';
import { type Explorer, selectEntry, sortTable } from '../../state/explorer.ts';
import { useRowAnswer, useWantedRows } from '../../state/row-answers.ts';
import { type RowKeys, useRowKeys } from '../../state/row-keys.ts';
import { useRestingRows } from '../../state/scans.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { pathText } from '../../state/tree-labels.ts';
import { goTo } from '../../state/workspace.ts';
import { DataTable, type TableColumn } from '../../ui/DataTable.tsx';
import { bytesCell, kindCell, paramsCell, shapeCell, typeCell } from './cells.tsx';
import { COLUMN_TITLES, typeWidth, useHiddenColumns } from './columns.ts';
import s from './explorer.module.css';
import { MORE_TITLES, PAIR_TITLES, pairTableColumns } from './pair-columns.tsx';
import { STATISTIC_COLUMNS, statisticColumns, tensorRow } from './statistic-columns.tsx';
import { NothingHere } from './Tree.tsx';
import { useWantedFigures } from './use-wanted-figures.ts';

/** What a column is called in the engine. */
const SORTS: Readonly<Record<string, SortColumn>> = {
  name: 'key',
  kind: 'role',
  type: 'dtype',
  shape: 'shape',
  params: 'params',
  size: 'bytes',
  ...Object.fromEntries(STATISTIC_COLUMNS.map((name) => [name, name])),
  ...Object.fromEntries(Object.keys({ ...PAIR_TITLES, ...MORE_TITLES }).map((name) => [name, name as SortColumn])),
};
const columnOf = (sort: SortColumn) => Object.keys(SORTS).find((id) => SORTS[id] === sort) ?? 'name';

export function FlatTable({ explorer }: { readonly explorer: Explorer }) {
  const { document, order, sort, selected } = explorer;
  const { tree } = document;
  const widths = useSettings((state) => state.columnWidths);
  const hidden = useHiddenColumns(document);
  const count = order ? order.length : tree.entryCount;
  const rowAt = useCallback((index: number) => (order ? order[index]! : index), [order]);
  const keys = useRowKeys(document.id);
  const shown = useSettings((state) => state.shownColumns);
  const wantKeys = useWantedRows(keys, rowAt, count);
  const [a, b] = [useSide('a'), useSide('b')];
  const want = useWantedFigures(document);
  const wantStatistics = useRestingRows(want, rowAt);
  const onWindow = useCallback(
    (start: number, end: number) => {
      wantKeys(start, end);
      wantStatistics(start, Math.min(end, count));
    },
    [wantKeys, wantStatistics, count],
  );

  const columns = useMemo<readonly TableColumn[]>(
    () => [
      {
        id: 'name',
        title: 'Key',
        width: 164,
        min: 120,
        cell: (row) => <KeyCell tree={tree} keys={keys} row={row} />,
      },
      ...(isCompared(document) ? pairTableColumns(document, [a, b]) : entryColumns(document, shown)),
    ],
    [document, tree, keys, shown, a, b],
  );

  return (
    <DataTable
      label={`Entries of ${document.name}`}
      count={count}
      rowAt={rowAt}
      columns={columns}
      widths={widths}
      hidden={hidden}
      onResize={(column, width) => changeSettings({ columnWidths: { ...widths, [column]: width } })}
      sort={sort && { column: columnOf(sort.column), descending: sort.descending }}
      onSort={(column, descending) =>
        void sortTable(document.id, column === null ? null : (SORTS[column] ?? null), descending)
      }
      selected={selected === 0 ? -1 : tree.entry[selected]!}
      onMove={(row) => selectEntry(document.id, row)}
      onOpen={(row) => goTo(document.id, tree.nodeOfEntry[row]!)}
      onWindow={onWindow}
      empty={<NothingHere explorer={explorer} />}
    />
  );
}

/** What there is of an entry beside its key. */
function entryColumns(document: OpenedDocument, shown: readonly string[]): readonly TableColumn[] {
  const { tree } = document;
  const node = (row: number) => tree.nodeOfEntry[row]!;
  return [
    { id: 'kind', title: 'Role', width: 62, min: 48, cell: (row) => kindCell(tree, node(row)) },
    {
      id: 'type',
      title: COLUMN_TITLES.type,
      width: typeWidth(tree),
      min: 44,
      cell: (row) => typeCell(tree, node(row)),
    },
    {
      id: 'shape',
      title: COLUMN_TITLES.shape,
      width: 84,
      min: 56,
      cell: (row) => shapeCell(tree, node(row)),
    },
    {
      id: 'params',
      title: COLUMN_TITLES.params,
      width: 56,
      min: 48,
      align: 'end',
      cell: (row) => paramsCell(tree, node(row)),
    },
    {
      id: 'size',
      title: COLUMN_TITLES.size,
      width: 66,
      min: 48,
      align: 'end',
      cell: (row) => bytesCell(tree, node(row)),
    },
    ...statisticColumns(document, shown, (row) => tensorRow(tree, node(row))),
  ];
}

/** The key as the file writes it; the path of the tree until it is here, so that nothing moves. */
function KeyCell({ tree, keys, row }: { readonly tree: ModuleTree; readonly keys: RowKeys; readonly row: number }) {
  const key = useRowAnswer(keys, row) ?? pathText(tree, tree.nodeOfEntry[row]!);
  return (
    <span className={`mono ${s.key}`} title={key}>
      <bdi dir="ltr">{key}</bdi>
    </span>
  );
}
