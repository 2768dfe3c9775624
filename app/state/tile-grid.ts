import type { Span } from './shown-slice.ts';

/** A sheet cut into tiles of equal size; those at its ends are smaller. */
export interface TileGrid {
  /** Of the tile that holds a place. */
  keyAt(row: number, column: number): string;
  spansOf(key: string): { readonly rows: Span; readonly columns: Span };
  /** Tiles that touch a part of the sheet, and those beside them. */
  around(rows: Span, columns: Span): { readonly inSight: readonly string[]; readonly near: readonly string[] };
}

export function tileGrid(
  sheet: { readonly rows: number; readonly columns: number },
  tile: { readonly rows: number; readonly columns: number },
): TileGrid {
  const lastDown = Math.ceil(sheet.rows / tile.rows) - 1;
  const lastAcross = Math.ceil(sheet.columns / tile.columns) - 1;
  return {
    keyAt: (row, column) => `${Math.floor(row / tile.rows)}/${Math.floor(column / tile.columns)}`,
    spansOf(key) {
      const [down = 0, across = 0] = key.split('/').map(Number);
      return { rows: spanOf(down, tile.rows, sheet.rows), columns: spanOf(across, tile.columns, sheet.columns) };
    },
    around(rows, columns) {
      const [top, bottom] = tilesOf(rows, tile.rows);
      const [left, right] = tilesOf(columns, tile.columns);
      const inSight: string[] = [];
      const near: string[] = [];
      for (let down = Math.max(0, top - 1); down <= Math.min(lastDown, bottom + 1); down++) {
        for (let across = Math.max(0, left - 1); across <= Math.min(lastAcross, right + 1); across++) {
          const isSeen = down >= top && down <= bottom && across >= left && across <= right;
          (isSeen ? inSight : near).push(`${down}/${across}`);
        }
      }
      return { inSight, near };
    },
  };
}

const spanOf = (index: number, size: number, count: number): Span => ({
  from: index * size,
  to: Math.min(count, (index + 1) * size),
});

const tilesOf = ({ from, to }: Span, size: number): readonly [first: number, last: number] => [
  Math.floor(from / size),
  Math.floor(Math.max(from, to - 1) / size),
];
