// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by hand in a scaled track, which table elements do not take
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active row
import {
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp } from 'lucide-react';
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
} from 'react';
import { ColumnHandle } from './ColumnHandle.tsx';
import s from './grid.module.css';
import { treeAct } from './tree-keys.ts';
import { useRowWindow } from './use-row-window.ts';
import { HEAD_HEIGHT, ROW_HEIGHT } from './use-tree-rows.ts';

export interface TableColumn {
  readonly id: string;
  readonly title: string;
  readonly width: number;
  readonly min: number;
  readonly align?: 'end';
  cell(row: number): ReactNode;
}

interface DataTableProps {
  readonly label: string;
  /** Rows in all; only those in view are asked for. */
  readonly count: number;
  /** Row id at a place. */
  readonly rowAt: (index: number) => number;
  readonly columns: readonly TableColumn[];
  readonly widths: Readonly<Record<string, number>>;
  readonly hidden: readonly string[];
  readonly onResize: (column: string, width: number) => void;
  readonly sort: { readonly column: string; readonly descending: boolean } | null;
  /** `null` is the file's own order. */
  readonly onSort: (column: string | null, descending: boolean) => void;
  readonly selected: number;
  readonly onMove: (row: number) => void;
  readonly onOpen: (row: number) => void;
  /** Tells which places come into view, so that their keys can be fetched. */
  readonly onWindow?: (start: number, end: number) => void;
  readonly empty?: ReactNode;
}

/** The table library owns the columns: order, size, visibility, sorting. Rows are drawn from their numbers alone. */
type NoRow = Record<string, never>;
const NO_ROWS: NoRow[] = [];

const features = tableFeatures({
  columnSizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
});
const helper = createColumnHelper<typeof features, NoRow>();

export function DataTable(props: DataTableProps) {
  const { count, rowAt, columns, widths, hidden, sort, selected, onWindow } = props;
  const window = useRowWindow(count, ROW_HEIGHT, HEAD_HEIGHT);
  const gridId = useId();
  const { start, end, show } = window;

  useEffect(() => onWindow?.(start, end), [onWindow, start, end]);

  // The index a person stands on follows clicks and keys; a new order puts it back to the top.
  const at = useRef(-1);
  const cursor = at.current >= 0 && at.current < count && rowAt(at.current) === selected ? at.current : -1;

  const indexes: number[] = [];
  for (let index = start; index < end; index++) indexes.push(index);
  const away = cursor >= 0 && (cursor < start || cursor >= end);
  if (away) indexes.push(cursor);

  const defs = useMemo(
    () =>
      helper.columns(
        columns.map((column) =>
          helper.display({
            id: column.id,
            header: column.title,
            size: column.width,
            minSize: column.min,
            maxSize: 1200,
            enableSorting: true,
          }),
        ),
      ),
    [columns],
  );

  const table = useTable({
    features,
    columns: defs,
    data: NO_ROWS,
    manualSorting: true,
    state: {
      columnSizing: { ...widths },
      columnVisibility: Object.fromEntries(hidden.map((id) => [id, false])),
      sorting: sort ? [{ id: sort.column, desc: sort.descending }] : [],
    },
  });

  const heads = table.getHeaderGroups()[0]?.headers ?? [];
  const template = heads
    .map((head, i) => (i === 0 ? `minmax(${head.getSize()}px, 1fr)` : `${head.getSize()}px`))
    .join(' ');
  const shown = useMemo(() => columns.filter((column) => !hidden.includes(column.id)), [columns, hidden]);
  const alignOf = (id: string) => columns.find((column) => column.id === id)?.align;

  const moveTo = (index: number) => {
    at.current = index;
    show(index);
    props.onMove(rowAt(index));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const act = treeAct(event, {
      index: cursor,
      count,
      page: window.page,
      expandable: false,
      expanded: false,
      parent: () => -1,
    });
    if (act?.act === 'move') moveTo(act.to);
    else if (act?.act === 'open') props.onOpen(rowAt(cursor));
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent) => {
    const row = (event.target as Element).closest<HTMLElement>('[data-index]');
    if (!row) return;
    at.current = Number(row.dataset.index);
    props.onOpen(rowAt(at.current));
  };
  const nextSort = (id: string) => {
    // Of amounts the largest are looked for; of words, the first. A second click turns it round, a third lets go.
    const first = alignOf(id) === 'end';
    if (sort?.column !== id) props.onSort(id, first);
    else if (sort.descending === first) props.onSort(id, !first);
    else props.onSort(null, false);
  };

  return (
    <div
      ref={window.scroller}
      role="grid"
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={heads.length}
      aria-activedescendant={cursor >= 0 ? `${gridId}-${selected}` : undefined}
      tabIndex={0}
      className={s.grid}
      style={{ '--row-height': `${ROW_HEIGHT}px` } as CSSProperties}
      data-sideways
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <div className={s.wide} style={{ minWidth: heads.reduce((sum, head) => sum + head.getSize() + 6, 20) }}>
        <div role="row" aria-rowindex={1} className={s.head} style={{ gridTemplateColumns: template }}>
          {heads.map((head, i) => {
            const direction =
              sort?.column === head.column.id ? (sort.descending ? 'descending' : 'ascending') : undefined;
            return (
              <span
                key={head.id}
                role="columnheader"
                aria-colindex={i + 1}
                aria-sort={direction ?? 'none'}
                className={i === 0 ? `${s.headCell} ${s.pinned}` : s.headCell}
                data-align={alignOf(head.column.id)}
              >
                <button
                  type="button"
                  className={s.sort}
                  data-sorted={direction}
                  onClick={(event) => {
                    event.stopPropagation();
                    nextSort(head.column.id);
                  }}
                >
                  <span>
                    <table.FlexRender header={head} />
                  </span>
                  {direction === 'ascending' && <ArrowUp size={11} aria-hidden="true" />}
                  {direction === 'descending' && <ArrowDown size={11} aria-hidden="true" />}
                </button>
                <ColumnHandle
                  label={String(head.column.columnDef.header)}
                  width={head.getSize()}
                  min={head.column.columnDef.minSize ?? 40}
                  edge="end"
                  onResize={(width) => props.onResize(head.column.id, width)}
                />
              </span>
            );
          })}
        </div>
        {count === 0 && props.empty}
        <div role="rowgroup" className={s.rows} style={{ height: window.height }}>
          {indexes.map((index) => {
            const row = rowAt(index);
            return (
              <Row
                key={index === cursor && away ? 'cursor' : index % window.slots}
                row={row}
                domId={`${gridId}-${row}`}
                index={index}
                top={window.topOf(index)}
                selected={row === selected}
                cursor={index === cursor}
                template={template}
                columns={shown}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  readonly row: number;
  readonly domId: string;
  readonly index: number;
  readonly top: number;
  readonly selected: boolean;
  readonly cursor: boolean;
  readonly template: string;
  readonly columns: readonly TableColumn[];
}

const Row = memo(function Row({ row, domId, index, top, selected, cursor, template, columns }: RowProps) {
  return (
    <div
      role="row"
      id={domId}
      data-index={index}
      data-cursor={cursor || undefined}
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={s.row}
      style={{ top, gridTemplateColumns: template }}
    >
      {columns.map((column, i) => (
        <div
          key={column.id}
          role="gridcell"
          aria-colindex={i + 1}
          className={i === 0 ? `${s.cell} ${s.pinned}` : s.cell}
          data-align={column.align}
        >
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
});
