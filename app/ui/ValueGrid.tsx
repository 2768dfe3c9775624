// biome-ignore-all lint/a11y/useSemanticElements: cells are placed by hand on a stage, which table elements do not take
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active cell
import {
  type ClipboardEvent,
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type PointerEvent,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
} from 'react';
import { type CellPlace, cellAfterKey } from './cell-keys.ts';
import type { CellBlock, CellSource, CellView } from './cell-source.ts';
import { paintCells } from './paint-cells.ts';
import { useCellWindow } from './use-cell-window.ts';
import s from './ValueGrid.module.css';

export const CELL_HEIGHT = 24;
const HEAD_HEIGHT = 26;
/** So long the numbers of the tensor before stay, while those of the next are read: most come sooner, and nothing flickers. */
const HOLD_MS = 120;

export interface GridHandle {
  /** Puts a place, in cells, in the middle. */
  centre(row: number, column: number): void;
  show(row: number, column: number): void;
  focus(): void;
}

interface ValueGridProps {
  readonly ref?: Ref<GridHandle>;
  readonly label: string;
  readonly source: CellSource;
  /** Pixels. */
  readonly columnWidth: number;
  readonly headWidth: number;
  readonly tailWidth?: number;
  /** Less room between columns. */
  readonly compact?: boolean;
  readonly selected: CellBlock | undefined;
  readonly onSelect: (block: CellBlock) => void;
  readonly onView?: (view: CellView) => void;
  /** Ctrl-C, or Copy from a menu. */
  readonly onCopy: () => void;
  /** A number is begun to be typed over the selected one. Whoever takes the focus gets the key. */
  readonly onType?: () => void;
  readonly onPaste?: (text: string) => void;
}

/** Numbers in rows and columns, millions of each. React makes the cells that fit; what they show is painted as one scrolls. */
export function ValueGrid(props: ValueGridProps) {
  const { source, columnWidth, headWidth, selected } = props;
  const gridId = useId();
  const stage = useRef<HTMLDivElement>(null);
  const holdUntil = useRef(0);
  const paint = () => {
    if (!stage.current) return;
    const { x, y } = window.offset();
    const view = paintCells(stage.current, {
      source,
      x,
      y,
      width: window.width - headWidth - window.tailWidth,
      height: window.height - HEAD_HEIGHT,
      columnWidth,
      rowHeight: CELL_HEIGHT,
      selected,
      hold: holdUntil.current > performance.now(),
      activeId: (row, column) => `${gridId}-${row}-${column}`,
    });
    props.onView?.(view);
  };
  const painter = useRef(paint);
  painter.current = paint;
  const window = useCellWindow(
    {
      rows: source.rows,
      columns: source.columns,
      rowHeight: CELL_HEIGHT,
      columnWidth,
      headHeight: HEAD_HEIGHT,
      headWidth,
      tailWidth: props.tailWidth ?? 0,
    },
    () => {
      holdUntil.current = 0;
      painter.current();
    },
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is held belongs to the source before
  useLayoutEffect(() => {
    holdUntil.current = performance.now() + HOLD_MS;
    const timer = setTimeout(() => painter.current(), HOLD_MS + 1);
    return () => clearTimeout(timer);
  }, [source]);
  useLayoutEffect(() => painter.current());
  useEffect(() => source.subscribe(() => painter.current()), [source]);

  const { tailWidth } = window;
  const pageRows = Math.max(1, Math.floor((window.height - HEAD_HEIGHT) / CELL_HEIGHT));
  const pageColumns = Math.max(1, Math.floor((window.width - headWidth - tailWidth) / columnWidth));
  const rowSlots = Math.min(source.rows, pageRows + 2);
  const columnSlots = Math.min(source.columns, pageColumns + 2);

  useImperativeHandle(props.ref, () => ({
    centre: (row, column) =>
      window.moveTo((column - pageColumns / 2) * columnWidth, (row - pageRows / 2) * CELL_HEIGHT),
    show: window.show,
    focus: () => window.scroller.current?.focus(),
  }));

  const select = ({ row, column: wished }: CellPlace, extend: boolean): void => {
    // A short last row ends before the others.
    let column = wished;
    while (column > 0 && source.cell(row, column) === 'none') column--;
    const from = extend && selected ? selected : { fromRow: row, fromColumn: column };
    window.show(row, column);
    props.onSelect({ row, column, fromRow: from.fromRow, fromColumn: from.fromColumn });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const extent = { rows: source.rows, columns: source.columns, pageRows, pageColumns };
    const next = selected ? cellAfterKey(event, selected, extent) : cellAfterKey(event, { row: 0, column: 0 }, extent);
    if (!next) {
      const begins = event.key === 'F2' || /^[\d.+\-−naiNI]$/.test(event.key);
      if (selected && begins && !event.ctrlKey && !event.metaKey && !event.altKey) {
        // F2 renames, elsewhere.
        if (event.key === 'F2') event.preventDefault();
        event.stopPropagation();
        props.onType?.();
      }
      return;
    }
    event.preventDefault();
    const first = !selected && event.key.startsWith('Arrow') ? { row: 0, column: 0 } : next;
    select(first, event.shiftKey);
  };

  const placeOf = (event: PointerEvent): CellPlace | undefined => {
    const box = window.scroller.current?.getBoundingClientRect();
    if (!box) return undefined;
    const { x, y } = window.offset();
    const [left, top] = [event.clientX - box.left - headWidth, event.clientY - box.top - HEAD_HEIGHT];
    if (left < 0 || top < 0 || left >= window.width - headWidth || top >= window.height - HEAD_HEIGHT) return undefined;
    const place = { row: Math.floor((y + top) / CELL_HEIGHT), column: Math.floor((x + left) / columnWidth) };
    return place.row < source.rows && place.column < source.columns ? place : undefined;
  };
  const onPointerDown = (event: PointerEvent) => {
    const place = event.button === 0 ? placeOf(event) : undefined;
    if (place) select(place, event.shiftKey);
  };
  const onPointerMove = (event: PointerEvent) => {
    if (event.buttons !== 1 || event.pointerType === 'touch' || !selected) return;
    const place = placeOf(event);
    if (place && (place.row !== selected.row || place.column !== selected.column)) select(place, true);
  };
  const onCopy = (event: ClipboardEvent) => {
    if (!selected) return;
    event.preventDefault();
    props.onCopy();
  };

  const onPaste = (event: ClipboardEvent) => {
    if (!selected || !props.onPaste) return;
    // Elsewhere what is pasted is opened.
    event.preventDefault();
    event.stopPropagation();
    props.onPaste(event.clipboardData.getData('text/plain'));
  };

  const active = selected && selected.row < source.rows && selected.column < source.columns ? selected : undefined;
  return (
    <div
      ref={window.scroller}
      role="grid"
      aria-label={props.label}
      aria-rowcount={source.rows + 1}
      aria-colcount={source.columns + 1}
      aria-multiselectable
      aria-activedescendant={active && `${gridId}-${active.row}-${active.column}`}
      tabIndex={0}
      className={s.grid}
      data-compact={props.compact || undefined}
      style={
        {
          '--column': `${columnWidth}px`,
          '--head': `${headWidth}px`,
          '--head-height': `${HEAD_HEIGHT}px`,
          '--cell-height': `${CELL_HEIGHT}px`,
          '--tail': `${tailWidth}px`,
        } as CSSProperties
      }
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onCopy={onCopy}
      onPaste={onPaste}
    >
      <div style={{ width: window.trackWidth, height: window.trackHeight }}>
        <div ref={stage} className={s.stage} style={{ width: window.width, height: window.height }}>
          <Slots rows={rowSlots} columns={columnSlots} tail={tailWidth > 0} />
        </div>
      </div>
    </div>
  );
}

interface SlotsProps {
  readonly rows: number;
  readonly columns: number;
  readonly tail: boolean;
}

/** Empty cells for what fits; `paintCells` fills them. */
const Slots = memo(function Slots({ rows, columns, tail }: SlotsProps) {
  const across = Array.from({ length: columns }, (_, column) => column);
  return (
    <>
      <div role="row" aria-rowindex={1} className={s.heads}>
        <div role="columnheader" aria-colindex={1} className={s.corner}>
          <span className="unseen">Position</span>
        </div>
        <div className={s.strip}>
          {across.map((column) => (
            <div key={column} role="columnheader" className={s.columnHead} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className={s.body}>
        {Array.from({ length: rows }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its place
          <div key={row} role="row" className={s.row}>
            <div role="rowheader" aria-colindex={1} className={s.rowHead} />
            <div className={s.strip}>
              {across.map((column) => (
                <div key={column} role="gridcell" className={s.cell} />
              ))}
            </div>
            {tail && <div className={s.tail} role="gridcell" />}
          </div>
        ))}
      </div>
    </>
  );
});
