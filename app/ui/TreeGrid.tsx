// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by hand in a scaled track, which table elements do not take
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active row
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type ReactNode,
  useEffect,
  useId,
  useRef,
} from 'react';
import { ColumnHandle } from './ColumnHandle.tsx';
import s from './grid.module.css';
import { fitColumns, type GridColumn, templateOf, widthOf } from './grid-columns.ts';
import { parentIndex, treeAct } from './tree-keys.ts';
import { useRowWindow } from './use-row-window.ts';

/** Dense for a pointer that hits a pixel, roomy for a finger. */
export const ROW_HEIGHT = globalThis.matchMedia?.('(pointer: coarse)').matches ? 36 : 26;
export const HEAD_HEIGHT = 28;

/** Rows in order. Ids are numbers, so that half a million of them cost no objects. */
export interface TreeModel {
  readonly ids: ArrayLike<number>;
  /** 1-based. */
  readonly levels: ArrayLike<number>;
  position(index: number): number;
  setSize(index: number): number;
  isExpandable(id: number): boolean;
  isExpanded(id: number): boolean;
}

interface TreeGridProps {
  readonly label: string;
  readonly model: TreeModel;
  readonly firstTitle: string;
  /** Content of the first column, after the indent. */
  readonly first: (id: number) => ReactNode;
  readonly columns: readonly GridColumn[];
  readonly widths: Readonly<Record<string, number>>;
  readonly hidden: readonly string[];
  readonly onResize: (column: string, width: number) => void;
  /** Row id the keyboard stands on, and its index; -1 when it is not among the rows. */
  readonly cursor: number;
  readonly cursorIndex: number;
  readonly selected: number;
  /** Faint rows: what is named but not here. */
  readonly isMuted?: (id: number) => boolean;
  readonly onMove: (id: number) => void;
  /** Clicked, or Enter: bring it forward. */
  readonly onOpen: (id: number) => void;
  readonly onExpand: (id: number, expanded: boolean) => void;
  readonly onExpandSiblings: (id: number) => void;
  /** Row index of the next label that begins with `typed`, from `from` on; -1 when there is none. */
  readonly findTyped: (typed: string, from: number) => number;
  /** Tells which places come into view, so that what is in their columns can be fetched. */
  readonly onWindow?: (start: number, end: number) => void;
  readonly empty?: ReactNode;
}

/** Letters typed within this time belong together. */
const TYPE_AHEAD_MS = 700;

export function TreeGrid(props: TreeGridProps) {
  const { model, columns, widths, hidden, cursor, cursorIndex, selected, onWindow } = props;
  const count = model.ids.length;
  const window = useRowWindow(count, ROW_HEIGHT, HEAD_HEIGHT);
  const shown = fitColumns(columns, widths, hidden, window.width);
  const template = templateOf(shown, widths);
  const gridId = useId();
  const typed = useRef({ text: '', at: 0 });
  const { show, start, end } = window;

  useEffect(() => onWindow?.(start, end), [onWindow, start, end]);

  // Only a new cursor scrolls; opening a row above it must not.
  const indexRef = useRef(cursorIndex);
  indexRef.current = cursorIndex;
  const byKey = useRef(false);
  useEffect(() => {
    if (indexRef.current >= 0 && cursor > 0) show(indexRef.current, byKey.current ? 'nearest' : 'centre');
    byKey.current = false;
  }, [cursor, show]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const id = cursorIndex >= 0 ? model.ids[cursorIndex]! : -1;
    const act = treeAct(event, {
      index: cursorIndex,
      count,
      page: window.page,
      expandable: id >= 0 && model.isExpandable(id),
      expanded: id >= 0 && model.isExpanded(id),
      parent: () => parentIndex(model.levels, cursorIndex),
    });
    if (!act) return;
    event.preventDefault();
    const moveTo = (index: number) => {
      byKey.current = true;
      props.onMove(model.ids[index]!);
    };
    switch (act.act) {
      case 'move':
        return moveTo(act.to);
      case 'expand':
        return props.onExpand(id, act.open);
      case 'expand-siblings':
        return props.onExpandSiblings(id);
      case 'open':
        return props.onOpen(id);
      case 'type': {
        const now = Date.now();
        const again = now - typed.current.at < TYPE_AHEAD_MS;
        const text = again ? typed.current.text + act.letter : act.letter;
        typed.current = { text, at: now };
        // A first letter goes on to the next row; more letters may stay on this one.
        const found = props.findTyped(text, Math.max(0, cursorIndex) + (again ? 0 : 1));
        if (found >= 0) moveTo(found);
      }
    }
  };

  const onClick = (event: MouseEvent) => {
    const row = (event.target as Element).closest<HTMLElement>('[data-index]');
    if (!row) return;
    const id = model.ids[Number(row.dataset.index)]!;
    const onTwisty = (event.target as Element).closest('[data-twisty]') !== null;
    byKey.current = true;
    if (onTwisty && model.isExpandable(id)) return props.onExpand(id, !model.isExpanded(id));
    props.onOpen(id);
  };
  const onDoubleClick = (event: MouseEvent) => {
    const row = (event.target as Element).closest<HTMLElement>('[data-index]');
    if (!row || (event.target as Element).closest('[data-twisty]')) return;
    const id = model.ids[Number(row.dataset.index)]!;
    if (model.isExpandable(id)) props.onExpand(id, !model.isExpanded(id));
  };

  const indexes: number[] = [];
  for (let i = window.start; i < window.end; i++) indexes.push(i);
  // The row that aria-activedescendant names must exist even when it is scrolled away.
  const away = cursorIndex >= 0 && (cursorIndex < window.start || cursorIndex >= window.end);
  if (away) indexes.push(cursorIndex);

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
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
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
              key={index === cursorIndex && away ? 'cursor' : index % window.slots}
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

interface RowProps {
  readonly id: number;
  readonly domId: string;
  readonly index: number;
  readonly top: number;
  readonly level: number;
  readonly position: number;
  readonly setSize: number;
  readonly expanded: boolean | undefined;
  readonly selected: boolean;
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
        role="row"
        id={row.domId}
        data-index={row.index}
        data-cursor={row.cursor || undefined}
        data-muted={row.muted || undefined}
        aria-rowindex={row.index + 2}
        aria-level={row.level}
        aria-posinset={row.position}
        aria-setsize={row.setSize}
        aria-expanded={row.expanded}
        aria-selected={row.selected}
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
