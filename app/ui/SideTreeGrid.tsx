// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by hand in a scaled track, which table elements do not take
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active cell
import { type CSSProperties, type KeyboardEvent, type MouseEvent, memo, type ReactNode, useMemo, useRef } from 'react';
import { ColumnHandle } from './ColumnHandle.tsx';
import g from './grid.module.css';
import { type GridColumn, widthOf } from './grid-columns.ts';
import { SplitHandle } from './SplitHandle.tsx';
import s from './side-grid.module.css';
import { layOutSides, middleWidth, type SideRoom } from './side-layout.ts';
import { rowAttributes, type TreeRowPlace } from './tree-row.ts';
import { useSideways } from './use-sideways.ts';
import { ROW_HEIGHT, type TreeRowsProps, useTreeRows } from './use-tree-rows.ts';

type Side = 'a' | 'b';

/** One of two trees that stand row by row beside each other. */
export interface TreeSide {
  /** Over its names. */
  readonly title: string;
  has(id: number): boolean;
  /** Its name, after the indent. */
  name(id: number): ReactNode;
  readonly columns: readonly GridColumn[];
  /** What is said where it has nothing. */
  readonly gap: string;
}

interface SideTreeGridProps extends TreeRowsProps {
  readonly label: string;
  readonly a: TreeSide;
  readonly b: TreeSide;
  /** What is told of both, between them. */
  readonly middle: readonly GridColumn[];
  readonly widths: Readonly<Record<string, number>>;
  readonly onResize: (column: string, width: number) => void;
  /** Percent of the room beside the middle that A has. */
  readonly split: number;
  readonly onSplit: (percent: number) => void;
  /** Where the keyboard is. */
  readonly side: Side;
  readonly onSide: (side: Side) => void;
  readonly selected: number;
  readonly empty?: ReactNode;
}

/**
 * Two trees as one grid: rows that belong together stand on one line, with a gap where one side has none. Keys and clicks are those of
 * a tree grid; with Shift, the arrows go from one side to the other. Each side scrolls sideways by itself.
 */
export function SideTreeGrid(props: SideTreeGridProps) {
  const { a, b, middle, widths, side, split, cursor, cursorIndex } = props;
  const { window, count, gridId, indexes, slotOf, onClick, onKeyDown, onDoubleClick } = useTreeRows(props);
  const frame = useRef<HTMLDivElement>(null);
  const between = middleWidth(middle, widths);
  const beside = Math.max(0, window.width - between);
  const room = useMemo(() => layOutSides(beside, split, a.columns, widths), [beside, split, a.columns, widths]);
  const overflows = { a: room.a.content > room.a.width, b: room.b.content > room.b.width };
  const sideways = useSideways(frame, overflows);
  const columnCount = a.columns.length + middle.length + b.columns.length + 2;

  const onSideKey = (event: KeyboardEvent) => {
    const to = event.key === 'ArrowLeft' ? 'a' : event.key === 'ArrowRight' ? 'b' : undefined;
    if (event.shiftKey && to) {
      event.preventDefault();
      props.onSide(to);
    } else onKeyDown(event);
  };
  const onSideClick = (event: MouseEvent) => {
    const at = (event.target as Element).closest<HTMLElement>('[data-side]')?.dataset.side;
    if (at === 'a' || at === 'b') props.onSide(at);
    onClick(event);
  };
  const head = (of: TreeSide, name: Side, from: number) => (
    <div className={s.half} data-side={name} style={{ width: room[name].width }}>
      <div className={s.inner} style={{ width: room[name].content }}>
        <span role="columnheader" aria-colindex={from} className={`${g.firstHead} ${s.title}`} title={of.title}>
          <b aria-hidden="true">{name.toUpperCase()}</b>
          <span className="unseen">{name.toUpperCase()}: </span>
          {of.title}
        </span>
        <ColumnHeads columns={of.columns} from={from + 1} widths={widths} onResize={props.onResize} />
      </div>
    </div>
  );

  return (
    <div ref={frame} className={s.frame}>
      <div
        ref={window.scroller}
        role="treegrid"
        aria-label={props.label}
        aria-rowcount={count + 1}
        aria-colcount={columnCount}
        aria-activedescendant={cursorIndex >= 0 ? `${gridId}-${cursor}-${side}` : undefined}
        tabIndex={0}
        className={`${g.grid} ${s.grid}`}
        style={{ '--row-height': `${ROW_HEIGHT}px` } as CSSProperties}
        onKeyDown={onSideKey}
        onClick={onSideClick}
        onDoubleClick={onDoubleClick}
        onWheel={sideways.onWheel}
      >
        <div role="row" aria-rowindex={1} className={`${g.head} ${s.line}`}>
          {head(a, 'a', 1)}
          <div className={s.middle} style={{ width: between }}>
            <ColumnHeads columns={middle} from={a.columns.length + 2} widths={widths} />
          </div>
          {head(b, 'b', a.columns.length + middle.length + 2)}
        </div>
        {count === 0 && props.empty}
        <div role="rowgroup" className={g.rows} style={{ height: window.height }}>
          {indexes.map((index) => {
            const id = props.model.ids[index]!;
            const isExpandable = props.model.isExpandable(id);
            return (
              <Row
                key={slotOf(index)}
                id={id}
                domId={`${gridId}-${id}`}
                index={index}
                top={window.topOf(index)}
                level={props.model.levels[index]!}
                position={props.model.position(index)}
                setSize={props.model.setSize(index)}
                expanded={isExpandable ? props.model.isExpanded(id) : undefined}
                selected={id === props.selected}
                active={id === cursor ? side : undefined}
                a={a}
                b={b}
                middle={middle}
                widths={widths}
                roomA={room.a}
                roomB={room.b}
                between={between}
              />
            );
          })}
        </div>
      </div>
      <SplitHandle
        label="Width of A"
        at={room.a.width}
        room={beside}
        value={beside > 0 ? (room.a.width / beside) * 100 : split}
        onSplit={props.onSplit}
      />
      {(overflows.a || overflows.b) && (
        <div
          className={s.bars}
          style={{ gridTemplateColumns: `${room.a.width}px ${between}px ${room.b.width}px`, width: window.width }}
        >
          {(['a', 'b'] as const).map((name) => (
            <div
              key={name}
              ref={sideways.bars[name]}
              role="group"
              aria-label={`Scroll ${name.toUpperCase()} sideways`}
              tabIndex={overflows[name] ? 0 : -1}
              className={s.bar}
              data-side={name}
              onScroll={() => sideways.onScroll(name)}
            >
              <div style={{ width: room[name].content }} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

interface ColumnHeadsProps {
  readonly columns: readonly GridColumn[];
  readonly from: number;
  readonly widths: Readonly<Record<string, number>>;
  readonly onResize?: (column: string, width: number) => void;
}

function ColumnHeads({ columns, from, widths, onResize }: ColumnHeadsProps) {
  return columns.map((column, i) => (
    <span
      key={column.id}
      role="columnheader"
      aria-colindex={from + i}
      className={g.headCell}
      style={{ width: widthOf(column, widths) }}
      data-align={column.align}
    >
      {onResize && (
        <ColumnHandle
          label={column.title}
          width={widthOf(column, widths)}
          min={column.min}
          edge="start"
          onResize={(width) => onResize(column.id, width)}
        />
      )}
      {column.title}
    </span>
  ));
}

interface RowProps extends TreeRowPlace {
  /** The side the keyboard is on, in the row it is on. */
  readonly active: Side | undefined;
  readonly a: TreeSide;
  readonly b: TreeSide;
  readonly middle: readonly GridColumn[];
  readonly widths: Readonly<Record<string, number>>;
  readonly roomA: SideRoom;
  readonly roomB: SideRoom;
  readonly between: number;
}

const Row = memo(function Row(row: RowProps) {
  const { id, a, b, middle, widths } = row;
  const both = a.has(id) && b.has(id);
  return (
    <div
      {...rowAttributes(row)}
      data-cursor={row.active && true}
      className={`${g.row} ${s.line}`}
      style={{ top: row.top }}
    >
      <Half row={row} side="a" of={a} room={row.roomA} from={1} only={!both} />
      <div className={s.middle} style={{ width: row.between }}>
        <Cells columns={middle} id={id} from={a.columns.length + 2} widths={widths} />
      </div>
      <Half row={row} side="b" of={b} room={row.roomB} from={a.columns.length + middle.length + 2} only={!both} />
    </div>
  );
});

interface HalfProps {
  readonly row: RowProps;
  readonly side: Side;
  readonly of: TreeSide;
  readonly room: SideRoom;
  readonly from: number;
  /** The other side has nothing here, or this one. */
  readonly only: boolean;
}

function Half({ row, side, of, room, from, only }: HalfProps) {
  const cellId = `${row.domId}-${side}`;
  const isActive = row.active === side || undefined;
  if (!of.has(row.id)) {
    return (
      <div className={s.half} data-side={side} data-gap data-active={isActive} style={{ width: room.width }}>
        <div role="gridcell" id={cellId} aria-colindex={from} aria-colspan={of.columns.length + 1} className={s.gap}>
          <span className="unseen">{of.gap}</span>
        </div>
      </div>
    );
  }
  return (
    <div
      className={s.half}
      data-side={side}
      data-only={only || undefined}
      data-active={isActive}
      style={{ width: room.width }}
    >
      <div className={s.inner} style={{ width: room.content }}>
        <div
          role="gridcell"
          id={cellId}
          aria-colindex={from}
          className={g.name}
          style={{ paddingLeft: (row.level - 1) * 16 }}
        >
          <span
            className={g.twisty}
            data-twisty={row.expanded === undefined ? undefined : ''}
            data-open={row.expanded || undefined}
          />
          {of.name(row.id)}
        </div>
        <Cells columns={of.columns} id={row.id} from={from + 1} widths={row.widths} />
      </div>
    </div>
  );
}

interface CellsProps {
  readonly columns: readonly GridColumn[];
  readonly id: number;
  readonly from: number;
  readonly widths: Readonly<Record<string, number>>;
}

const Cells = ({ columns, id, from, widths }: CellsProps) =>
  columns.map((column, i) => (
    <div
      key={column.id}
      role="gridcell"
      aria-colindex={from + i}
      className={g.cell}
      style={{ width: widthOf(column, widths) }}
      data-align={column.align}
    >
      {column.cell(id)}
    </div>
  ));
