import type { CellBlock, CellSource, CellView } from './cell-source.ts';

interface PaintOptions {
  readonly source: CellSource;
  /** Pixels of the cells above and before what is seen. */
  readonly x: number;
  readonly y: number;
  /** Pixels of room for cells. */
  readonly width: number;
  readonly height: number;
  readonly columnWidth: number;
  readonly rowHeight: number;
  readonly selected: CellBlock | undefined;
  /** Cells that wait keep what they showed. */
  readonly hold: boolean;
  readonly activeId: (row: number, column: number) => string;
}

/** Fills the cells of a grid with what is on screen. Only what differs is written, so that a still frame costs nothing. */
export function paintCells(stage: HTMLElement, options: PaintOptions): CellView {
  const { source, x, y, width, height, columnWidth, rowHeight } = options;
  const [heads, body] = stage.children as unknown as [HTMLElement, HTMLElement];
  const top = Math.floor(y / rowHeight);
  const left = Math.floor(x / columnWidth);
  const view = { top: y / rowHeight, left: x / columnWidth, rows: height / rowHeight, columns: width / columnWidth };
  if (source.rows > 0 && width > 0 && height > 0) {
    source.want(
      { from: top, to: Math.min(source.rows, Math.ceil(view.top + view.rows)) },
      { from: left, to: Math.min(source.columns, Math.ceil(view.left + view.columns)) },
    );
  }
  const slide = `translateX(${left * columnWidth - x}px)`;
  const strip = heads.children[1] as HTMLElement;
  setStyle(strip, 'transform', slide);
  for (let i = 0; i < strip.children.length; i++) {
    const head = strip.children[i] as HTMLElement;
    const column = left + i;
    head.hidden = column >= source.columns;
    if (head.hidden) continue;
    setText(head, source.columnHead(column));
    setAttribute(head, 'aria-colindex', String(column + 2));
    setAttribute(head, 'data-at', options.selected?.column === column ? '' : undefined);
  }
  for (let i = 0; i < body.children.length; i++) {
    const row = body.children[i] as HTMLElement;
    row.hidden = top + i >= source.rows;
    if (row.hidden) continue;
    setStyle(row, 'transform', `translateY(${(top + i) * rowHeight - y}px)`);
    setAttribute(row, 'aria-rowindex', String(top + i + 2));
    paintRow(row, top + i, left, slide, options);
  }
  return view;
}

function paintRow(element: HTMLElement, row: number, left: number, slide: string, options: PaintOptions): void {
  const { source, selected } = options;
  const [head, strip, tail] = element.children as unknown as [HTMLElement, HTMLElement, HTMLElement | undefined];
  setText(head, source.rowHead(row));
  setAttribute(head, 'data-at', selected?.row === row ? '' : undefined);
  if (tail) {
    setText(tail, source.rowTail?.(row) ?? '');
    setAttribute(tail, 'aria-colindex', String(source.columns + 2));
  }
  setStyle(strip, 'transform', slide);
  const isInRows = selected !== undefined && isBetween(row, selected.row, selected.fromRow);
  for (let i = 0; i < strip.children.length; i++) {
    const column = left + i;
    const cell = column < source.columns ? source.cell(row, column) : 'none';
    if (cell === 'waiting' && options.hold) continue;
    const isSelected = isInRows && isBetween(column, selected.column, selected.fromColumn);
    const isActive = isInRows && row === selected.row && column === selected.column;
    const id = isActive ? options.activeId(row, column) : undefined;
    paintCell(strip.children[i] as Slot, cell, column, isSelected, id);
  }
}

/** An element that knows what it shows: asking the page is dearer than writing to it. */
interface Slot extends HTMLElement {
  painted?: string;
}

function paintCell(
  element: Slot,
  cell: ReturnType<CellSource['cell']>,
  column: number,
  isSelected: boolean,
  id: string | undefined,
): void {
  const { text = '', tone, ground = '' } = typeof cell === 'object' ? cell : {};
  const painted = `${typeof cell === 'object' ? tone : cell}|${column}|${isSelected}|${id}|${ground}|${text}`;
  if (element.painted === painted) return;
  element.painted = painted;
  element.hidden = cell === 'none';
  if (cell === 'none') return;
  setText(element, text);
  setAttribute(element, 'data-tone', cell === 'waiting' ? 'waiting' : tone);
  setAttribute(element, 'aria-colindex', String(column + 2));
  setAttribute(element, 'aria-selected', String(isSelected));
  setAttribute(element, 'data-active', id === undefined ? undefined : '');
  setAttribute(element, 'id', id);
  setStyle(element, 'backgroundColor', ground);
}

const isBetween = (value: number, a: number, b: number): boolean => value >= Math.min(a, b) && value <= Math.max(a, b);

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function setStyle(element: HTMLElement, name: 'transform' | 'backgroundColor', value: string): void {
  if (element.style[name] !== value) element.style[name] = value;
}
