import type { GridColumn } from './grid-columns.ts';
import { widthOf } from './grid-columns.ts';

/** Pixels of a side, and of what it shows: the rest is scrolled to. */
export interface SideRoom {
  readonly width: number;
  readonly content: number;
}

/** The key of a side takes what its columns leave, and no less than this. */
const KEY_MIN = 200;
/** Between columns, and at both ends of a row. */
const GAP = 6;
const ENDS = 20;
/** A side is never drawn narrower. */
export const SIDE_MIN = 140;

export const middleWidth = (columns: readonly GridColumn[], widths: Readonly<Record<string, number>>): number =>
  columns.reduce((sum, column) => sum + widthOf(column, widths) + GAP, GAP);

/** What both sides have beside the middle. `split`: the percentage of it that A has. */
export function layOutSides(
  room: number,
  split: number,
  columns: readonly GridColumn[],
  widths: Readonly<Record<string, number>>,
): { readonly a: SideRoom; readonly b: SideRoom } {
  const needed = columns.reduce((sum, column) => sum + widthOf(column, widths) + GAP, KEY_MIN + ENDS);
  const most = Math.max(SIDE_MIN, room - SIDE_MIN);
  const a = Math.min(most, Math.max(SIDE_MIN, Math.round((room * split) / 100)));
  const side = (width: number): SideRoom => ({ width, content: Math.max(width, needed) });
  return { a: side(a), b: side(Math.max(SIDE_MIN, room - a)) };
}
