/** Counts by 16-bit code as they travel: every code of a large task, only those that occur of a small one. */
export interface CodeCounts {
  /** Absent: `counts` has one number for every code. */
  readonly codes?: Uint16Array<ArrayBuffer>;
  readonly counts: Uint32Array<ArrayBuffer>;
}

const CODES = 65_536;
/** Below so many distinct codes, pairs are smaller than the table. */
const SPARSE_CODES = CODES / 4;

/** Tables are a quarter of a megabyte: they are cleared and used again, or ten thousand small tensors would each cost one. */
const spare: Uint32Array<ArrayBuffer>[] = [];
const SPARES = 8;

export const takeTable = (): Uint32Array<ArrayBuffer> => spare.pop() ?? new Uint32Array(CODES);

/** Sums two tables, into the first. */
export function collectCounts(a: Uint32Array<ArrayBuffer>, b: Uint32Array<ArrayBuffer>): CodeCounts {
  let used = 0;
  for (let code = 0; code < CODES; code++) {
    const count = (a[code] as number) + (b[code] as number);
    a[code] = count;
    if (count > 0) used++;
  }
  return used < SPARSE_CODES ? pickUsed(a, used) : { counts: a.slice() };
}

export function giveTables(...tables: readonly Uint32Array<ArrayBuffer>[]): void {
  for (const table of tables) if (spare.length < SPARES) spare.push(table.fill(0));
}

function pickUsed(table: Uint32Array, used: number): CodeCounts {
  const codes = new Uint16Array(used);
  const counts = new Uint32Array(used);
  let at = 0;
  for (let code = 0; code < CODES; code++) {
    const count = table[code] as number;
    if (count > 0) {
      codes[at] = code;
      counts[at++] = count;
    }
  }
  return { codes, counts };
}

/** Codes that occur, ascending as numbers, and how often each does. */
export interface UsedCodes {
  readonly codes: Uint16Array<ArrayBuffer>;
  readonly counts: Float64Array<ArrayBuffer>;
}

/** Counts of a whole tensor, which may pass 2^32. The table is made when a second part comes: most tensors have one. */
export class CountSum {
  #first: CodeCounts | undefined;
  #table: Float64Array<ArrayBuffer> | undefined;

  add(part: CodeCounts): void {
    if (!this.#first && !this.#table) {
      this.#first = part;
      return;
    }
    this.#table ??= new Float64Array(CODES);
    if (this.#first) addCounts(this.#table, this.#first);
    this.#first = undefined;
    addCounts(this.#table, part);
  }

  used(): UsedCodes {
    if (this.#first?.codes) return { codes: this.#first.codes, counts: Float64Array.from(this.#first.counts) };
    const table = this.#table ?? this.#first?.counts ?? new Float64Array();
    const codes = Uint16Array.from(table.keys()).filter((code) => table[code]! > 0);
    return { codes, counts: Float64Array.from(codes, (code) => table[code]!) };
  }
}

function addCounts(into: Float64Array, { codes, counts }: CodeCounts): void {
  for (let i = 0; i < counts.length; i++) {
    const code = codes ? (codes[i] as number) : i;
    into[code] = (into[code] as number) + (counts[i] as number);
  }
}
