import type { ReactNode } from 'react';

export interface GridColumn {
  readonly id: string;
  readonly title: string;
  /** Pixels, until a person sets another width. */
  readonly width: number;
  readonly min: number;
  readonly align?: 'end';
  /** Which goes first when there is no room; the column without one stays. */
  readonly drop?: number;
  cell(id: number): ReactNode;
}

/** The first column takes what the others leave, and no less than this. */
export const FIRST_MIN = 150;
const GAP = 6;

/** Columns that fit beside the first: hidden ones are out, then those easiest to miss. */
export function fitColumns(
  columns: readonly GridColumn[],
  widths: Readonly<Record<string, number>>,
  hidden: readonly string[],
  available: number,
): readonly GridColumn[] {
  const kept = columns.filter((column) => !hidden.includes(column.id));
  const needs = () => kept.reduce((sum, column) => sum + widthOf(column, widths) + GAP, FIRST_MIN + 20);
  while (available > 0 && needs() > available) {
    const droppable = kept.filter((column) => column.drop !== undefined);
    if (droppable.length === 0) break;
    const first = droppable.reduce((a, b) => (b.drop! < a.drop! ? b : a));
    kept.splice(kept.indexOf(first), 1);
  }
  return kept;
}

export const widthOf = (column: GridColumn, widths: Readonly<Record<string, number>>): number =>
  Math.min(480, Math.max(column.min, widths[column.id] ?? column.width));

/** CSS grid template: the first column, then the fixed ones. */
export const templateOf = (columns: readonly GridColumn[], widths: Readonly<Record<string, number>>): string =>
  ['minmax(0, 1fr)', ...columns.map((column) => `${widthOf(column, widths)}px`)].join(' ');
