/** What a cell shows. */
export interface Cell {
  readonly text: string;
  /** `odd`: not a finite number. `faint`: nothing to look at. */
  readonly tone?: 'odd' | 'faint' | undefined;
  /** A CSS colour behind the text. */
  readonly ground?: string | undefined;
}

export interface CellRange {
  readonly from: number;
  readonly to: number;
}

/** Cells of a grid, of which those on screen are asked for, again and again. */
export interface CellSource {
  readonly rows: number;
  readonly columns: number;
  rowHead(row: number): string;
  columnHead(column: number): string;
  /** `waiting` until it is here; `none` where the last row is short. */
  cell(row: number, column: number): Cell | 'waiting' | 'none';
  /** More about a row, after its cells. */
  rowTail?(row: number): string;
  /** Tells what is on screen, so that it is fetched. */
  want(rows: CellRange, columns: CellRange): void;
  /** Tells when cells have come. */
  subscribe(listener: () => void): () => void;
}

/** A block of cells: from where it was begun to where the keyboard stands. */
export interface CellBlock {
  readonly row: number;
  readonly column: number;
  readonly fromRow: number;
  readonly fromColumn: number;
}

/** What is in view, in cells and parts of cells. */
export interface CellView {
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
}

/** The corners of a block, the last row and column not counted in. */
export function cornersOf({ row, column, fromRow, fromColumn }: CellBlock): {
  readonly rows: CellRange;
  readonly columns: CellRange;
} {
  return {
    rows: { from: Math.min(row, fromRow), to: Math.max(row, fromRow) + 1 },
    columns: { from: Math.min(column, fromColumn), to: Math.max(column, fromColumn) + 1 },
  };
}
