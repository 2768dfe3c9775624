import { useCallback, useEffect, useMemo, useState } from 'react';
import type { StatisticName } from '../../../src-core/index.ts';
import { cancelComputation } from '../../state/computations.ts';
import { listSeries } from '../../state/depth.ts';
import { sortRows } from '../../state/explorer.ts';
import {
  scanKey,
  scanValues,
  tensorsBelow,
  useRestingRows,
  useScan,
  useStatistic,
  wantStatistics,
} from '../../state/scans.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { pathText } from '../../state/tree-labels.ts';
import { goTo } from '../../state/workspace.ts';
import { DataTable, type TableColumn } from '../../ui/DataTable.tsx';
import { bytesText, plural } from '../../ui/format.ts';
import { Segments } from '../../ui/Segments.tsx';
import { STATISTIC_TITLES, statisticText } from '../../ui/statistic-text.ts';
import { ComputeBar } from '../ComputeBar.tsx';
import type { Target } from '../view.ts';
import { DepthCards } from './DepthCards.tsx';
import s from './stats.module.css';

const SHOWN = ['mean', 'std', 'min', 'max', 'l2', 'zeros', 'nan', 'inf'] as const satisfies readonly StatisticName[];
const NONE: readonly string[] = [];

/** Statistics of every tensor below a module: those on screen by themselves, all of them as one task. */
export function ScanTable({ target: { document, node } }: { readonly target: Target }) {
  const { tree } = document;
  const rows = useMemo(() => tensorsBelow(document, node), [document, node]);
  const series = useMemo(() => listSeries(tree, node), [tree, node]);
  const [face, setFace] = useState<'table' | 'depth'>('table');
  const computation = useScan(document.id, node);
  const name = node === 0 ? document.name : pathText(tree, node);
  return (
    <div className={s.scan}>
      <div className={s.head}>
        {series.length > 0 && (
          <Segments
            label="Show statistics as"
            value={face}
            options={[
              ['table', 'Table'],
              ['depth', 'Over depth'],
            ]}
            onChange={setFace}
          />
        )}
        {face === 'table' && (
          <ComputeBar
            label={`Scanning ${name}`}
            verb="Scan all values"
            bytes={tree.bytes[node]!}
            computation={computation}
            result={`${plural(rows.length, 'tensor')}, ${bytesText(tree.bytes[node]!)}`}
            onStart={() => void scanValues(document, node, name)}
            onCancel={() => cancelComputation(scanKey(document.id, node))}
          />
        )}
      </div>
      {face === 'table' ? (
        <Table document={document} node={node} rows={rows} settled={computation?.status} />
      ) : (
        <div className={s.cards}>
          <DepthCards document={document} node={node} series={series} />
        </div>
      )}
    </div>
  );
}

interface TableProps {
  readonly document: Target['document'];
  readonly node: number;
  readonly rows: Uint32Array<ArrayBuffer>;
  /** Changes when more is known: rows are then put in order again. */
  readonly settled: string | undefined;
}

function Table({ document, node, rows, settled }: TableProps) {
  const { tree } = document;
  const widths = useSettings((state) => state.columnWidths);
  const [sort, setSort] = useState<{ readonly column: string; readonly descending: boolean } | null>(null);
  const [order, setOrder] = useState(rows);
  useEffect(() => {
    if (!sort || settled === 'running') return;
    let isCurrent = true;
    const column = sort.column === 'name' ? 'key' : (sort.column as StatisticName);
    void sortRows(document.id, column, sort.descending, rows).then((sorted) => isCurrent && setOrder(sorted));
    return () => {
      isCurrent = false;
    };
  }, [document.id, rows, sort, settled]);
  const shown = sort ? order : rows;
  const rowAt = useCallback((index: number) => shown[index]!, [shown]);
  const want = useCallback((wanted: readonly number[]) => void wantStatistics(document, wanted), [document]);
  const columns = useMemo<readonly TableColumn[]>(() => {
    const prefix = node === 0 ? 0 : pathText(tree, node).length + 1;
    return [
      {
        id: 'name',
        title: 'Tensor',
        width: 164,
        min: 120,
        cell: (row) => <Name text={pathText(tree, tree.nodeOfEntry[row]!).slice(prefix)} />,
      },
      ...SHOWN.map(
        (statistic): TableColumn => ({
          id: statistic,
          title: STATISTIC_TITLES[statistic],
          width: statistic === 'nan' || statistic === 'inf' ? 48 : 74,
          min: 44,
          align: 'end',
          cell: (row) => <Cell document={document.id} row={row} name={statistic} />,
        }),
      ),
    ];
  }, [document.id, tree, node]);
  return (
    <DataTable
      label="Statistics of tensors"
      count={shown.length}
      rowAt={rowAt}
      columns={columns}
      widths={widths}
      hidden={NONE}
      onResize={(column, width) => changeSettings({ columnWidths: { ...widths, [column]: width } })}
      sort={sort}
      onSort={(column, descending) => setSort(column === null ? null : { column, descending })}
      selected={-1}
      onMove={() => undefined}
      onOpen={(row) => goTo(document.id, tree.nodeOfEntry[row]!)}
      onWindow={useRestingRows(want, rowAt)}
    />
  );
}

const Name = ({ text }: { readonly text: string }) => (
  <span className={`mono ${s.key}`} title={text}>
    <bdi dir="ltr">{text}</bdi>
  </span>
);

interface CellProps {
  readonly document: number;
  readonly row: number;
  readonly name: StatisticName;
}

function Cell({ document, row, name }: CellProps) {
  const value = useStatistic(document, row, name);
  const isBad = (name === 'nan' || name === 'inf') && (value ?? 0) > 0;
  return (
    <span className={`mono ${value === undefined ? s.at : isBad ? s.bad : ''}`}>{statisticText(name, value)}</span>
  );
}
