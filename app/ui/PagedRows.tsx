// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by hand in a scaled track, which table elements do not take
// biome-ignore-all lint/a11y/useFocusableInteractive: a list to be read, not a grid to be walked through: it scrolls by keyboard as a whole
import { type ReactNode, useEffect, useState } from 'react';
import s from './PagedRows.module.css';
import { useRowWindow } from './use-row-window.ts';

interface PagedRowsProps<Row> {
  readonly label: string;
  readonly count: number;
  readonly head: readonly string[];
  /** CSS grid columns of a row. */
  readonly columns: string;
  /** Pixels that a row needs; where there are fewer the rows are scrolled sideways. */
  readonly minWidth?: number;
  /** Rows [from, from + count). */
  readonly load: (from: number, count: number) => Promise<readonly Row[]>;
  readonly cells: (row: Row, index: number) => readonly ReactNode[];
}

const ROW_HEIGHT = 26;
const HEAD_HEIGHT = 28;
const PAGE = 200;

/** Any number of rows that are read as they come into view. `load` is another function when the rows are others. */
export function PagedRows<Row>({ label, count, head, columns, minWidth, load, cells }: PagedRowsProps<Row>) {
  const view = useRowWindow(count, ROW_HEIGHT, HEAD_HEIGHT);
  const rows = usePages(load, view.start, view.end, count);
  const shown = Array.from({ length: Math.max(0, view.end - view.start) }, (_, i) => view.start + i);
  return (
    <div
      ref={view.scroller}
      className={s.rows}
      role="table"
      aria-label={label}
      aria-rowcount={count + 1}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled list must be reachable by keyboard
      tabIndex={0}
    >
      <div role="row" aria-rowindex={1} className={s.head} style={{ gridTemplateColumns: columns, minWidth }}>
        {head.map((title) => (
          <span key={title} role="columnheader">
            {title}
          </span>
        ))}
      </div>
      <div role="rowgroup" className={s.track} style={{ height: view.height, minWidth }}>
        {shown.map((index) => {
          const row = rows(index);
          return (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 2}
              className={s.row}
              style={{ gridTemplateColumns: columns, transform: `translateY(${view.topOf(index)}px)` }}
            >
              {row === undefined ? (
                <span role="cell" className={s.waiting} />
              ) : (
                cells(row, index).map((cell, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
                  <span key={i} role="cell">
                    {cell}
                  </span>
                ))
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** What is known of rows around the window; pages are asked for once. */
function usePages<Row>(load: PagedRowsProps<Row>['load'], start: number, end: number, count: number) {
  const [known, setKnown] = useState<{ readonly of: unknown; readonly pages: ReadonlyMap<number, readonly Row[]> }>({
    of: load,
    pages: new Map(),
  });
  const pages: ReadonlyMap<number, readonly Row[]> =
    known.of === load ? known.pages : new Map<number, readonly Row[]>();
  const [first, last] = [Math.floor(start / PAGE), Math.floor(Math.max(start, end - 1) / PAGE)];
  useEffect(() => {
    let wanted = true;
    for (let page = first; page <= last; page++) {
      load(page * PAGE, Math.min(PAGE, count - page * PAGE)).then(
        (rows) =>
          wanted &&
          setKnown((before) => ({
            of: load,
            pages: new Map([...(before.of === load ? before.pages : []), [page, rows]]),
          })),
        () => undefined,
      );
    }
    return () => {
      wanted = false;
    };
  }, [load, first, last, count]);
  return (index: number): Row | undefined => pages.get(Math.floor(index / PAGE))?.[index % PAGE];
}
