/** Where a key takes the keyboard's cell in a grid (WAI-ARIA grid pattern, cell focus). */
export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

interface GridExtent {
  readonly rows: number;
  readonly columns: number;
  /** Whole rows and columns on a page. */
  readonly pageRows: number;
  readonly pageColumns: number;
}

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** The next cell, inside the grid; undefined for a key that does not move. Alt and Page go sideways. */
export function cellAfterKey(key: Key, at: CellPlace, extent: GridExtent): CellPlace | undefined {
  const { rows, columns, pageRows, pageColumns } = extent;
  const far = key.ctrlKey || key.metaKey;
  if (rows === 0 || columns === 0 || (key.altKey && !key.key.startsWith('Page'))) return undefined;
  const move = (row: number, column: number): CellPlace => ({
    row: Math.min(rows - 1, Math.max(0, row)),
    column: Math.min(columns - 1, Math.max(0, column)),
  });
  const { row, column } = at;
  switch (key.key) {
    case 'ArrowDown':
      return move(far ? rows - 1 : row + 1, column);
    case 'ArrowUp':
      return move(far ? 0 : row - 1, column);
    case 'ArrowRight':
      return move(row, far ? columns - 1 : column + 1);
    case 'ArrowLeft':
      return move(row, far ? 0 : column - 1);
    case 'PageDown':
      return key.altKey ? move(row, column + pageColumns) : move(row + pageRows, column);
    case 'PageUp':
      return key.altKey ? move(row, column - pageColumns) : move(row - pageRows, column);
    case 'Home':
      return move(far ? 0 : row, 0);
    case 'End':
      return move(far ? rows - 1 : row, columns - 1);
  }
  return undefined;
}
