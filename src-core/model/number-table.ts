/** Some rows as columns: what crosses between threads. Plain data. */
export interface NumberBatch {
  readonly rows: Uint32Array<ArrayBuffer>;
  /** A number for each name, row after row; all NaN for a row that gives none. */
  readonly values: Float64Array<ArrayBuffer>;
}

/** Numbers by row and name. NaN: not known, or there is none (the mean of a tensor without a finite value). */
export interface NumberColumns<Name extends string> {
  numberOf(row: number, name: Name): number;
  /** Whether somebody looked, whatever came of it. */
  has(row: number): boolean;
}

/** Rows of a block: a look at what is on screen costs some 300 kB, whatever the document's size. */
const BLOCK = 4096;

/** A few numbers a row, kept for rows that were computed. Not a cache: what is in it stays. */
export class NumberTable<Name extends string> implements NumberColumns<Name> {
  readonly #blocks = new Map<number, { readonly values: Float64Array; readonly known: Uint8Array }>();
  readonly #places: ReadonlyMap<string, number>;
  readonly #width: number;
  #size = 0;

  constructor(names: readonly Name[]) {
    this.#places = new Map(names.map((name, place) => [name, place]));
    this.#width = names.length;
  }

  /** Rows known. */
  get size(): number {
    return this.#size;
  }

  has(row: number): boolean {
    return this.#blocks.get(Math.floor(row / BLOCK))?.known[row % BLOCK] === 1;
  }

  numberOf(row: number, name: string): number {
    const block = this.#blocks.get(Math.floor(row / BLOCK));
    if (block?.known[row % BLOCK] !== 1) return Number.NaN;
    return block.values[(row % BLOCK) * this.#width + (this.#places.get(name) ?? Number.NaN)] ?? Number.NaN;
  }

  /** One number for each name; without them: somebody looked, and there are none. */
  setNumbers(row: number, numbers: readonly number[] | undefined): void {
    const at = this.#place(row);
    at.values.set(numbers ?? new Float64Array(this.#width).fill(Number.NaN), at.start);
  }

  add({ rows, values }: NumberBatch): void {
    rows.forEach((row, i) => {
      const at = this.#place(row);
      at.values.set(values.subarray(i * this.#width, (i + 1) * this.#width), at.start);
    });
  }

  /** The rows of a list that are known. */
  batchOf(rows: Iterable<number>): NumberBatch {
    const known = Uint32Array.from(rows).filter((row) => this.has(row));
    const values = new Float64Array(known.length * this.#width);
    known.forEach((row, i) => {
      const { values: from, start } = this.#place(row);
      values.set(from.subarray(start, start + this.#width), i * this.#width);
    });
    return { rows: known, values };
  }

  #place(row: number): { values: Float64Array; start: number } {
    const number = Math.floor(row / BLOCK);
    let block = this.#blocks.get(number);
    if (!block) {
      block = { values: new Float64Array(BLOCK * this.#width), known: new Uint8Array(BLOCK) };
      this.#blocks.set(number, block);
    }
    if (block.known[row % BLOCK] === 0) this.#size++;
    block.known[row % BLOCK] = 1;
    return { values: block.values, start: (row % BLOCK) * this.#width };
  }
}
