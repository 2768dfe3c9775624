import type { ChangedCell } from './compare-partial.ts';

/** Cells told of in the end. */
export const TOP_CELLS = 32;

/** The cells of the largest differences. Offered in the order of their places, of equal ones the first stay. */
export class TopCells {
  readonly #cells: ChangedCell[] = [];
  /** Only what is above it can still get in. */
  limit = 0;

  offer(cell: ChangedCell): void {
    const size = Math.abs(cell.delta);
    if (!(size > this.limit)) return;
    let place = this.#cells.length;
    while (place > 0 && Math.abs(this.#cells[place - 1]!.delta) < size) place--;
    this.#cells.splice(place, 0, cell);
    if (this.#cells.length > TOP_CELLS) this.#cells.pop();
    if (this.#cells.length === TOP_CELLS) this.limit = Math.abs(this.#cells[TOP_CELLS - 1]!.delta);
  }

  /** Largest first. */
  list(): readonly ChangedCell[] {
    return this.#cells;
  }
}
