import { hashBytes } from '../model/labels.ts';
import type { EntryColumns } from '../model/state-dict.ts';

/** Rows by their paths, to the letter: a hundred thousand that are the same on both sides make no texts. */
export class PathIndex {
  readonly #columns: EntryColumns;
  readonly #hashes: Uint32Array;
  /** The first row of a path, + 1; 0 for a free place. */
  readonly #slots: Uint32Array;
  /** The next row of the same path; 0 for none, as no row follows itself. */
  readonly #next: Uint32Array;

  constructor(columns: EntryColumns) {
    const { count, paths, pathStart } = columns;
    this.#columns = columns;
    this.#hashes = new Uint32Array(count);
    this.#next = new Uint32Array(count);
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * count + 1)));
    // From the end, so that the first row of a path comes first.
    for (let row = count - 1; row >= 0; row--) {
      const [from, to] = [pathStart[row]!, pathStart[row + 1]!];
      const hash = hashBytes(paths, from, to);
      const slot = this.#slotOf(hash, paths, from, to);
      this.#hashes[row] = hash;
      this.#next[row] = Math.max(0, this.#slots[slot]! - 1);
      this.#slots[slot] = row + 1;
    }
  }

  /** The first row whose path is that of a row elsewhere. */
  find({ paths, pathStart }: EntryColumns, row: number): number | undefined {
    const [from, to] = [pathStart[row]!, pathStart[row + 1]!];
    const found = this.#slots[this.#slotOf(hashBytes(paths, from, to), paths, from, to)]!;
    return found === 0 ? undefined : found - 1;
  }

  next(row: number): number | undefined {
    return this.#next[row] || undefined;
  }

  /** Where the rows of a path are, or the free place where they would be. */
  #slotOf(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot]! - 1;
      if (row < 0 || (this.#hashes[row] === hash && this.#isPath(row, bytes, from, to))) return slot;
    }
  }

  #isPath(row: number, bytes: Uint8Array, from: number, to: number): boolean {
    const { paths, pathStart } = this.#columns;
    const start = pathStart[row]!;
    if (pathStart[row + 1]! - start !== to - from) return false;
    for (let i = from, at = start; i < to; i++, at++) if (paths[at] !== bytes[i]) return false;
    return true;
  }
}
