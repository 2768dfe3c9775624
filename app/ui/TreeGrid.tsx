// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by hand in a scaled track, which table elements do not take
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active row
import { type CSSProperties, memo, type ReactNode } from 'react';
import { ColumnHandle } from './ColumnHandle.tsx';
import s from './grid.module.css';
import { fitColumns, type GridColumn, templateOf, widthOf } from './grid-columns.ts';
import { rowAttributes, type TreeRowPlace } from './tree-row.ts';
import { ROW_HEIGHT, type TreeRowsProps, useTreeRows } from './use-tree-rows.ts';

interface TreeGridProps extends TreeRowsProps {
  readonly label: string;
  readonly firstTitle: string;
  /** Content of the first column, after the indent. */
  readonly first: (id: number) => ReactNode;
  readonly columns: readonly GridColumn[];
  readonly widths: Readonly<Record<string, number>>;
  readonly hidden: readonly string[];
  readonly onResize: (column: string, width: number) => void;
  readonly selected: number;
  /** Faint rows: what is named but not here. */
  readonly isMuted?: (id: number) => boolean;
  readonly empty?: ReactNode;
}

export function TreeGrid(props: TreeGridProps) {
  const { model, columns, widths, hidden, cursor, cursorIndex, selected } = props;
  const { window, count, gridId, indexes, slotOf, ...events } = useTreeRows(props);
  const shown = fitColumns(columns, widths, hidden, window.width);
  const template = templateOf(shown, widths);

  return (
    <div
      ref={window.scroller}
      role="treegrid"
      aria-label={props.label}
      aria-rowcount={count + 1}
      aria-colcount={shown.length + 1}
      aria-activedescendant={cursorIndex >= 0 ? `${gridId}-${cursor}` : undefined}
      tabIndex={0}
      className={s.grid}
      style={{ '--row-height': `${ROW_HEIGHT}px` } as CSSProperties}
      {...events}
    >
      <div role="row" aria-rowindex={1} className={s.head} style={{ gridTemplateColumns: template }}>
        <span role="columnheader" aria-colindex={1} className={s.firstHead}>
          {props.firstTitle}
        </span>
        {shown.map((column, i) => (
          <span
            key={column.id}
            role="columnheader"
            aria-colindex={i + 2}
            className={s.headCell}
            data-align={column.align}
          >
            <ColumnHandle
              label={column.title}
              width={widthOf(column, widths)}
              min={column.min}
              edge="start"
              onResize={(width) => props.onResize(column.id, width)}
            />
            {column.title}
          </span>
        ))}
      </div>
      {count === 0 && props.empty}
      <div role="rowgroup" className={s.rows} style={{ height: window.height }}>
        {indexes.map((index) => {
          const id = model.ids[index]!;
          const expandable = model.isExpandable(id);
          return (
            <Row
              key={slotOf(index)}
              id={id}
              domId={`${gridId}-${id}`}
              index={index}
              top={window.topOf(index)}
              level={model.levels[index]!}
              position={model.position(index)}
              setSize={model.setSize(index)}
              expanded={expandable ? model.isExpanded(id) : undefined}
              selected={id === selected}
              cursor={id === cursor}
              muted={props.isMuted?.(id) ?? false}
              template={template}
              first={props.first}
              columns={shown}
            />
          );
        })}
      </div>
    </div>
  );
}

interface RowProps extends TreeRowPlace {
  readonly cursor: boolean;
  readonly muted: boolean;
  readonly template: string;
  readonly first: (id: number) => ReactNode;
  readonly columns: readonly GridColumn[];
}

const sameColumns = (a: readonly GridColumn[], b: readonly GridColumn[]) =>
  a.length === b.length && a.every((column, i) => column === b[i]);

const Row = memo(
  function Row(row: RowProps) {
    return (
      <div
        {...rowAttributes(row)}
        data-cursor={row.cursor || undefined}
        data-muted={row.muted || undefined}
        className={s.row}
        style={{ top: row.top, gridTemplateColumns: row.template }}
      >
        <div role="gridcell" aria-colindex={1} className={s.name} style={{ paddingLeft: (row.level - 1) * 16 }}>
          <span
            className={s.twisty}
            data-twisty={row.expanded === undefined ? undefined : ''}
            data-open={row.expanded || undefined}
          />
          {row.first(row.id)}
        </div>
        {row.columns.map((column, i) => (
          <div key={column.id} role="gridcell" aria-colindex={i + 2} className={s.cell} data-align={column.align}>
            {column.cell(row.id)}
          </div>
        ))}
      </div>
    );
  },
  (a, b) =>
    a.id === b.id &&
    a.index === b.index &&
    a.top === b.top &&
    a.level === b.level &&
    a.position === b.position &&
    a.setSize === b.setSize &&
    a.expanded === b.expanded &&
    a.selected === b.selected &&
    a.cursor === b.cursor &&
    a.muted === b.muted &&
    a.template === b.template &&
    a.first === b.first &&
    sameColumns(a.columns, b.columns),
);
