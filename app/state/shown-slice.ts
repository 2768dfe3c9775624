/**
 * The two-dimensional part of a tensor that is on screen: every axis stands at one position, runs down, or runs across.
 * A single running axis is wrapped into rows like a text, so that a bias is read without scrolling sideways.
 */
import { formatSlice, parseSlice, type Slice, type SliceItem, sliceShape } from '../../src-core/index.ts';

export interface Shown {
  readonly slice: Slice;
  /** The axis that runs downwards; none when at most one axis runs. */
  readonly rows?: number;
  /** The axis that runs across; none for a single number. */
  readonly columns?: number;
}

export type Range = Extract<SliceItem, { kind: 'range' }>;

/** A short vector counts in tens; a longer one in hundreds, so that its picture is nearer to a square. */
const SHORT_VECTOR = 320;
const [SHORT_LINE, LONG_LINE] = [10, 100];

/**
 * What a slice shows. Of more than two running axes the last two are shown, the others stand at their first position.
 *
 * @throws `bad-input` with `at`, as `parseSlice`.
 */
export function showSlice(text: string, shape: readonly number[]): Shown {
  return showAxes(parseSlice(text, shape));
}

/** The last two axes of a tensor, at the first position of all others. */
export const showFirst = (shape: readonly number[]): Shown => showSlice('...', shape);

function showAxes(slice: Slice): Shown {
  const running = slice.flatMap((item, axis) => (item.kind === 'range' ? [axis] : []));
  const [rows, columns] = running.length > 1 ? running.slice(-2) : [undefined, running[0]];
  const fixed = slice.map((item, axis) =>
    axis === rows || axis === columns || item.kind === 'index' || item.count === 0 ? item : indexItem(item.start),
  );
  return { slice: fixed, ...(rows !== undefined && { rows }), ...(columns !== undefined && { columns }) };
}

const indexItem = (at: number): SliceItem => ({ kind: 'index', at });
const wholeItem = (count: number): SliceItem => ({ kind: 'range', start: 0, count, step: 1 });

/** As NumPy writes it: `0, :, 2:5`. */
export const shownText = ({ slice }: Shown, shape: readonly number[]): string =>
  formatSlice(slice, shape).replaceAll(',', ', ');

export const isEmpty = ({ slice }: Shown): boolean => sliceShape(slice).includes(0);

/** Puts a fixed axis at another position. */
export const setPosition = (shown: Shown, axis: number, at: number): Shown => ({
  ...shown,
  slice: shown.slice.map((item, i) => (i === axis ? indexItem(at) : item)),
});

/** Lets other axes run down and across. An axis that ran stands at its first position; one that begins to run is whole. */
export function setAxes(shown: Shown, shape: readonly number[], rows: number, columns: number): Shown {
  const slice = shown.slice.map((item, axis) => {
    const runs = axis === rows || axis === columns;
    if (runs) return item.kind === 'range' ? item : wholeItem(shape[axis] ?? 0);
    return item.kind === 'range' ? indexItem(item.start) : item;
  });
  return { slice, rows, columns };
}

/** Gives one role to an axis; the axis that had it takes the other's place where that is the one that was asked for. */
export function setAxis(shown: Shown, shape: readonly number[], role: 'rows' | 'columns', axis: number): Shown {
  const { rows, columns } = shown;
  if (rows === undefined || columns === undefined) return shown;
  if (role === 'rows') return setAxes(shown, shape, axis, axis === columns ? rows : columns);
  return setAxes(shown, shape, axis === rows ? columns : rows, axis);
}

/** How the numbers lie on screen. */
export interface Sheet {
  readonly rows: number;
  readonly columns: number;
  /** Numbers there are; fewer than rows × columns when a wrapped last row is short. */
  readonly count: number;
  readonly wrapped: boolean;
}

export function sheetOf({ slice, rows, columns }: Shown): Sheet {
  const counts = (axis: number | undefined) => (axis === undefined ? 1 : (slice[axis] as Range).count);
  if (sliceShape(slice).includes(0)) return { rows: 0, columns: 0, count: 0, wrapped: false };
  const across = counts(columns);
  if (rows !== undefined || columns === undefined) {
    return { rows: counts(rows), columns: across, count: counts(rows) * across, wrapped: false };
  }
  const line = Math.min(across, across <= SHORT_VECTOR ? SHORT_LINE : LONG_LINE);
  return { rows: Math.ceil(across / line), columns: line, count: across, wrapped: true };
}

const place = (item: SliceItem | undefined, i: number): number =>
  item === undefined ? 0 : item.kind === 'index' ? item.at : item.start + i * item.step;

/** Where in the tensor a cell is: one number for each axis. */
export function indexOfCell(shown: Shown, row: number, column: number): number[] {
  const sheet = sheetOf(shown);
  return shown.slice.map((item, axis) => {
    if (axis === shown.rows) return place(item, row);
    return place(item, axis === shown.columns && sheet.wrapped ? row * sheet.columns + column : column);
  });
}

/** The cell of a position in the tensor, or undefined when it is not in what is shown. */
export function cellOfIndex(
  shown: Shown,
  index: readonly number[],
): { readonly row: number; readonly column: number } | undefined {
  const steps = shown.slice.map((item, axis) => {
    if (item.kind === 'index') return item.at === index[axis] ? 0 : -1;
    // A step back from the start would give -0.
    const i = ((index[axis] ?? -1) - item.start) / item.step + 0;
    return Number.isInteger(i) && i < item.count ? i : -1;
  });
  if (steps.some((step) => step < 0)) return undefined;
  const across = shown.columns === undefined ? 0 : (steps[shown.columns] as number);
  const sheet = sheetOf(shown);
  if (sheet.wrapped) return { row: Math.floor(across / sheet.columns), column: across % sheet.columns };
  return { row: shown.rows === undefined ? 0 : (steps[shown.rows] as number), column: across };
}

/** What is written beside a row or over a column: its position on that axis. */
export const rowHead = (shown: Shown, row: number): number =>
  sheetOf(shown).wrapped
    ? place(shown.slice[shown.columns ?? 0], row * sheetOf(shown).columns)
    : place(shown.slice[shown.rows ?? -1], row);

/** Columns of a wrapped vector count from the row's own position: `+3`. */
export function columnHead(shown: Shown, column: number): string {
  const item = shown.slice[shown.columns ?? -1];
  if (!sheetOf(shown).wrapped || item?.kind !== 'range') return String(place(item, column));
  const away = column * item.step;
  return away < 0 ? `−${-away}` : `+${away}`;
}

/** Every `step`-th position [from, to) of a range. */
export const cutRange = (item: Range, from: number, to: number, step = 1): Range => ({
  kind: 'range',
  start: item.start + from * item.step,
  count: Math.max(0, Math.ceil((to - from) / step)),
  step: item.step * step,
});

export interface Span {
  readonly from: number;
  readonly to: number;
  /** Every `step`-th; 1 when absent. */
  readonly step?: number;
}

/** The slice of a block of the sheet. Of a wrapped vector, whole rows: all numbers of `rows`. */
export function sliceOfBlock(shown: Shown, rows: Span, columns: Span): Slice {
  const sheet = sheetOf(shown);
  return shown.slice.map((item, axis) => {
    if (item.kind === 'index') return item;
    if (axis === shown.rows) return cutRange(item, rows.from, rows.to, rows.step);
    if (axis !== shown.columns) return item;
    if (!sheet.wrapped) return cutRange(item, columns.from, columns.to, columns.step);
    return cutRange(item, rows.from * sheet.columns, Math.min(sheet.count, rows.to * sheet.columns));
  });
}
