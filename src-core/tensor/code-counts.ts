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

export function giveTables(...tables: readonly Uint32Array<ArrayBuffer>[]): void {
  for (const table of tables) if (spare.length < SPARES) spare.push(table.fill(0));
}

/** Sums two tables, into the first. */
export function collectCounts(a: Uint32Array<ArrayBuffer>, b: Uint32Array<ArrayBuffer>): CodeCounts {
  for (let code = 0; code < CODES; code++) a[code]! += b[code]!;
  return pickCounts(a, listUsed(a));
}

/** Of a table, the counts of the codes that occur in it. */
export function pickCounts(table: Uint32Array<ArrayBuffer>, codes: Uint16Array<ArrayBuffer>): CodeCounts {
  if (codes.length >= SPARSE_CODES) return { counts: table.slice() };
  const counts = new Uint32Array(codes.length);
  for (let i = 0; i < counts.length; i++) counts[i] = table[codes[i]!]!;
  return { codes, counts };
}

/** Ascending as numbers. */
function listUsed(table: Uint32Array | Float64Array): Uint16Array<ArrayBuffer> {
  const codes = new Uint16Array(table.length);
  let used = 0;
  for (let code = 0; code < table.length; code++) if (table[code] !== 0) codes[used++] = code;
  return codes.slice(0, used);
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
    const codes = listUsed(table);
    const counts = new Float64Array(codes.length);
    for (let i = 0; i < counts.length; i++) counts[i] = table[codes[i]!]!;
    return { codes, counts };
  }
}

function addCounts(into: Float64Array, { codes, counts }: CodeCounts): void {
  for (let i = 0; i < counts.length; i++) into[codes ? codes[i]! : i]! += counts[i]!;
}
